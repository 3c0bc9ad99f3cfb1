// The switch itself, for x86-64 (System V ABI) and aarch64 (AAPCS64), and the pool of stacks.
#include "common/simt/fiber.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

// The callee-saved registers are the whole context; everything else is dead across a call.
#if defined(__x86_64__)
// Ends in a jump, not in `ret`: the return-address predictor has never seen this caller.
asm(R"(
  .text
  .p2align 4
  .globl simt_switch
  .type simt_switch, @function
simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmpq *%rcx
  .size simt_switch, .-simt_switch
)");
#elif defined(__aarch64__)
asm(R"(
  .text
  .p2align 4
  .globl simt_switch
  .type simt_switch, %function
simt_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  br x30
  .size simt_switch, .-simt_switch
)");
#else
#error "The simulator's fibers know x86-64 and aarch64 only."
#endif

namespace simt {
namespace {

constexpr size_t kGuardBytes = 4096;
constexpr size_t kSlotBytes = kStackBytes + kGuardBytes;
constexpr unsigned kStacksASlab = 32;
constexpr size_t kStagger = 192;  // bytes between the tops of neighbours, within a page

}  // namespace

void* fiber_prepare(char* stack_top, void (*entry)()) {
  auto top = reinterpret_cast<uintptr_t>(stack_top) & ~uintptr_t{15};
#if defined(__x86_64__)
  // What simt_switch pops: six registers, then the address to jump to. At entry the stack pointer
  // must be 8 below a multiple of 16, as after a call.
  auto* sp = reinterpret_cast<void**>(top - 24 - 7 * sizeof(void*));
  std::memset(sp, 0, 9 * sizeof(void*));
  sp[6] = reinterpret_cast<void*>(entry);
#else
  auto* sp = reinterpret_cast<void**>(top - 160);
  std::memset(sp, 0, 160);
  sp[11] = reinterpret_cast<void*>(entry);  // x30
#endif
  return sp;
}

StackPool::~StackPool() {
  for (char* slab : slabs_) munmap(slab, kStacksASlab * kSlotBytes);
}

void StackPool::grow() {
  void* memory = mmap(nullptr, kStacksASlab * kSlotBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  char* slab = static_cast<char*>(memory);
  slabs_.push_back(slab);
  for (unsigned i = 0; i < kStacksASlab; ++i) {
    mprotect(slab + i * kSlotBytes, kGuardBytes, PROT_NONE);  // below each stack
    unsigned index = static_cast<unsigned>(tops_.size());
    tops_.push_back(slab + (i + 1) * kSlotBytes - index * kStagger % 4032);
  }
  for (unsigned i = kStacksASlab; i-- > 0;) {
    free_.push_back(static_cast<unsigned>(tops_.size()) - kStacksASlab + i);
  }
}

unsigned StackPool::take() {
  if (free_.empty()) grow();
  unsigned stack = free_.back();
  free_.pop_back();
  return stack;
}

void StackPool::give_all() {
  free_.clear();
  for (unsigned i = static_cast<unsigned>(tops_.size()); i-- > 0;) free_.push_back(i);
}

bool StackPool::in_guard(const void* p) const {
  for (const char* slab : slabs_) {
    auto offset = static_cast<size_t>(static_cast<const char*>(p) - slab);
    if (static_cast<const char*>(p) >= slab && offset < kStacksASlab * kSlotBytes) {
      return offset % kSlotBytes < kGuardBytes;
    }
  }
  return false;
}

}  // namespace simt

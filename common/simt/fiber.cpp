// The switch itself, for x86-64 (System V ABI) and aarch64 (AAPCS64), and the pool of stacks.
#include "common/simt/fiber.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

// The callee-saved registers are the whole context; everything else is dead across a call.
#if defined(__x86_64__)
// The frame is SavedFiber. It is left by a jump, not by `ret`: the return-address predictor has
// never seen this caller.
#define SIMT_SAVE  \
  "  pushq %rbp\n" \
  "  pushq %rbx\n" \
  "  pushq %r12\n" \
  "  pushq %r13\n" \
  "  pushq %r14\n" \
  "  pushq %r15\n" \
  "  subq $8, %rsp\n"
#define SIMT_RESTORE \
  "  popq %rax\n"    \
  "  popq %r15\n"    \
  "  popq %r14\n"    \
  "  popq %r13\n"    \
  "  popq %r12\n"    \
  "  popq %rbx\n"    \
  "  popq %rbp\n"    \
  "  popq %rcx\n"    \
  "  jmpq *%rcx\n"
#define SIMT_FUNCTION(name) \
  "  .text\n"               \
  "  .p2align 4\n"          \
  "  .globl " name          \
  "\n"                      \
  "  .type " name ", @function\n" name ":\n"
#define SIMT_END(name) "  .size " name ", .-" name "\n"
// (a, b) of the caller become (stack pointer, a, b) of the scheduler's function.
#define SIMT_WAIT(name, function)                   \
  SIMT_FUNCTION(name)                               \
  SIMT_SAVE                                         \
  "  movq %rsi, %rdx\n"                             \
  "  movl %edi, %esi\n"                             \
  "  movq %rsp, %rdi\n"                             \
  "  movq simt_scheduler_sp@gottpoff(%rip), %rax\n" \
  "  movq %fs:(%rax), %rsp\n"                       \
  "  call " function                                \
  "@PLT\n"                                          \
  "  movq %rax, %rsp\n" SIMT_RESTORE                \
  SIMT_END(name)
asm(SIMT_FUNCTION("simt_switch") SIMT_SAVE
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n" SIMT_RESTORE SIMT_END("simt_switch"));
asm(SIMT_FUNCTION("simt_call_on")
    "  pushq %rbp\n"
    "  movq %rsp, %rbp\n"
    "  movq %rdi, %rsp\n"
    "  movq %rdx, %rdi\n"
    "  call *%rsi\n"
    "  movq %rbp, %rsp\n"
    "  popq %rbp\n"
    "  ret\n" SIMT_END("simt_call_on"));
#elif defined(__aarch64__)
#define SIMT_SAVE                \
  "  sub sp, sp, #176\n"         \
  "  stp x19, x20, [sp, #0]\n"   \
  "  stp x21, x22, [sp, #16]\n"  \
  "  stp x23, x24, [sp, #32]\n"  \
  "  stp x25, x26, [sp, #48]\n"  \
  "  stp x27, x28, [sp, #64]\n"  \
  "  stp x29, x30, [sp, #80]\n"  \
  "  stp d8, d9, [sp, #96]\n"    \
  "  stp d10, d11, [sp, #112]\n" \
  "  stp d12, d13, [sp, #128]\n" \
  "  stp d14, d15, [sp, #144]\n"
#define SIMT_RESTORE             \
  "  ldp x19, x20, [sp, #0]\n"   \
  "  ldp x21, x22, [sp, #16]\n"  \
  "  ldp x23, x24, [sp, #32]\n"  \
  "  ldp x25, x26, [sp, #48]\n"  \
  "  ldp x27, x28, [sp, #64]\n"  \
  "  ldp x29, x30, [sp, #80]\n"  \
  "  ldp d8, d9, [sp, #96]\n"    \
  "  ldp d10, d11, [sp, #112]\n" \
  "  ldp d12, d13, [sp, #128]\n" \
  "  ldp d14, d15, [sp, #144]\n" \
  "  ldr x0, [sp, #160]\n"       \
  "  add sp, sp, #176\n"         \
  "  br x30\n"
#define SIMT_FUNCTION(name) \
  "  .text\n"               \
  "  .p2align 4\n"          \
  "  .globl " name          \
  "\n"                      \
  "  .type " name ", %function\n" name ":\n"
#define SIMT_END(name) "  .size " name ", .-" name "\n"
#define SIMT_WAIT(name, function)                      \
  SIMT_FUNCTION(name)                                  \
  SIMT_SAVE                                            \
  "  mov x2, x1\n"                                     \
  "  mov w1, w0\n"                                     \
  "  mov x0, sp\n"                                     \
  "  adrp x9, :gottprel:simt_scheduler_sp\n"           \
  "  ldr x9, [x9, :gottprel_lo12:simt_scheduler_sp]\n" \
  "  mrs x10, tpidr_el0\n"                             \
  "  ldr x9, [x10, x9]\n"                              \
  "  mov sp, x9\n"                                     \
  "  bl " function                                     \
  "\n"                                                 \
  "  mov sp, x0\n" SIMT_RESTORE                        \
  SIMT_END(name)
asm(SIMT_FUNCTION("simt_switch") SIMT_SAVE
    "  mov x9, sp\n"
    "  str x9, [x0]\n"
    "  mov sp, x1\n" SIMT_RESTORE SIMT_END("simt_switch"));
asm(SIMT_FUNCTION("simt_call_on")
    "  stp x29, x30, [sp, #-16]!\n"
    "  mov x29, sp\n"
    "  mov sp, x0\n"
    "  mov x0, x2\n"
    "  blr x1\n"
    "  mov sp, x29\n"
    "  ldp x29, x30, [sp], #16\n"
    "  ret\n" SIMT_END("simt_call_on"));
#else
#error "The simulator's fibers know x86-64 and aarch64 only."
#endif

asm(SIMT_WAIT("simt_block_barrier", "simt_at_barrier"));
asm(SIMT_WAIT("simt_warp_exchange", "simt_at_exchange"));
asm(SIMT_WAIT("simt_give_way", "simt_at_give_way"));
// The names by which kernels know them: simt::block_barrier(), simt::warp_exchange(unsigned,
// uint64_t).
asm("  .globl _ZN4simt13block_barrierEv\n"
    "  .set _ZN4simt13block_barrierEv, simt_block_barrier\n"
    "  .globl _ZN4simt13warp_exchangeEjm\n"
    "  .set _ZN4simt13warp_exchangeEjm, simt_warp_exchange\n");

__thread void* simt_scheduler_sp __attribute__((tls_model("initial-exec"))) = nullptr;

namespace simt {
namespace {

constexpr size_t kGuardBytes = 4096;
constexpr size_t kSlotBytes = kStackBytes + kGuardBytes;
constexpr unsigned kStacksASlab = 32;
constexpr size_t kStagger = 192;  // bytes between the tops of neighbours, within a page

}  // namespace

void* fiber_prepare(char* stack_top, void (*entry)()) {
  auto top = reinterpret_cast<uintptr_t>(stack_top) & ~uintptr_t{15};
  // x86-64: at entry the stack pointer is 8 below a multiple of 16, as after a call.
  constexpr uintptr_t kAfterCall = sizeof(SavedFiber) == 64 ? 24 : 32;
  auto* saved = reinterpret_cast<SavedFiber*>(top - kAfterCall - sizeof(SavedFiber));
  std::memset(static_cast<void*>(saved), 0, sizeof *saved);
  saved->resume = reinterpret_cast<void*>(entry);
  return saved;
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

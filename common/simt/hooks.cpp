// What g++ -fsanitize=thread calls at each load and store of a kernel. The program is linked
// against these functions instead of libtsan: they count.
//
// The fast path is one comparison with the entry that the lanes before this one have left, and one
// addition; everything else is AccessLog::access.
#include <cstring>

#include "common/simt/access_log.h"
#include "common/simt/device_variables.h"

namespace simt {
namespace {

#define SIMT_CALLER reinterpret_cast<uint64_t>(__builtin_return_address(0))

__attribute__((noinline)) void slow(uint64_t address, uint32_t bytes, AccessKind kind,
                                    uint64_t pc) {
  if (current_thread == nullptr) return;  // host code
  this_log->access(*this_worker, address, bytes, kind, pc);
}

inline __attribute__((always_inline)) void hook(const void* p, uint32_t bytes, AccessKind kind,
                                                uint64_t pc) {
  auto address = reinterpret_cast<uint64_t>(p);
  LogEntry* entry = log_cursor;
  if (__builtin_expect(entry->next == address && entry->pc == pc, 1)) {
    entry->next = address + static_cast<uint64_t>(entry->stride);
    log_cursor = entry + 1;
    return;
  }
  if (in_arena(p) || in_device_variables(address)) slow(address, bytes, kind, pc);
}

// An access of any size, in pieces of at most `widest` bytes that are aligned to their width.
void hook_range(const void* p, size_t bytes, AccessKind kind, uint64_t pc, uint64_t widest = 16) {
  auto address = reinterpret_cast<uint64_t>(p);
  if (!in_arena(p) && !in_device_variables(address)) return;
  for (uint64_t piece = 0; bytes != 0; ++piece) {
    uint64_t width = address % 16 == 0 ? 16 : address & -address;
    while (width > bytes || width > widest) width /= 2;
    hook(reinterpret_cast<const void*>(address), static_cast<uint32_t>(width), kind,
         pc | piece << 48);  // each piece is an instruction of its own
    address += width;
    bytes -= width;
  }
}

// The widest access that the size of a type allows: 4 bytes for a float3, wherever it lies.
uint64_t widest_of(size_t bytes) {
  uint64_t power = bytes & -bytes;
  return power < 16 ? power : 16;
}

}  // namespace

void count_access(const void* p, unsigned bytes, int kind) {
  hook(p, bytes, static_cast<AccessKind>(kind), SIMT_CALLER);
}

}  // namespace simt

using simt::AccessKind;

extern "C" {

// A thread may be waiting for another to write what it reads.
#define SIMT_VOLATILE_READ(N)                       \
  simt::hook(p, N, AccessKind::kLoad, SIMT_CALLER); \
  if (simt::in_arena(p) && simt::in_kernel()) simt::spin_yield();
#define SIMT_READ_WRITE(N)                          \
  simt::hook(p, N, AccessKind::kLoad, SIMT_CALLER); \
  simt::hook(p, N, AccessKind::kStore, SIMT_CALLER);
#define SIMT_HOOKS(N)                                                                            \
  void __tsan_read##N(void* p) { simt::hook(p, N, AccessKind::kLoad, SIMT_CALLER); }             \
  void __tsan_write##N(void* p) { simt::hook(p, N, AccessKind::kStore, SIMT_CALLER); }           \
  void __tsan_unaligned_read##N(void* p) { simt::hook(p, N, AccessKind::kLoad, SIMT_CALLER); }   \
  void __tsan_unaligned_write##N(void* p) { simt::hook(p, N, AccessKind::kStore, SIMT_CALLER); } \
  void __tsan_volatile_read##N(void* p) { SIMT_VOLATILE_READ(N) }                                \
  void __tsan_volatile_write##N(void* p) { simt::hook(p, N, AccessKind::kStore, SIMT_CALLER); }  \
  void __tsan_unaligned_volatile_read##N(void* p) { SIMT_VOLATILE_READ(N) }                      \
  void __tsan_unaligned_volatile_write##N(void* p) {                                             \
    simt::hook(p, N, AccessKind::kStore, SIMT_CALLER);                                           \
  }                                                                                              \
  void __tsan_read_write##N(void* p) { SIMT_READ_WRITE(N) }                                      \
  void __tsan_unaligned_read_write##N(void* p) { SIMT_READ_WRITE(N) }

SIMT_HOOKS(1)
SIMT_HOOKS(2)
SIMT_HOOKS(4)
SIMT_HOOKS(8)
SIMT_HOOKS(16)

void __tsan_read_range(void* p, size_t bytes) {
  simt::hook_range(p, bytes, AccessKind::kLoad, SIMT_CALLER, simt::widest_of(bytes));
}
void __tsan_write_range(void* p, size_t bytes) {
  simt::hook_range(p, bytes, AccessKind::kStore, SIMT_CALLER, simt::widest_of(bytes));
}

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int) {}

// memcpy, memset and memmove of a kernel, by the linker's --wrap: counted, then done.
void* __real_memcpy(void* to, const void* from, size_t bytes);
void* __real_memmove(void* to, const void* from, size_t bytes);
void* __real_memset(void* to, int value, size_t bytes);

void* __wrap_memcpy(void* to, const void* from, size_t bytes) {
  if (__builtin_expect(simt::current_thread != nullptr && simt::this_worker->in_runtime == 0, 0)) {
    simt::hook_range(from, bytes, AccessKind::kLoad, SIMT_CALLER);
    simt::hook_range(to, bytes, AccessKind::kStore, SIMT_CALLER);
  }
  return __real_memcpy(to, from, bytes);
}
void* __wrap_memmove(void* to, const void* from, size_t bytes) {
  if (__builtin_expect(simt::current_thread != nullptr && simt::this_worker->in_runtime == 0, 0)) {
    simt::hook_range(from, bytes, AccessKind::kLoad, SIMT_CALLER);
    simt::hook_range(to, bytes, AccessKind::kStore, SIMT_CALLER);
  }
  return __real_memmove(to, from, bytes);
}
void* __wrap_memset(void* to, int value, size_t bytes) {
  if (__builtin_expect(simt::current_thread != nullptr && simt::this_worker->in_runtime == 0, 0)) {
    simt::hook_range(to, bytes, AccessKind::kStore, SIMT_CALLER);
  }
  return __real_memset(to, value, bytes);
}

// __atomic built-ins and std::atomic in a kernel: done here, counted as atomics.
#define SIMT_ATOMIC_ORDER(p, N)                                                \
  simt::hook(const_cast<const void*>(static_cast<const volatile void*>(p)), N, \
             AccessKind::kAtomic, SIMT_CALLER);                                \
  if (simt::in_kernel()) {                                                     \
    simt::global_atomic_begin();                                               \
    simt::spin_yield();                                                        \
  }
#define SIMT_ATOMICS(bits, N, T)                                                             \
  T __tsan_atomic##bits##_load(const volatile T* p, int) {                                   \
    SIMT_ATOMIC_ORDER(p, N) return __atomic_load_n(p, __ATOMIC_SEQ_CST);                     \
  }                                                                                          \
  void __tsan_atomic##bits##_store(volatile T* p, T v, int) {                                \
    SIMT_ATOMIC_ORDER(p, N) __atomic_store_n(p, v, __ATOMIC_SEQ_CST);                        \
  }                                                                                          \
  T __tsan_atomic##bits##_exchange(volatile T* p, T v, int) {                                \
    SIMT_ATOMIC_ORDER(p, N) return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);              \
  }                                                                                          \
  T __tsan_atomic##bits##_fetch_add(volatile T* p, T v, int) {                               \
    SIMT_ATOMIC_ORDER(p, N) return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);               \
  }                                                                                          \
  T __tsan_atomic##bits##_fetch_sub(volatile T* p, T v, int) {                               \
    SIMT_ATOMIC_ORDER(p, N) return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST);               \
  }                                                                                          \
  T __tsan_atomic##bits##_fetch_and(volatile T* p, T v, int) {                               \
    SIMT_ATOMIC_ORDER(p, N) return __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST);               \
  }                                                                                          \
  T __tsan_atomic##bits##_fetch_or(volatile T* p, T v, int) {                                \
    SIMT_ATOMIC_ORDER(p, N) return __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST);                \
  }                                                                                          \
  T __tsan_atomic##bits##_fetch_xor(volatile T* p, T v, int) {                               \
    SIMT_ATOMIC_ORDER(p, N) return __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST);               \
  }                                                                                          \
  bool __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* e, T v, int, int) {   \
    SIMT_ATOMIC_ORDER(p, N)                                                                  \
    return __atomic_compare_exchange_n(p, e, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);  \
  }                                                                                          \
  bool __tsan_atomic##bits##_compare_exchange_weak(volatile T* p, T* e, T v, int a, int b) { \
    return __tsan_atomic##bits##_compare_exchange_strong(p, e, v, a, b);                     \
  }

SIMT_ATOMICS(8, 1, uint8_t)
SIMT_ATOMICS(16, 2, uint16_t)
SIMT_ATOMICS(32, 4, uint32_t)
SIMT_ATOMICS(64, 8, uint64_t)

}  // extern "C"

// What a kernel needs of the scheduler: who it is, how it waits for others, where shared memory is.
// Device code calls this through the CUDA built-ins of simt/*.h; the scheduler defines it.
//
// SIMT_TRACED (set by the traced target) decides how a thread learns its position. Traced:
// functions marked `const`, so that no hook sees the read and the compiler may keep the value.
// Native: a read.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vector_types.h"

namespace simt {

// The position of one CUDA thread; constant while the thread lives.
struct ThreadContext {
  uint3 thread{0, 0, 0};
  unsigned lane = 0;  // thread's linear index mod 32
  uint3 block{0, 0, 0};
  dim3 block_dim;
  dim3 grid_dim;
};

// The context of the CUDA thread that runs now on this OS thread. The scheduler sets it.
extern __thread ThreadContext* current_thread __attribute__((tls_model("initial-exec")));

// Scalars, because g++ merges repeated `const` calls that return a scalar but not a struct.
#if SIMT_TRACED
#define SIMT_POSITION(name, member) unsigned name() __attribute__((const, nothrow));
#else
#define SIMT_POSITION(name, member) \
  inline unsigned name() { return current_thread->member; }
#endif
SIMT_POSITION(thread_x, thread.x)
SIMT_POSITION(thread_y, thread.y)
SIMT_POSITION(thread_z, thread.z)
SIMT_POSITION(lane_index, lane)
SIMT_POSITION(block_x, block.x)
SIMT_POSITION(block_y, block.y)
SIMT_POSITION(block_z, block.z)
SIMT_POSITION(block_dim_x, block_dim.x)
SIMT_POSITION(block_dim_y, block_dim.y)
SIMT_POSITION(block_dim_z, block_dim.z)
SIMT_POSITION(grid_dim_x, grid_dim.x)
SIMT_POSITION(grid_dim_y, grid_dim.y)
SIMT_POSITION(grid_dim_z, grid_dim.z)
#undef SIMT_POSITION

inline __attribute__((always_inline)) uint3 thread_index() {
  return uint3{thread_x(), thread_y(), thread_z()};
}
inline __attribute__((always_inline)) uint3 block_index() {
  return uint3{block_x(), block_y(), block_z()};
}
inline __attribute__((always_inline)) dim3 block_dim() {
  return dim3(block_dim_x(), block_dim_y(), block_dim_z());
}
inline __attribute__((always_inline)) dim3 grid_dim() {
  return dim3(grid_dim_x(), grid_dim_y(), grid_dim_z());
}

void block_barrier();  // __syncthreads
// The same, and each thread learns how many gave a non-zero predicate, whether all did, whether
// any.
int block_barrier_count(int predicate);
int block_barrier_and(int predicate);
int block_barrier_or(int predicate);

// One rendezvous of the live lanes in `mask`: each lane gives 8 bytes and afterwards reads any
// lane's value, until its next rendezvous on that mask. An array of 32 values, never null; lanes
// that took no part (not in the mask, or returned before) read as 0.
const uint64_t* warp_exchange(unsigned mask, uint64_t value);
unsigned warp_live_mask();  // lanes of this warp that have not returned

// The start of the block's dynamic shared memory, 16-byte aligned. `name`: of the extern array.
void* dynamic_shared(const char* name);
// A static __shared__ array of this block: the same pointer for all its threads. `key` is one
// address for each declaration and template instantiation; `name` is the array's name in the
// source.
void* static_shared(const void* key, size_t bytes, size_t align, const char* name);

// Logs an access that the runtime makes for the kernel. kind: 0 load, 1 store, 2 atomic.
#if SIMT_TRACED
void count_access(const void* p, unsigned bytes, int kind);
#else
inline void count_access(const void*, unsigned, int) {}
#endif
// Called before each atomic on global memory; a block waits here until all lower blocks have
// finished.
void global_atomic_begin();
void spin_yield();  // after an atomic or a volatile read: lets other threads run

[[noreturn]] void device_trap(const char* what, const char* expression, const char* file,
                              unsigned line);  // assert(), __trap()
int device_printf(const char* format, ...) __attribute__((format(printf, 1, 2)));
uint64_t device_clock();  // clock64(): a count that is the same on every run

}  // namespace simt

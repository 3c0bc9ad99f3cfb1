// Fibers: stacks that one OS thread switches between by hand. A CUDA thread that waits at a barrier
// keeps its stack; the others go on. A switch saves six registers and costs a few nanoseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace simt {

// Saves the caller's registers on its stack, stores its stack pointer in *from and continues where
// `to` was saved. Never moves to another OS thread.
extern "C" void simt_switch(void** from, void* to);

// What a kernel's thread calls when it has to wait (simt::block_barrier and simt::warp_exchange are
// these). Each saves the fiber as simt_switch does, goes to the OS thread's scheduler stack, calls
// the function named beside it, and continues with the fiber whose stack pointer that returns. So
// a thread that waits keeps nothing but its own frame, and the scheduler's frames stay in the
// cache.
extern "C" void simt_block_barrier();                               // simt_at_barrier(sp)
extern "C" const uint64_t* simt_warp_exchange(unsigned, uint64_t);  // simt_at_exchange(sp, ...)
extern "C" void simt_give_way();                                    // simt_at_give_way(sp)

// Calls function(argument) on the stack that ends at `stack_top`, for what needs more stack than a
// CUDA thread has.
extern "C" void simt_call_on(void* stack_top, void (*function)(void*), void* argument);

// Top of the scheduler stack of this OS thread, a multiple of 16.
extern "C" __thread void* simt_scheduler_sp __attribute__((tls_model("initial-exec")));

// A saved fiber: what it will get as the return value, and where it goes on.
struct SavedFiber {
#if defined(__x86_64__)
  const void* result;
  void* registers[6];
  void* resume;
#else
  void* registers[11];
  void* resume;  // x30
  double vector_registers[8];
  const void* result;
  void* unused;
#endif
};

// Makes a context on an empty stack that, when switched to, calls entry(). entry must not return.
void* fiber_prepare(char* stack_top, void (*entry)());

constexpr size_t kStackBytes = 64 << 10;  // a CUDA thread's stack (its local memory)

// The stacks of one OS thread. Each lies between guard pages, so that an overflow faults; tops are
// staggered, because tops at one stride share a cache set.
class StackPool {
 public:
  StackPool() = default;
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool();

  unsigned take();  // index of a free stack
  void give(unsigned stack) { free_.push_back(stack); }
  void give_all();  // after a block was abandoned
  char* top(unsigned stack) const { return tops_[stack]; }
  // True when `p` is in a guard page: the stack above it has overflowed.
  bool in_guard(const void* p) const;

 private:
  void grow();

  std::vector<char*> slabs_;
  std::vector<char*> tops_;
  std::vector<unsigned> free_;
};

}  // namespace simt

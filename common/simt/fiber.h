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

// Replaces operator new of the test program; see allocation_meter.h.
#include "allocation_meter.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<size_t> total{0};
std::atomic<size_t> largest{0};

void* counted(size_t bytes) {
  total += bytes;
  size_t seen = largest;
  while (bytes > seen && !largest.compare_exchange_weak(seen, bytes)) {
  }
  return std::malloc(bytes == 0 ? 1 : bytes);
}
}  // namespace

void reset_allocations() {
  total = 0;
  largest = 0;
}

Allocations allocations() { return {total, largest}; }

void* operator new(size_t bytes) {
  void* memory = counted(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Used by std::stable_sort, whose buffer goes to the plain operator delete.
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return counted(bytes); }

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

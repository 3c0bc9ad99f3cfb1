// The allocator that Thrust gets: it hands out pieces of a DevicePool and never asks the system.
#pragma once

#include <string>

#include "common/decode/device_sort.h"  // DevicePool
#include "common/decode/error.h"        // DecodeError

namespace decode {

class PoolAllocator {
 public:
  using value_type = char;
  explicit PoolAllocator(DevicePool& pool) : pool_(&pool) {}
  char* allocate(std::ptrdiff_t bytes) {
    const size_t size = (static_cast<size_t>(bytes) + 255) / 256 * 256;
    if (size > pool_->bytes - pool_->used) {
      throw DecodeError("sampler: its pool of " + std::to_string(pool_->bytes) +
                        " bytes is too small");
    }
    char* memory = pool_->memory + pool_->used;
    pool_->used += size;
    return memory;
  }
  void deallocate(char*, size_t) {}  // reset() gives back everything at once

 private:
  DevicePool* pool_;
};

}  // namespace decode

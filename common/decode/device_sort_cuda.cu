// Thrust's CUDA backend.
#include <thrust/system/cuda/execution_policy.h>

#include "common/decode/pool_allocator.h"  // PoolAllocator

namespace decode {
namespace {
auto policy(PoolAllocator& allocator, DeviceStream stream) {
  return thrust::cuda::par(allocator).on(stream);
}
}  // namespace
}  // namespace decode

#include "common/decode/device_sort.inl"

// Thrust's C++ backend, on the simulator's device memory. Compiled without hooks: the sampler
// declares its bytes instead.
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#include <thrust/system/cpp/execution_policy.h>

#include "common/decode/pool_allocator.h"  // PoolAllocator

namespace decode {
namespace {
auto policy(PoolAllocator& allocator, DeviceStream) { return thrust::cpp::par(allocator); }
}  // namespace
}  // namespace decode

#include "common/decode/device_sort.inl"

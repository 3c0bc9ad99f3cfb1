// How much memory this machine can still give, so that a huge cudaMalloc fails as it would on a GPU
// instead of bringing the machine down.
#pragma once

#include <cstdint>

namespace simt {

// False when `bytes` more would not fit, by the kernel's estimate and the container's limit. Small
// requests are not looked at.
bool host_has_memory(uint64_t bytes);

}  // namespace simt

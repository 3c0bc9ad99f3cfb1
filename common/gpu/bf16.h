// The type that weights, K and V are stored in. Loads and stores for kernels are in bf16.cuh.
#pragma once

#include <cstdint>

namespace gpu {

// The upper half of a float.
struct bf16 {
  uint16_t bits;
};
static_assert(sizeof(bf16) == 2, "bf16 is two bytes");

}  // namespace gpu

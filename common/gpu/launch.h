// What every launcher does around its <<<>>>.
#pragma once

#include <cuda_runtime.h>

#include "common/gpu/check.h"  // CUDA_CHECK, GPU_REQUIRE
#include "common/gpu/work.h"   // declare_work, launch_listener

namespace gpu {

template <typename T>
constexpr T ceil_div(T value, T by) {
  return (value + by - 1) / by;
}
template <typename T>
constexpr T round_up(T value, T multiple) {
  return ceil_div(value, multiple) * multiple;
}

// Throws when the launch just made was refused. A fault inside the kernel shows at the next
// synchronizing call.
inline void check_launch(const char* kernel, const char* file, int line) {
  check(cudaGetLastError(), kernel, file, line);
  if (launch_listener()) launch_listener()(kernel);
}

}  // namespace gpu

#define CHECK_LAUNCH(kernel) ::gpu::check_launch(kernel, __FILE__, __LINE__)

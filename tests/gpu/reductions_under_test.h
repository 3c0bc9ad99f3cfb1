// Kernels that do nothing but call common/gpu/warp.cuh and bf16.cuh, as plain functions.
#pragma once

#include <cstdint>
#include <vector>

namespace under_test {

// One warp: each lane gives `values[lane]`; every lane's result.
std::vector<float> warp_sum(const std::vector<float>& values);
std::vector<float> warp_max(const std::vector<float>& values);
// One warp: lane l gives values[l * kCount ...]; what each lane then holds first.
std::vector<float> warp_sum_each(const std::vector<float>& values, int count, int lanes);
// One block of 256 threads, twice in a row; every thread's results, the second after the first.
std::vector<float> block_sum_twice(const std::vector<float>& values);
// Rounds to bf16 and back, on the device.
std::vector<float> through_bf16(const std::vector<float>& values);

}  // namespace under_test

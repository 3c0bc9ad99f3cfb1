// Launches one warp or block for each.
#include "common/gpu/bf16.cuh"
#include "common/gpu/buffer.h"
#include "common/gpu/launch.h"
#include "common/gpu/warp.cuh"
#include "tests/gpu/reductions_under_test.h"

namespace under_test {
namespace {

__global__ void warp_sum_kernel(const float* in, float* out) {
  out[threadIdx.x] = gpu::warp_sum(in[threadIdx.x]);
}

__global__ void warp_max_kernel(const float* in, float* out) {
  out[threadIdx.x] = gpu::warp_max(in[threadIdx.x]);
}

template <int kCount, int kLanes>
__global__ void warp_sum_each_kernel(const float* in, float* out) {
  float values[kCount];
  for (int i = 0; i < kCount; ++i) values[i] = in[threadIdx.x * kCount + i];
  gpu::warp_sum_each<kCount, kLanes>(values, threadIdx.x);
  out[threadIdx.x] = values[0];
}

__global__ void block_sum_kernel(const float* in, float* out) {
  const float first = gpu::block_sum<256>(in[threadIdx.x]);
  __syncthreads();
  const float second = gpu::block_sum<256>(2 * in[threadIdx.x]);
  out[threadIdx.x] = first;
  out[256 + threadIdx.x] = second;
}

__global__ void bf16_kernel(const float* in, gpu::bf16* half, float* out) {
  float values[8];
  gpu::load8(in + threadIdx.x * 8, values);
  gpu::store8(half + threadIdx.x * 8, values);
  gpu::load8(half + threadIdx.x * 8, values);
  for (int i = 0; i < 8; ++i) out[threadIdx.x * 8 + i] = values[i];
}

template <typename Launch>
std::vector<float> run(const std::vector<float>& values, size_t results, const Launch& launch) {
  const auto in = gpu::upload(values, "in");
  gpu::DeviceBuffer<float> out(results, "out");
  launch(in.data(), out.data());
  CHECK_LAUNCH("kernel under test");
  return gpu::download(out);
}

template <int kCount, int kLanes>
std::vector<float> run_each(const std::vector<float>& values) {
  return run(values, 32, [](const float* in, float* out) {
    warp_sum_each_kernel<kCount, kLanes><<<1, 32>>>(in, out);
  });
}

}  // namespace

std::vector<float> warp_sum(const std::vector<float>& values) {
  return run(values, 32, [](const float* in, float* out) { warp_sum_kernel<<<1, 32>>>(in, out); });
}
std::vector<float> warp_max(const std::vector<float>& values) {
  return run(values, 32, [](const float* in, float* out) { warp_max_kernel<<<1, 32>>>(in, out); });
}
std::vector<float> warp_sum_each(const std::vector<float>& values, int count, int lanes) {
  if (count == 32 && lanes == 32) return run_each<32, 32>(values);
  if (count == 4 && lanes == 32) return run_each<4, 32>(values);
  if (count == 8 && lanes == 16) return run_each<8, 16>(values);
  if (count == 4 && lanes == 4) return run_each<4, 4>(values);
  return run_each<1, 1>(values);
}
std::vector<float> block_sum_twice(const std::vector<float>& values) {
  return run(values, 512,
             [](const float* in, float* out) { block_sum_kernel<<<1, 256>>>(in, out); });
}
std::vector<float> through_bf16(const std::vector<float>& values) {
  gpu::DeviceBuffer<gpu::bf16> half(values.size(), "half");
  return run(values, values.size(), [&](const float* in, float* out) {
    bf16_kernel<<<1, unsigned(values.size() / 8)>>>(in, half.data(), out);
  });
}

}  // namespace under_test

// Two ordinary CUDA kernels that ./ladder bench times: what tutorials begin with.
#include <cmath>
#include <vector>

#include "common/decode/bench_kernels.h"
#include "common/decode/cpu_time.h"  // cpu_seconds
#include "common/decode/error.h"     // DecodeError
#include "common/gpu/buffer.h"       // DeviceBuffer
#include "common/gpu/launch.h"       // CHECK_LAUNCH
#include "common/gpu/warp.cuh"       // warp_sum

namespace decode {
namespace {

constexpr int kGemvThreads = 256;
constexpr int kTile = 32;

// y[r] = sum over k of w[r][k] * x[k]. Shapes: w (rows, cols), x (cols), y (rows).
// Grid (rows / 8) -> block of 8 warps -> warp: one row, float4 loads. Needs cols a multiple of 4.
// VRAM: 4 (rows cols + cols + rows) bytes. Shared memory: none.
__global__ void gemv_kernel(const float* __restrict__ w, const float* __restrict__ x,
                            float* __restrict__ y, int rows, int cols) {
  const int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;
  const float4* row4 = reinterpret_cast<const float4*>(w + size_t(row) * cols);
  const float4* x4 = reinterpret_cast<const float4*>(x);
  float sum = 0;
  for (int i = lane; i < cols / 4; i += 32) {
    const float4 a = row4[i], b = x4[i];
    sum += a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
  }
  sum = gpu::warp_sum(sum);
  if (lane == 0) y[row] = sum;
}

// C = A B for square matrices. Grid (n / 32, n / 32) -> block of 32 x 32 threads: a tile of C.
// VRAM: 12 n^2 bytes with cold caches that hold A and B. Shared memory: 8,320 bytes, one column of
// padding. Needs n a multiple of 32.
__global__ void tiled_matmul_kernel(const float* __restrict__ a, const float* __restrict__ b,
                                    float* __restrict__ c, int n) {
  __shared__ float a_tile[kTile][kTile];
  __shared__ float b_tile[kTile][kTile + 1];
  const int x = threadIdx.x, y = threadIdx.y;
  const int row = blockIdx.y * kTile + y, col = blockIdx.x * kTile + x;
  float sum = 0;
  for (int t = 0; t < n; t += kTile) {
    a_tile[y][x] = a[size_t(row) * n + t + x];
    b_tile[y][x] = b[size_t(t + y) * n + col];
    __syncthreads();
    for (int k = 0; k < kTile; ++k) sum += a_tile[y][k] * b_tile[k][x];
    __syncthreads();
  }
  c[size_t(row) * n + col] = sum;
}

// Small whole numbers, so that every order of summation gives the same float.
std::vector<float> numbers(size_t count, unsigned seed) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    values[i] = float(int(seed >> 29) - 4);
  }
  return values;
}

// Runs `launch` warm + 1 times; returns the seconds of the last.
template <typename Launch>
double time_last(int warm, const Launch& launch) {
  for (int i = 0; i < warm; ++i) launch();
  CUDA_CHECK(cudaDeviceSynchronize());
  const double start = cpu_seconds();
  launch();
  CUDA_CHECK(cudaDeviceSynchronize());
  return cpu_seconds() - start;
}

void check(const char* kernel, double got, double expected) {
  if (got != expected) throw DecodeError(std::string("bench: ") + kernel + " is wrong");
}

}  // namespace

double time_gemv(int warm) {
  constexpr int n = kGemvSize;
  const std::vector<float> w = numbers(size_t(n) * n, 1), x = numbers(n, 2);
  const auto device_w = gpu::upload(w, "bench.w"), device_x = gpu::upload(x, "bench.x");
  gpu::DeviceBuffer<float> y(n, "bench.y");
  const double seconds = time_last(warm, [&] {
    gpu::declare_work({double(n) * n, 0});
    gemv_kernel<<<n / (kGemvThreads / 32), kGemvThreads>>>(device_w.data(), device_x.data(),
                                                           y.data(), n, n);
    CHECK_LAUNCH("gemv_kernel");
  });
  double expected = 0;
  for (int k = 0; k < n; ++k) expected += double(w[size_t(n - 1) * n + k]) * double(x[k]);
  check("gemv_kernel", gpu::download(y).back(), expected);
  return seconds;
}

double time_matmul(int warm) {
  constexpr int n = kMatmulSize;
  const std::vector<float> a = numbers(size_t(n) * n, 3), b = numbers(size_t(n) * n, 4);
  const auto device_a = gpu::upload(a, "bench.a"), device_b = gpu::upload(b, "bench.b");
  gpu::DeviceBuffer<float> c(size_t(n) * n, "bench.c");
  const double seconds = time_last(warm, [&] {
    gpu::declare_work({double(n) * n * n, 0});
    tiled_matmul_kernel<<<dim3(n / kTile, n / kTile), dim3(kTile, kTile)>>>(
        device_a.data(), device_b.data(), c.data(), n);
    CHECK_LAUNCH("tiled_matmul_kernel");
  });
  double expected = 0;
  for (int k = 0; k < n; ++k)
    expected += double(a[size_t(n - 1) * n + k]) * double(b[size_t(k) * n + n - 1]);
  check("tiled_matmul_kernel", gpu::download(c).back(), expected);
  return seconds;
}

}  // namespace decode

// RMSNorm: each row divided by its root mean square, times a learned weight.
// Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019 (arXiv 1910.07467).
#pragma once

#include <string>

#include "common/gpu/launch.h"  // CHECK_LAUNCH
#include "common/gpu/warp.cuh"  // block_sum

namespace ch00 {

constexpr int kNormThreads = 256;  // part of the order of summation: the same for every row and GPU

// out[r][i] = x[r][i] / sqrt(mean over i of x[r][i]^2 + eps) * weight[i].
// Shapes: x, out (n_rows, dim), weight (dim). out may not overlap x.
// Grid (n_rows) -> block: one row -> thread: every 256th float4.
// VRAM: rmsnorm_bytes(); the second read of the row hits L1. Shared memory: 32 bytes.
// Needs dim a multiple of 4 and 16-byte aligned pointers.
static __global__ void __launch_bounds__(kNormThreads)
    rmsnorm_kernel(float* __restrict__ out,           // (n_rows, dim)
                   const float* __restrict__ x,       // (n_rows, dim)
                   const float* __restrict__ weight,  // (dim)
                   int dim, float eps) {
  const float4* row = reinterpret_cast<const float4*>(x + size_t(blockIdx.x) * dim);
  float4* out_row = reinterpret_cast<float4*>(out + size_t(blockIdx.x) * dim);
  float squares = 0;
  for (int i = threadIdx.x; i < dim / 4; i += kNormThreads) {
    const float4 v = row[i];
    squares = fmaf(v.x, v.x, squares);
    squares = fmaf(v.y, v.y, squares);
    squares = fmaf(v.z, v.z, squares);
    squares = fmaf(v.w, v.w, squares);
  }
  const float scale = 1.0f / sqrtf(gpu::block_sum<kNormThreads>(squares) / dim + eps);
  for (int i = threadIdx.x; i < dim / 4; i += kNormThreads) {
    const float4 v = row[i];
    const float4 w = reinterpret_cast<const float4*>(weight)[i];
    out_row[i] =
        make_float4(v.x * scale * w.x, v.y * scale * w.y, v.z * scale * w.z, v.w * scale * w.w);
  }
}

inline gpu::KernelBytes rmsnorm_bytes(int n_rows, int dim) {
  gpu::KernelBytes bytes;
  bytes.weights.read = sizeof(float) * uint64_t(dim);
  bytes.activations.read = sizeof(float) * n_rows * uint64_t(dim);
  bytes.activations.written = bytes.activations.read;
  return bytes;
}

inline void rmsnorm(float* out, const float* x, const float* weight, int n_rows, int dim, float eps,
                    cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0, "rmsnorm: no rows");
  GPU_REQUIRE(dim > 0 && dim % 4 == 0,
              "rmsnorm: dim is " + std::to_string(dim) + ", not a positive multiple of 4");
  gpu::declare_work({3.0 * n_rows * dim, 0});  // square and sum; scale; weight
  rmsnorm_kernel<<<n_rows, kNormThreads, 0, stream>>>(out, x, weight, dim, eps);
  CHECK_LAUNCH("rmsnorm_kernel");
}

}  // namespace ch00

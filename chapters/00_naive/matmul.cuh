// Matrix product with bf16 weights, for one row of activations and for many.
//
// Both are one kernel with another tile height, and both add an output element in the same order:
// lane l of a warp takes the inputs k = 256 c + 8 l ... + 7 for c = 0, 1, ... with fused
// multiply-adds into one accumulator, then the lanes are added as warp_sum does. So a row's result
// does not depend, to the last bit, on the rows that are computed with it ("batch invariant").
#pragma once

#include <string>

#include "common/gpu/bf16.cuh"  // bf16, load8
#include "common/gpu/launch.h"  // ceil_div, CHECK_LAUNCH
#include "common/gpu/warp.cuh"  // warp_sum_each

namespace ch00 {

using gpu::bf16;

constexpr int kMatmulThreads = 256;
constexpr int kMatmulRows = 8;      // rows of a tile in the kernel for many rows
constexpr int kMatmulWarpCols = 4;  // outputs a warp computes for each row
constexpr int kMatmulBlockCols = kMatmulThreads / gpu::kWarpSize * kMatmulWarpCols;  // 32
constexpr int kMatmulStage = 4096;  // floats of x in shared memory at one time

// A lane reads 8 activations, two float4. They lie in two planes, because lanes that read float4
// number 0, 2, 4, ... would use only every other group of banks. The 4 spare entries let neighbours
// that write to both planes meet different banks too.
template <int kRows>
struct StagedRows {
  static constexpr int kStep = kMatmulStage / kRows;  // inputs of each row at one time
  float4 quads[kRows][2][kStep / 8 + 4];
};

// sums[r][c] += the products of inputs k to k + 7 of row r and weight column c, one after the
// other.
template <int kRows>
__device__ __forceinline__ void add_products(float (&sums)[kRows * kMatmulWarpCols],
                                             const StagedRows<kRows>& staged,
                                             const bf16* const (&columns)[kMatmulWarpCols], int k) {
  float w[kMatmulWarpCols][8];
#pragma unroll
  for (int c = 0; c < kMatmulWarpCols; ++c) gpu::load8(columns[c] + k, w[c]);
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const float4 low = staged.quads[r][0][k / 8], high = staged.quads[r][1][k / 8];
    const float in[8] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
#pragma unroll
    for (int c = 0; c < kMatmulWarpCols; ++c) {
      float sum = sums[r * kMatmulWarpCols + c];
#pragma unroll
      for (int i = 0; i < 8; ++i) sum = fmaf(w[c][i], in[i], sum);
      sums[r * kMatmulWarpCols + c] = sum;
    }
  }
}

// out = x * transpose(weight): out[r][c] = sum over k of x[r][k] * weight[c][k], in fp32.
// Shapes: x (n_rows, in_dim), weight (out_dim, in_dim), out (n_rows, out_dim).
// Grid (out_dim / 32, n_rows / kRows) -> block of 8 warps: 32 columns of kRows rows -> warp: 4
// columns; its lanes split in_dim, 16 bytes of weights a lane and column at a time. VRAM:
// matmul_bytes(). A weight is fetched once for the kRows rows of a tile; further tiles find it in
// L2 if it fits there. Shared memory: 16.1 to 17 KB (the activations of a tile, staged). Needs
// in_dim a multiple of 8 and 16-byte aligned pointers.
template <int kRows>
__global__ void __launch_bounds__(kMatmulThreads)
    matmul_kernel(float* __restrict__ out,          // (n_rows, out_dim)
                  const float* __restrict__ x,      // (n_rows, in_dim)
                  const bf16* __restrict__ weight,  // (out_dim, in_dim)
                  int n_rows, int in_dim, int out_dim) {
  constexpr int kStep = StagedRows<kRows>::kStep;
  constexpr int kChunk = gpu::kWarpSize * 8;  // inputs that a warp takes at one time
  __shared__ StagedRows<kRows> staged;

  const int lane = threadIdx.x % gpu::kWarpSize;
  const int warp = threadIdx.x / gpu::kWarpSize;
  const int first_row = blockIdx.y * kRows;
  const int first_col = blockIdx.x * kMatmulBlockCols + warp * kMatmulWarpCols;
  // Each row of the tile is staged by threads of its own. Rows and columns beyond the last repeat
  // it: what they give is not stored.
  constexpr int kRowThreads = kMatmulThreads / kRows;
  const int stager = threadIdx.x / kRowThreads;
  const float* stager_row = x + size_t(min(first_row + stager, n_rows - 1)) * in_dim;
  const bf16* columns[kMatmulWarpCols];
#pragma unroll
  for (int c = 0; c < kMatmulWarpCols; ++c) {
    columns[c] = weight + size_t(min(first_col + c, out_dim - 1)) * in_dim;
  }
  float sums[kRows * kMatmulWarpCols] = {};

  for (int begin = 0; begin < in_dim; begin += kStep) {
    const int count = min(kStep, in_dim - begin);
    if (begin > 0) __syncthreads();  // everyone is done with the previous inputs
    const float4* from = reinterpret_cast<const float4*>(stager_row + begin);
    for (int quad = threadIdx.x % kRowThreads; quad < count / 4; quad += kRowThreads) {
      staged.quads[stager][quad % 2][quad / 2] = from[quad];
    }
    __syncthreads();
    if (first_col < out_dim) {  // else this warp only helps to stage
      const int whole = count / kChunk * kChunk;
#pragma unroll 2
      for (int k = 0; k < whole; k += kChunk) add_products(sums, staged, columns, k + lane * 8);
      if (whole + lane * 8 < count) add_products(sums, staged, columns, whole + lane * 8);
    }
#pragma unroll
    for (int c = 0; c < kMatmulWarpCols; ++c) columns[c] += count;
  }

  constexpr int kSums = kRows * kMatmulWarpCols;
  gpu::warp_sum_each(sums, lane);
  const int sum = gpu::warp_sum_first<kSums>(lane);
  const int row = first_row + sum / kMatmulWarpCols, col = first_col + sum % kMatmulWarpCols;
  const bool mine = lane % (gpu::kWarpSize / kSums) == 0;  // one of the lanes that share a sum
  if (mine && row < n_rows && col < out_dim) out[size_t(row) * out_dim + col] = sums[0];
}

inline gpu::KernelBytes matmul_bytes(int n_rows, int in_dim, int out_dim) {
  gpu::KernelBytes bytes;
  bytes.weights.read = sizeof(bf16) * in_dim * uint64_t(out_dim);
  bytes.activations.read = sizeof(float) * n_rows * uint64_t(in_dim);
  bytes.activations.written = sizeof(float) * n_rows * uint64_t(out_dim);
  return bytes;
}

// One row takes the kernel with tiles of one row, more rows the one with tiles of eight.
inline void matmul(float* out, const float* x, const bf16* weight, int n_rows, int in_dim,
                   int out_dim, cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0 && out_dim > 0, "matmul: empty output");
  GPU_REQUIRE(in_dim > 0 && in_dim % 8 == 0,
              "matmul: in_dim is " + std::to_string(in_dim) + ", not a positive multiple of 8");
  const unsigned cols = gpu::ceil_div(out_dim, kMatmulBlockCols);
  gpu::declare_work({double(n_rows) * in_dim * out_dim, 0});
  if (n_rows == 1) {
    matmul_kernel<1>
        <<<dim3(cols, 1), kMatmulThreads, 0, stream>>>(out, x, weight, n_rows, in_dim, out_dim);
  } else {
    const unsigned rows = gpu::ceil_div(n_rows, kMatmulRows);
    GPU_REQUIRE(rows <= 65535, "matmul: more than 524280 rows");
    matmul_kernel<kMatmulRows>
        <<<dim3(cols, rows), kMatmulThreads, 0, stream>>>(out, x, weight, n_rows, in_dim, out_dim);
  }
  CHECK_LAUNCH("matmul_kernel");
}

}  // namespace ch00

// The middle of attention: each row of scores becomes weights that add up to one.
#pragma once

#include "chapters/00_naive/scores.cuh"  // Attention

namespace ch00 {

constexpr int kSoftmaxThreads = 128;

// scores[h][r][j] = exp(scores[h][r][j] - m) / sum over j of exp(...), where m is the row's largest
// score, so that no exponential overflows; for j <= start + r, in place.
// Shapes: scores (n_heads, n_rows, stride).
// Grid (n_heads * n_rows / 4) -> block of 4 warps -> warp: a row -> lane: every 32nd entry.
// VRAM: softmax_bytes(). The row is read three times; the second and third hit L1 if it fits there
// (computing exp twice is cheaper than writing it). Shared memory: none.
// Sum: lane l adds entries l, l + 32, ... in order, then warp_sum: set by the row's length alone.
static __global__ void __launch_bounds__(kSoftmaxThreads)
    softmax_kernel(float* __restrict__ scores,  // (n_heads, n_rows, stride)
                   Attention a) {
  const int lane = threadIdx.x % gpu::kWarpSize;
  const int index = (blockIdx.x * kSoftmaxThreads + threadIdx.x) / gpu::kWarpSize;
  if (index >= a.n_heads * a.n_rows) return;
  const int seen = a.start + index % a.n_rows + 1;
  float* row = scores + size_t(index) * a.stride();

  float largest = -INFINITY;
  for (int j = lane; j < seen; j += gpu::kWarpSize) largest = fmaxf(largest, row[j]);
  largest = gpu::warp_max(largest);

  float sum = 0;
  for (int j = lane; j < seen; j += gpu::kWarpSize) sum += expf(row[j] - largest);
  const float inverse = 1.0f / gpu::warp_sum(sum);

  for (int j = lane; j < seen; j += gpu::kWarpSize) row[j] = expf(row[j] - largest) * inverse;
}

inline gpu::KernelBytes softmax_bytes(const Attention& a) {
  gpu::KernelBytes bytes;
  bytes.scores.read = sizeof(float) * a.pairs();
  bytes.scores.written = sizeof(float) * a.pairs();
  return bytes;
}

inline void softmax(float* scores, const Attention& a, cudaStream_t stream) {
  check_attention(a);
  const int rows = a.n_heads * a.n_rows;
  gpu::declare_work({5.0 * a.pairs(), 0});  // twice subtract and exp's product; the last scaling
  softmax_kernel<<<gpu::ceil_div(rows, kSoftmaxThreads / gpu::kWarpSize), kSoftmaxThreads, 0,
                   stream>>>(scores, a);
  CHECK_LAUNCH("softmax_kernel");
}

}  // namespace ch00

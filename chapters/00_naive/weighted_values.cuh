// The second half of attention: the values, averaged with the weights that softmax made.
#pragma once

#include "chapters/00_naive/scores.cuh"  // Attention, with_lanes_a_head

namespace ch00 {

constexpr int kValuesThreads = 128;

__device__ __forceinline__ void add_weighted(float (&sums)[8], float weight, const bf16* value) {
  float v[8];
  gpu::load8(value, v);
#pragma unroll
  for (int i = 0; i < 8; ++i) sums[i] = fmaf(weight, v[i], sums[i]);
}

// out[r][h][d] = sum over j <= start + r of weights[h][r][j] * values[h][j][d].
// Shapes: weights (n_heads, n_rows, stride), values (n_heads, max_seq_len, head_dim),
//   out (n_rows, n_heads, head_dim).
// Grid (n_rows, n_heads) -> block of 4 warps: one row of one head -> kLanes neighbouring lanes:
// every (128 / kLanes)th key, 16 bytes a lane, so a block's load is one run of 2,048 bytes. VRAM:
// weighted_values_bytes(); the values are read again for each row, from L2 if they fit. Shared
// memory: 4,224 bytes. Sum: each lane group adds its keys in order, then the groups in order: fixed
// by the row's length.
template <int kLanes>
__global__ void __launch_bounds__(kValuesThreads)
    weighted_values_kernel(float* __restrict__ out,            // (n_rows, n_heads, head_dim)
                           const float* __restrict__ weights,  // (n_heads, n_rows, stride)
                           const bf16* __restrict__ values,    // (n_heads, max_seq_len, head_dim)
                           Attention a) {
  constexpr int kGroups = kValuesThreads / kLanes;
  // Each thread's 8 sums as two float4 in two planes; 4 spare entries between them (as in
  // matmul.cuh) give the 32 threads that later read neighbouring d 32 different banks.
  __shared__ float4 partial[2][kValuesThreads + 4];

  const int row = blockIdx.x, head = blockIdx.y;
  const int seen = a.start + row + 1;
  const int whole = seen / kGroups * kGroups;
  const int group = threadIdx.x / kLanes, d = threadIdx.x % kLanes * 8;
  float sums[8] = {};
  if (d < a.head_dim) {
    const float* row_weights = weights + (size_t(head) * a.n_rows + row) * a.stride();
    const bf16* head_values = values + size_t(head) * a.max_seq_len * a.head_dim + d;
#pragma unroll 4
    for (int first = 0; first < whole; first += kGroups) {
      const int key = first + group;
      add_weighted(sums, row_weights[key], head_values + size_t(key) * a.head_dim);
    }
    if (whole + group < seen) {
      const int key = whole + group;
      add_weighted(sums, row_weights[key], head_values + size_t(key) * a.head_dim);
    }
  }
  __syncwarp();
  partial[0][threadIdx.x] = make_float4(sums[0], sums[1], sums[2], sums[3]);
  partial[1][threadIdx.x] = make_float4(sums[4], sums[5], sums[6], sums[7]);
  __syncthreads();

  float* out_row = out + (size_t(row) * a.n_heads + head) * a.head_dim;
  for (int i = threadIdx.x; i < a.head_dim; i += kValuesThreads) {
    const float* plane = reinterpret_cast<const float*>(partial[i / 4 % 2]);
    float sum = 0;
    for (int group = 0; group < kGroups; ++group) {
      sum += plane[(group * kLanes + i / 8) * 4 + i % 4];
    }
    out_row[i] = sum;
  }
}

inline gpu::KernelBytes weighted_values_bytes(const Attention& a) {
  gpu::KernelBytes bytes;
  bytes.scores.read = sizeof(float) * a.pairs();
  bytes.kv.read = sizeof(bf16) * a.n_heads * uint64_t(a.n_keys()) * a.head_dim;
  bytes.activations.written = sizeof(float) * a.n_rows * uint64_t(a.n_heads) * a.head_dim;
  return bytes;
}

inline void weighted_values(float* out, const float* weights, const bf16* values,
                            const Attention& a, cudaStream_t stream) {
  check_attention(a);
  gpu::declare_work({double(a.pairs()) * a.head_dim, 0});
  with_lanes_a_head(a.head_dim, [&](auto lanes) {
    weighted_values_kernel<decltype(lanes)::value>
        <<<dim3(a.n_rows, a.n_heads), kValuesThreads, 0, stream>>>(out, weights, values, a);
  });
  CHECK_LAUNCH("weighted_values_kernel");
}

}  // namespace ch00

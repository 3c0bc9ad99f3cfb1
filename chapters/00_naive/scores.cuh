// The first half of attention: how well each query matches each key, written to VRAM.
//
// Source: Vaswani et al., "Attention Is All You Need", 2017 (arXiv 1706.03762), section 3.2.1.
#pragma once

#include <string>
#include <type_traits>

#include "common/gpu/bf16.cuh"  // bf16, load8
#include "common/gpu/launch.h"  // ceil_div, CHECK_LAUNCH
#include "common/gpu/warp.cuh"  // warp_sum_each

namespace ch00 {

using gpu::bf16;

// Who attends to what. Row r of the queries has position start + r and sees the keys 0 to start +
// r.
struct Attention {
  int n_heads = 0;
  int head_dim = 0;     // a multiple of 8, at most 256
  int n_rows = 0;       // queries, new tokens
  int start = 0;        // position of the first
  int max_seq_len = 0;  // keys that a head of the cache has room for

  int n_keys() const { return start + n_rows; }
  // Floats from one row of the score matrix to the next: whole 128-byte lines.
  __host__ __device__ int stride() const { return (start + n_rows + 31) / 32 * 32; }
  // Pairs of a query and a key that it sees, over all heads.
  uint64_t pairs() const {
    return uint64_t(n_heads) * (uint64_t(n_rows) * start + uint64_t(n_rows) * (n_rows + 1) / 2);
  }
};

inline void check_attention(const Attention& a) {
  GPU_REQUIRE(a.n_rows > 0 && a.n_rows <= 65535 && a.n_heads > 0 && a.n_heads <= 65535,
              "attention: rows or heads out of range");
  GPU_REQUIRE(a.head_dim > 0 && a.head_dim % 8 == 0 && a.head_dim <= 256,
              "attention: head_dim is " + std::to_string(a.head_dim) +
                  ", not a multiple of 8 from 8 to 256");
  GPU_REQUIRE(a.start >= 0 && a.n_keys() <= a.max_seq_len,
              "attention: position " + std::to_string(a.n_keys() - 1) + " is beyond max_seq_len " +
                  std::to_string(a.max_seq_len));
}

// Calls run(std::integral_constant<int, g>) where g lanes, 16 bytes of bf16 each, cover a head.
template <typename Run>
void with_lanes_a_head(int head_dim, const Run& run) {
  if (head_dim <= 8) return run(std::integral_constant<int, 1>());
  if (head_dim <= 16) return run(std::integral_constant<int, 2>());
  if (head_dim <= 32) return run(std::integral_constant<int, 4>());
  if (head_dim <= 64) return run(std::integral_constant<int, 8>());
  if (head_dim <= 128) return run(std::integral_constant<int, 16>());
  return run(std::integral_constant<int, 32>());
}

constexpr int kScoresThreads = 128;

// Keys of one warp when kLanes lanes share a key: up to 8 loads of 16 bytes are on their way at
// once.
template <int kLanes>
struct ScoresShape {
  static constexpr int kKeys = gpu::kWarpSize / kLanes;   // keys that a warp loads at one time
  static constexpr int kSteps = kLanes < 8 ? kLanes : 8;  // times that it does so
  static constexpr int kWarpKeys = kKeys * kSteps;        // 32, 16 or 8
  static constexpr int kBlockKeys = kWarpKeys * kScoresThreads / gpu::kWarpSize;
};

// scores[h][r][j] = scale * sum over d of q[r][h][d] * keys[h][j][d], for j <= start + r. Entries
// beyond are masked: neither written here nor read later.
// Shapes: q (n_rows, n_heads, head_dim), keys (n_heads, max_seq_len, head_dim),
//   scores (n_heads, n_rows, stride).
// Grid (n_keys / kBlockKeys, n_rows, n_heads) -> block of 4 warps -> warp: kWarpKeys keys -> kLanes
// neighbouring lanes: one key at a time, 16 bytes a lane, so a warp's load is one run of 512 bytes.
// VRAM: scores_bytes(); the keys are read again for each row, from L2 if they fit. Shared memory:
// none. Sum: 8 products a lane in order, then the lanes as warp_sum does: the same for any n_rows.
template <int kLanes>
__global__ void __launch_bounds__(kScoresThreads, 8)
    scores_kernel(float* __restrict__ scores,     // (n_heads, n_rows, stride)
                  const float* __restrict__ q,    // (n_rows, n_heads, head_dim)
                  const bf16* __restrict__ keys,  // (n_heads, max_seq_len, head_dim)
                  Attention a, float scale) {
  using Shape = ScoresShape<kLanes>;
  const int lane = threadIdx.x % gpu::kWarpSize;
  const int warp = (blockIdx.x * kScoresThreads + threadIdx.x) / gpu::kWarpSize;
  const int first = warp * Shape::kWarpKeys + lane / kLanes;  // this lane's first key
  const int row = blockIdx.y, head = blockIdx.z;
  const int seen = a.start + row + 1;
  if (warp * Shape::kWarpKeys >= seen) return;  // the whole warp is beyond the diagonal

  const int d = lane % kLanes * 8;
  const bool inside = d < a.head_dim;
  float query[8] = {};
  if (inside) gpu::load8(q + (size_t(row) * a.n_heads + head) * a.head_dim + d, query);

  const bf16* head_keys = keys + size_t(head) * a.max_seq_len * a.head_dim + d;
  float sums[Shape::kSteps];
#pragma unroll
  for (int i = 0; i < Shape::kSteps; ++i) {
    const int key = first + i * Shape::kKeys;
    float values[8] = {};
    if (inside && key < seen) gpu::load8(head_keys + size_t(key) * a.head_dim, values);
    sums[i] = 0;
#pragma unroll
    for (int j = 0; j < 8; ++j) sums[i] = fmaf(query[j], values[j], sums[i]);
  }
  gpu::warp_sum_each<Shape::kSteps, kLanes>(sums, lane);
  const int key = first + gpu::warp_sum_first<Shape::kSteps, kLanes>(lane) * Shape::kKeys;
  const bool mine = lane % (kLanes / Shape::kSteps) == 0;  // one of the lanes that share a sum
  float* row_scores = scores + (size_t(head) * a.n_rows + row) * a.stride();
  if (mine && key < seen) row_scores[key] = sums[0] * scale;
}

inline gpu::KernelBytes scores_bytes(const Attention& a) {
  gpu::KernelBytes bytes;
  bytes.activations.read = sizeof(float) * a.n_rows * uint64_t(a.n_heads) * a.head_dim;
  bytes.kv.read = sizeof(bf16) * a.n_heads * uint64_t(a.n_keys()) * a.head_dim;
  bytes.scores.written = sizeof(float) * a.pairs();
  return bytes;
}

inline void scores(float* out, const float* q, const bf16* keys, const Attention& a, float scale,
                   cudaStream_t stream) {
  check_attention(a);
  gpu::declare_work({double(a.pairs()) * a.head_dim, 0});
  with_lanes_a_head(a.head_dim, [&](auto lanes) {
    constexpr int kLanes = decltype(lanes)::value;
    const unsigned blocks = gpu::ceil_div(a.n_keys(), ScoresShape<kLanes>::kBlockKeys);
    scores_kernel<kLanes>
        <<<dim3(blocks, a.n_rows, a.n_heads), kScoresThreads, 0, stream>>>(out, q, keys, a, scale);
  });
  CHECK_LAUNCH("scores_kernel");
}

}  // namespace ch00

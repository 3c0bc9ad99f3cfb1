// Chapter 03's attention for many rows, from a cache in 8 bits.
//
// What changes: tiles come through int8_tile.cuh; a score is multiplied by its key's scale, a
// weight (after the softmax's sum is taken) by its value's. The kernel it changes is
// chapters/03_grouped_query/grouped_prefill.cuh.
#pragma once

#include "chapters/03_grouped_query/grouped_prefill.cuh"  // Grouped, stage_pairs, choose_grouped_plan
#include "chapters/04_int8/int8_cache.cuh"                // Int8Plane
#include "chapters/04_int8/int8_tile.cuh"                 // stage_int8_tiles, scale_weights

namespace ch04 {

using ch02::FlashPlan;
using ch03::Grouped;

// Brings the scales of a tile into shared memory: of K, times `scale`, and of V; 0 behind the last
// key. By all threads of a block, as stage_int8_tiles.
__device__ __forceinline__ void stage_scales(float* scales,  // shared, (2, 32)
                                             const __half* __restrict__ k_scales,  // of the tile
                                             const __half* __restrict__ v_scales, int keys,
                                             float scale) {
  for (int i = threadIdx.x; i < 2 * kTileKeys; i += blockDim.x) {  // a warp takes either side
    const int key = i % kTileKeys;
    const float value = lane_scale(i < kTileKeys ? k_scales : v_scales, keys, key);
    __syncwarp();
    scales[i] = i < kTileKeys ? value * scale : value;
  }
}
constexpr size_t kScaleBytes = 2 * kTileKeys * sizeof(float);

// A whole tile for kRows pairs, as ch02::attend_tile.
template <int kRows, int kDims>
__device__ __forceinline__ void attend_int8_tile(ch02::Found<kRows, kDims>& found,
                                                 const float* q,  // shared, (kRows, head_dim)
                                                 float* weights,  // shared, (kRows, 32)
                                                 const uint4* staged_keys,  // shared, TileLayout
                                                 const uint4* staged_values,
                                                 const ch02::TileLayout& layout,
                                                 const int (&seen)[kRows], int head_dim,
                                                 const float* scales,  // shared, (2, 32)
                                                 int lane) {
  float sums[kRows] = {};
  const bf16* keys = reinterpret_cast<const bf16*>(staged_keys);
  ch02::add_scores<kDims * gpu::kWarpSize>(sums, q, head_dim, keys + lane * layout.value_stride(),
                                           head_dim);
  ch02::Found<kRows, kDims> tile;
  tile.sums = ch02::tile_softmax(weights, sums, seen, scales[lane], lane);
  scale_weights<kRows>(weights, scales[kTileKeys + lane], lane);
  if (lane * kDims < head_dim) {
    const bf16* values = reinterpret_cast<const bf16*>(staged_values) + lane * kDims;
    ch02::add_values(tile.values, weights, values, layout.value_stride(), seen);
  }
  ch02::fold(found, tile);
}

// out[r][h] = sum over the keys j <= start + r of softmax(scale * q[r][h] . K[k][j]) V[k][j], where
// k = h / group, K[k][j] = keys.scales[k][j] * keys.values[k][j] and V likewise.
// Shapes: q, out (n_rows, n_heads, head_dim); keys, values: Int8Plane.
// Grid (n_pairs / Br, n_kv_heads), the blocks with the longest rows first -> block of 2 to 8 warps:
// Br pairs of one head of K and V; all its threads stage a tile of K and V for all of them -> warp:
// kRows pairs -> lane: a key of the tile for the scores, kDims dims for the values.
// VRAM: int8_attention_bytes(), if L2 keeps K and V of the heads at work. Shared memory: FlashPlan
// and kScaleBytes. Needs head_dim a multiple of 8, at most 32 * kDims; aligned pointers.
template <int kDims>
__global__ void __launch_bounds__(ch02::kFlashMaxWarps* gpu::kWarpSize, 2)
    int8_prefill_kernel(float* __restrict__ out,              // (n_rows, n_heads, head_dim)
                        const float* __restrict__ q,          // (n_rows, n_heads, head_dim)
                        const int8_t* __restrict__ keys,      // (n_kv_heads, max_seq_len, head_dim)
                        const __half* __restrict__ k_scales,  // (n_kv_heads, max_seq_len)
                        const int8_t* __restrict__ values,    // (n_kv_heads, max_seq_len, head_dim)
                        const __half* __restrict__ v_scales,  // (n_kv_heads, max_seq_len)
                        Grouped g, ByteTile layout, float scale) {
  constexpr int kRows = ch02::kFlashRows<kDims>;
  constexpr int kAtOnce = kDims <= 2 ? 1 : 2;  // up to 64 dims a tile is a load for each of 4 warps
  extern __shared__ uint4 shared[];
  const int lane = threadIdx.x % gpu::kWarpSize, warp = threadIdx.x / gpu::kWarpSize;
  const int block_pairs = blockDim.x / gpu::kWarpSize * kRows;
  const int first_pair = (gridDim.x - 1 - blockIdx.x) * block_pairs;
  const int kv_head = blockIdx.y;

  uint4* staged_keys = shared;
  uint4* staged_values = staged_keys + kTileKeys * layout.staged.stride;
  float* staged_q = reinterpret_cast<float*>(staged_values + kTileKeys * layout.staged.stride);
  float* scales = staged_q + block_pairs * g.head_dim;  // (2, 32): of K and of V
  float* weights = scales + 2 * kTileKeys + warp * kRows * kTileKeys;
  ch03::stage_pairs(staged_q, q, g, kv_head, first_pair, block_pairs);
  const float* warp_q = staged_q + warp * kRows * g.head_dim;

  const int pair = first_pair + warp * kRows;  // this warp's first
  const int last_pair = g.n_pairs() - 1;
  const int block_keys = g.start + g.row(min(first_pair + block_pairs - 1, last_pair)) + 1;
  const int warp_keys =
      pair <= last_pair ? g.start + g.row(min(pair + kRows - 1, last_pair)) + 1 : 0;
  const ch03::FirstPair first_of_warp(g, pair);

  const int head_at = kv_head * g.max_seq_len;
  ch02::Found<kRows, kDims> split, whole;
  for (int first = 0; first < block_keys; first += kTileKeys) {
    const int key_at = head_at + first;
    const size_t tile_at = size_t(key_at) * g.head_dim;
    const int tile_keys = min(kTileKeys, block_keys - first);
    __syncthreads();  // everyone is done with the previous tile
    stage_int8_tiles<kAtOnce>(staged_keys, staged_values, keys + tile_at, values + tile_at,
                              g.head_dim, tile_keys, layout, threadIdx.x, blockDim.x);
    stage_scales(scales, k_scales + key_at, v_scales + key_at, tile_keys, scale);
    __syncthreads();
    if (first < warp_keys) {  // else all of the tile is beyond this warp's rows
      int seen[kRows];
      ch03::keys_seen(seen, g, first_of_warp, first);
      attend_int8_tile(split, warp_q, weights, staged_keys, staged_values, layout.staged, seen,
                       g.head_dim, scales, lane);
    }
    if ((first + kTileKeys) % ch02::kSplitKeys == 0 || first + kTileKeys >= block_keys) {
      ch02::fold(whole, split);
      split = ch02::Found<kRows, kDims>();
    }
  }
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const float total = ch02::of_row<kRows>(whole.sums.total, r);
    if (pair + r > last_pair || lane * kDims >= g.head_dim) continue;
#pragma unroll
    for (int d = 0; d < kDims; ++d) whole.values[r][d] /= total;
    ch02::store_dims(out + size_t(g.at(kv_head, pair + r)) * g.head_dim + lane * kDims,
                     whole.values[r]);
  }
}

// Each tensor once: for K and V a byte a value and two bytes a key.
inline gpu::KernelBytes int8_attention_bytes(const Grouped& g) {
  gpu::KernelBytes bytes = ch03::grouped_bytes(g);
  bytes.kv.read = 2 * g.n_keys() * uint64_t(g.n_kv_heads) * (g.head_dim + sizeof(__half));
  return bytes;
}

// Chapter 02's count, and for each pair of query and key a product with each of the two scales.
inline double int8_attention_multiply_adds(const Grouped& g) {
  return ch02::tiled_multiply_adds(g.ungrouped()) + 2.0 * double(g.ungrouped().pairs());
}

inline void int8_prefill(float* out, const float* q, const Int8Plane& keys, const Int8Plane& values,
                         const Grouped& g, float scale, const FlashPlan& plan,
                         cudaStream_t stream) {
  ch03::check_grouped(g);
  GPU_REQUIRE(plan.warps >= 1 && plan.warps <= ch02::kFlashMaxWarps,
              "int8_prefill: " + std::to_string(plan.warps) + " warps a block, not 1 to 8");
  gpu::declare_work({int8_attention_multiply_adds(g), 0});
  ch02::with_dims_a_lane(g.head_dim, [&](auto dims) {
    auto* kernel = int8_prefill_kernel<dims()>;
    const size_t shared_bytes = plan.shared_bytes + kScaleBytes;
    ch02::allow_shared(kernel, shared_bytes, "int8_prefill");
    kernel<<<dim3(gpu::ceil_div(g.n_pairs(), plan.rows), g.n_kv_heads), plan.warps * gpu::kWarpSize,
             shared_bytes, stream>>>(out, q, keys.values, keys.scales, values.values, values.scales,
                                     g, ByteTile(g.head_dim, g.head_dim), scale);
  });
  CHECK_LAUNCH("int8_prefill_kernel");
}

}  // namespace ch04

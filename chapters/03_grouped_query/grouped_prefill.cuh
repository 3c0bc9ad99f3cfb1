// Grouped attention for many rows (prefill): chapter 02's kernel with pairs in place of rows. Its
// tiles, its softmax and its order of sums, so its results are chapter 02's, bit for bit.
//
// Source: as group.cuh; the kernel it changes is chapters/02_tiled_attention/flash_attention.cuh.
#pragma once

#include "chapters/02_tiled_attention/flash_attention.cuh"  // FlashPlan, attend_tile, store_dims
#include "chapters/03_grouped_query/group.cuh"              // Grouped, stage_pairs

namespace ch03 {

using ch02::FlashPlan;

// out[r][h] = sum over the keys j <= start + r of softmax(scale * q[r][h] . keys[k][j])
// values[k][j], where k = h / group.
// Shapes: q, out (n_rows, n_heads, head_dim); keys, values (n_kv_heads, max_seq_len, head_dim).
// Grid (n_pairs / Br, n_kv_heads), the blocks with the longest rows first -> block of 2 to 8 warps:
// Br pairs of one head of K and V; all its threads stage a tile of K and V for all of them -> warp:
// kRows pairs -> lane: a key of the tile for the scores, kDims dims for the values.
// VRAM: grouped_bytes(), if L2 keeps K and V of the heads at work; from L2 each block
// reads the keys that its rows see: grouped_staged_bytes(). Shared memory: FlashPlan. Needs
// head_dim a multiple of 8, at most 32 * kDims; aligned pointers.
template <int kDims>
__global__ void __launch_bounds__(ch02::kFlashMaxWarps* gpu::kWarpSize, 2)
    grouped_prefill_kernel(float* __restrict__ out,          // (n_rows, n_heads, head_dim)
                           const float* __restrict__ q,      // (n_rows, n_heads, head_dim)
                           const bf16* __restrict__ keys,    // (n_kv_heads, max_seq_len, ...)
                           const bf16* __restrict__ values,  // (n_kv_heads, max_seq_len, ...)
                           Grouped g, float scale) {
  constexpr int kRows = ch02::kFlashRows<kDims>;
  extern __shared__ uint4 shared[];
  const ch02::TileLayout layout(g.head_dim);
  const int lane = threadIdx.x % gpu::kWarpSize, warp = threadIdx.x / gpu::kWarpSize;
  const int block_pairs = blockDim.x / gpu::kWarpSize * kRows;
  const int first_pair = (gridDim.x - 1 - blockIdx.x) * block_pairs;
  const int kv_head = blockIdx.y;

  uint4* staged_keys = shared;
  uint4* staged_values = staged_keys + ch02::kTileKeys * layout.stride;
  float* staged_q = reinterpret_cast<float*>(staged_values + ch02::kTileKeys * layout.stride);
  float* weights = staged_q + block_pairs * g.head_dim + warp * kRows * ch02::kTileKeys;
  stage_pairs(staged_q, q, g, kv_head, first_pair, block_pairs);
  const float* warp_q = staged_q + warp * kRows * g.head_dim;

  const int pair = first_pair + warp * kRows;  // this warp's first
  const int last_pair = g.n_pairs() - 1;
  const int block_keys = g.start + g.row(min(first_pair + block_pairs - 1, last_pair)) + 1;
  const int warp_keys =
      pair <= last_pair ? g.start + g.row(min(pair + kRows - 1, last_pair)) + 1 : 0;
  const FirstPair first_of_warp(g, pair);

  const size_t head_at = size_t(kv_head) * g.max_seq_len * g.head_dim;
  ch02::Found<kRows, kDims> split, whole;
  for (int first = 0; first < block_keys; first += ch02::kTileKeys) {
    const size_t tile_at = head_at + size_t(first) * g.head_dim;
    __syncthreads();  // everyone is done with the previous tile
    ch02::stage_tiles(staged_keys, staged_values, keys + tile_at, values + tile_at, g.head_dim,
                      min(ch02::kTileKeys, block_keys - first), layout, threadIdx.x, blockDim.x);
    __syncthreads();
    if (first < warp_keys) {  // else all of the tile is beyond this warp's rows
      int seen[kRows];
      keys_seen(seen, g, first_of_warp, first);
      ch02::attend_tile(split, warp_q, weights, staged_keys, staged_values, layout, seen,
                        g.head_dim, scale, lane);
    }
    if ((first + ch02::kTileKeys) % ch02::kSplitKeys == 0 ||
        first + ch02::kTileKeys >= block_keys) {
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

// The plan with that many warps (1 to 8) a block: chapter 02's, its rows taken as pairs.
inline FlashPlan grouped_plan(const Grouped& g, int warps) {
  return ch02::flash_plan(g.ungrouped(), warps);
}

// The most pairs a block that shared_limit allows, but fewer when the grid would leave SMs idle.
inline FlashPlan choose_grouped_plan(const Grouped& g,
                                     size_t shared_limit = ch02::kFlashSharedLimit) {
  FlashPlan plan = grouped_plan(g, ch02::kFlashMaxWarps);
  while (plan.warps > 2 &&
         (plan.shared_bytes > shared_limit ||
          gpu::ceil_div(g.n_pairs(), plan.rows) * g.n_kv_heads < ch02::kFlashFillBlocks)) {
    plan = grouped_plan(g, plan.warps / 2);
  }
  return plan;
}

// Bytes of K and V that come from L2 into shared memory: every block of pairs reads all that its
// rows see.
inline uint64_t grouped_staged_bytes(const Grouped& g, const FlashPlan& plan) {
  uint64_t keys = 0;
  for (int first = 0; first < g.n_pairs(); first += plan.rows) {
    keys += g.start + g.row(std::min(first + plan.rows, g.n_pairs()) - 1) + 1;
  }
  return 2 * sizeof(bf16) * keys * g.n_kv_heads * g.head_dim;
}

inline void grouped_prefill(float* out, const float* q, const bf16* keys, const bf16* values,
                            const Grouped& g, float scale, const FlashPlan& plan,
                            cudaStream_t stream) {
  check_grouped(g);
  GPU_REQUIRE(plan.warps >= 1 && plan.warps <= ch02::kFlashMaxWarps,
              "grouped_prefill: " + std::to_string(plan.warps) + " warps a block, not 1 to 8");
  gpu::declare_work({ch02::tiled_multiply_adds(g.ungrouped()), 0});
  ch02::with_dims_a_lane(g.head_dim, [&](auto dims) {
    auto* kernel = grouped_prefill_kernel<dims()>;
    ch02::allow_shared(kernel, plan.shared_bytes, "grouped_prefill");
    kernel<<<dim3(gpu::ceil_div(g.n_pairs(), plan.rows), g.n_kv_heads), plan.warps * gpu::kWarpSize,
             plan.shared_bytes, stream>>>(out, q, keys, values, g, scale);
  });
  CHECK_LAUNCH("grouped_prefill_kernel");
}

}  // namespace ch03

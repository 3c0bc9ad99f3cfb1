// Attention for many rows (prefill): a block takes some rows of one head, and walks once over the
// tiles of K and V that they see. Only the result goes back to VRAM. Extends tile.cuh.
//
// Source: Dao et al., "FlashAttention", 2022 (arXiv 2205.14135); with the loop over K and V inside
// and the rows spread over the blocks, as in FlashAttention-2 (arXiv 2307.08691).
#pragma once

#include <string>

#include "chapters/00_naive/scores.cuh"                 // Attention, check_attention
#include "chapters/02_tiled_attention/tile.cuh"         // attend_tile
#include "chapters/02_tiled_attention/tile_layout.cuh"  // stage_tiles
#include "common/gpu/launch.h"                          // ceil_div, CHECK_LAUNCH

namespace ch02 {

using ch00::Attention;

constexpr int kFlashMaxWarps = 8;

// Rows of a warp: more of them use a key more often, but each keeps its results in registers, in
// three places (the tile's, the split's, the row's), so wide heads take fewer.
template <int kDims>
constexpr int kFlashRows = kDims <= 2 ? 8 : 16 / kDims;

// How a head is divided: the paper's Br (rows of a block) follows from the shared memory that a
// block may have, the paper's M. Bc is 32, a tile. No row's result depends on it.
struct FlashPlan {
  int warps = 0;
  int rows = 0;             // of a block: Br
  size_t shared_bytes = 0;  // K and V of a tile, q of the rows, the weights of a tile
};

// Calls run(std::integral_constant<int, n>) where a warp with n values a lane covers a head.
template <typename Run>
void with_dims_a_lane(int head_dim, const Run& run) {
  if (head_dim <= 32) return run(std::integral_constant<int, 1>());
  if (head_dim <= 64) return run(std::integral_constant<int, 2>());
  if (head_dim <= 128) return run(std::integral_constant<int, 4>());
  return run(std::integral_constant<int, 8>());
}

// Brings the q of a block's rows into shared memory; rows beyond the last become zeros.
__device__ __forceinline__ void stage_rows(float* staged,  // shared, (rows, head_dim)
                                           const float* __restrict__ q, const Attention& a,
                                           int first_row, int rows, int head) {
  const int quads = a.head_dim / 4;
  const int valid = min(rows, a.n_rows - first_row) * quads;
  const int up_to = (rows * quads + 31) / 32 * 32;  // whole warps: they meet in the loop
  for (int n = threadIdx.x; n < up_to; n += blockDim.x) {
    const int row = first_row + n / quads;
    float4 quad = make_float4(0, 0, 0, 0);
    if (n < valid) {
      quad = reinterpret_cast<const float4*>(q + (size_t(row) * a.n_heads + head) *
                                                     a.head_dim)[n % quads];
    }
    __syncwarp();
    if (n < rows * quads) reinterpret_cast<float4*>(staged)[n] = quad;
    __syncwarp();
  }
}

// Writes kDims neighbouring floats.
template <int kDims>
__device__ __forceinline__ void store_dims(float* to, const float (&from)[kDims]) {
  if constexpr (kDims == 1) {
    *to = from[0];
  } else if constexpr (kDims == 2) {
    *reinterpret_cast<float2*>(to) = make_float2(from[0], from[1]);
  } else {
#pragma unroll
    for (int d = 0; d < kDims; d += 4) {
      *reinterpret_cast<float4*>(to + d) =
          make_float4(from[d], from[d + 1], from[d + 2], from[d + 3]);
    }
  }
}

// out[r][h] = sum over the keys j <= start + r of softmax(scale * q[r][h] . keys[h][j])
// values[h][j] Shapes: q, out (n_rows, n_heads, head_dim); keys, values (n_heads, max_seq_len,
// head_dim). Grid (n_rows / Br, n_heads), the blocks with the longest rows first -> block of 2 to 8
// warps: Br rows; all its threads stage a tile of K and V, 16 bytes a thread and 8 loads on their
// way at once
// -> warp: kRows rows -> lane: a key of the tile for the scores, kDims dims for the values.
// VRAM: flash_attention_bytes(), if L2 keeps K and V of the heads at work; from L2 each block reads
// the keys that its rows see: flash_attention_staged_bytes(). Tiles beyond the diagonal are not
// read. Shared memory: FlashPlan; two blocks and more fit an SM, so that one computes while another
// waits for its tile. Needs head_dim a multiple of 8, at most 32 * kDims; aligned pointers.
template <int kDims>
__global__ void __launch_bounds__(kFlashMaxWarps* gpu::kWarpSize, 2)
    flash_attention_kernel(float* __restrict__ out,          // (n_rows, n_heads, head_dim)
                           const float* __restrict__ q,      // (n_rows, n_heads, head_dim)
                           const bf16* __restrict__ keys,    // (n_heads, max_seq_len, head_dim)
                           const bf16* __restrict__ values,  // (n_heads, max_seq_len, head_dim)
                           Attention a, float scale) {
  constexpr int kRows = kFlashRows<kDims>;
  extern __shared__ uint4 shared[];
  const TileLayout layout(a.head_dim);
  const int lane = threadIdx.x % gpu::kWarpSize, warp = threadIdx.x / gpu::kWarpSize;
  const int block_rows = blockDim.x / gpu::kWarpSize * kRows;
  const int first_row = (gridDim.x - 1 - blockIdx.x) * block_rows;
  const int head = blockIdx.y;

  uint4* staged_keys = shared;
  uint4* staged_values = staged_keys + kTileKeys * layout.stride;
  float* staged_q = reinterpret_cast<float*>(staged_values + kTileKeys * layout.stride);
  float* weights = staged_q + block_rows * a.head_dim + warp * kRows * kTileKeys;
  stage_rows(staged_q, q, a, first_row, block_rows, head);
  const float* warp_q = staged_q + warp * kRows * a.head_dim;

  const int row = first_row + warp * kRows;  // this warp's first
  const int block_keys = a.start + min(first_row + block_rows, a.n_rows);
  const int warp_keys = row < a.n_rows ? a.start + min(row + kRows, a.n_rows) : 0;
  const size_t head_at = size_t(head) * a.max_seq_len * a.head_dim;
  Found<kRows, kDims> split, whole;
  for (int first = 0; first < block_keys; first += kTileKeys) {
    const size_t tile_at = head_at + size_t(first) * a.head_dim;
    __syncthreads();  // everyone is done with the previous tile
    stage_tiles(staged_keys, staged_values, keys + tile_at, values + tile_at, a.head_dim,
                min(kTileKeys, block_keys - first), layout, threadIdx.x, blockDim.x);
    __syncthreads();
    if (first < warp_keys) {  // else all of the tile is beyond this warp's rows
      int seen[kRows];
#pragma unroll
      for (int r = 0; r < kRows; ++r) seen[r] = a.start + row + r + 1 - first;
      attend_tile(split, warp_q, weights, staged_keys, staged_values, layout, seen, a.head_dim,
                  scale, lane);
    }
    if ((first + kTileKeys) % kSplitKeys == 0 || first + kTileKeys >= block_keys) {
      fold(whole, split);
      split = Found<kRows, kDims>();
    }
  }
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const float total = of_row<kRows>(whole.sums.total, r);
    if (row + r >= a.n_rows || lane * kDims >= a.head_dim) continue;
#pragma unroll
    for (int d = 0; d < kDims; ++d) whole.values[r][d] /= total;
    store_dims(out + (size_t(row + r) * a.n_heads + head) * a.head_dim + lane * kDims,
               whole.values[r]);
  }
}

// The plan with that many warps (1 to 8) a block.
inline FlashPlan flash_plan(const Attention& a, int warps) {
  FlashPlan plan;
  plan.warps = warps;
  with_dims_a_lane(a.head_dim, [&](auto dims) { plan.rows = warps * kFlashRows<dims()>; });
  plan.shared_bytes =
      2 * TileLayout(a.head_dim).bytes() + sizeof(float) * plan.rows * (a.head_dim + kTileKeys);
  return plan;
}

// Every GPU from sm_75 on can give a block 64 KB; an H100 has 132 SMs to fill.
constexpr size_t kFlashSharedLimit = 64 * 1024;
constexpr int kFlashFillBlocks = 132;

// The most rows a block that shared_limit allows, but fewer when the grid would leave SMs idle.
inline FlashPlan choose_flash_plan(const Attention& a, size_t shared_limit = kFlashSharedLimit) {
  FlashPlan plan = flash_plan(a, kFlashMaxWarps);
  while (plan.warps > 2 && (plan.shared_bytes > shared_limit ||
                            gpu::ceil_div(a.n_rows, plan.rows) * a.n_heads < kFlashFillBlocks)) {
    plan = flash_plan(a, plan.warps / 2);
  }
  return plan;
}

// Each tensor once.
inline gpu::KernelBytes flash_attention_bytes(const Attention& a) {
  const uint64_t row = uint64_t(a.n_heads) * a.head_dim;
  gpu::KernelBytes bytes;
  bytes.activations.read = sizeof(float) * a.n_rows * row;
  bytes.activations.written = sizeof(float) * a.n_rows * row;
  bytes.kv.read = 2 * sizeof(bf16) * a.n_keys() * row;
  return bytes;
}

// Bytes of K and V that come from L2 into shared memory: every block of rows reads all that it
// sees.
inline uint64_t flash_attention_staged_bytes(const Attention& a, const FlashPlan& plan) {
  uint64_t keys = 0;
  for (int first = 0; first < a.n_rows; first += plan.rows) {
    keys += a.start + std::min(first + plan.rows, a.n_rows);
  }
  return 2 * sizeof(bf16) * keys * a.n_heads * a.head_dim;
}

// Multiply-adds of attention by tiles, the same for all of this chapter's kernels. A pair of query
// and key: head_dim for the score and for the value, the scaling, the subtraction and exp's
// product. A fold (of a tile, of a split): both sides of each dim and of the sum, two exponentials.
// At the end a division a dim.
inline double tiled_multiply_adds(const Attention& a) {
  double folds = 0;
  for (int seen = a.start + 1; seen <= a.n_keys(); ++seen) {
    folds += gpu::ceil_div(seen, kTileKeys) + gpu::ceil_div(seen, kSplitKeys);
  }
  return double(a.pairs()) * (2 * a.head_dim + 3) +
         a.n_heads * (folds * (2 * a.head_dim + 6) + double(a.n_rows) * a.head_dim);
}

// Dynamic shared memory above 48 KB must be asked for. Throws when the GPU has not that much.
template <typename Kernel>
void allow_shared(Kernel* kernel, size_t bytes, const char* name) {
  if (bytes <= 48 * 1024) return;
  int device = 0, most = 0;
  CUDA_CHECK(cudaGetDevice(&device));
  CUDA_CHECK(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  GPU_REQUIRE(bytes <= size_t(most), std::string(name) + ": needs " + std::to_string(bytes) +
                                         " bytes of shared memory a block, this GPU gives " +
                                         std::to_string(most));
  CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                  cudaFuncAttributeMaxDynamicSharedMemorySize, int(bytes)));
}

inline void flash_attention(float* out, const float* q, const bf16* keys, const bf16* values,
                            const Attention& a, float scale, const FlashPlan& plan,
                            cudaStream_t stream) {
  ch00::check_attention(a);
  GPU_REQUIRE(plan.warps >= 1 && plan.warps <= kFlashMaxWarps,
              "flash_attention: " + std::to_string(plan.warps) + " warps a block, not 1 to 8");
  gpu::declare_work({tiled_multiply_adds(a), 0});
  with_dims_a_lane(a.head_dim, [&](auto dims) {
    auto* kernel = flash_attention_kernel<dims()>;
    allow_shared(kernel, plan.shared_bytes, "flash_attention");
    kernel<<<dim3(gpu::ceil_div(a.n_rows, plan.rows), a.n_heads), plan.warps * gpu::kWarpSize,
             plan.shared_bytes, stream>>>(out, q, keys, values, a, scale);
  });
  CHECK_LAUNCH("flash_attention_kernel");
}

}  // namespace ch02

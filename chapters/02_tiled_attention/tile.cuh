// Chapter 02's idea: attention in tiles of 32 keys whose scores never leave the chip.
//
// A *tile* is 32 keys at a multiple of 32 positions, a *split* is 8 tiles. What a row finds in a
// tile is three things: the largest score, the sum of the exponentials, and the values weighted by
// them. fold() joins two such findings. A split folds its tiles in order, a row folds its splits in
// order: so a row's bits depend on its own keys alone, not on the rows beside it, on the kernel, or
// on who loaded the tile.
//
// Everything here works for a warp with kRows rows that look at the same keys: rows of one head, or
// (chapter 03) pairs of a row and a head that share a head of the cache.
//
// Source: Dao et al., "FlashAttention", 2022 (arXiv 2205.14135), algorithm 1; Milakov and
// Gimelshein, "Online normalizer calculation for softmax", 2018 (arXiv 1805.02867).
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "chapters/02_tiled_attention/tile_layout.cuh"  // TileLayout, kTileKeys
#include "common/gpu/bf16.cuh"                          // load8
#include "common/gpu/warp.cuh"                          // warp_max, warp_sum_each

namespace ch02 {

constexpr int kSplitTiles = 8;
constexpr int kSplitKeys = kSplitTiles * kTileKeys;  // 256

// A score is the sum over each 64 dims, and those added in order: one long chain of additions would
// round more, and wait more.
constexpr int kScoreDims = 64;

// sums[r] += the products of `dims` values of row r and of this lane's key, up to 64 of them: 8 one
// after the other, and then their sum. The row is the same for all lanes, so its float4 is one
// broadcast.
template <int kRows>
__device__ __forceinline__ void add_products(float (&sums)[kRows],
                                             const float* q,  // shared, (kRows, q_stride)
                                             int q_stride,
                                             const bf16* key,  // shared, this lane's
                                             int dims) {
#pragma unroll 1
  for (int d = 0; d < dims; d += 8) {
    float k[8];
    gpu::load8(key + d, k);
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      const float4* row = reinterpret_cast<const float4*>(q + r * q_stride + d);
      const float4 low = row[0], high = row[1];
      const float in[8] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
      float sum = 0;
#pragma unroll
      for (int i = 0; i < 8; ++i) sum = fmaf(in[i], k[i], sum);
      sums[r] += sum;
    }
  }
}

// sums[r] += all products of row r and this lane's key. A key may come in parts of 64 dims, in
// several calls. (Heads of at most 64 dims, known when compiling, need fewer registers.)
template <int kMaxDims = 256, int kRows>
__device__ __forceinline__ void add_scores(float (&sums)[kRows], const float* q, int q_stride,
                                           const bf16* key, int dims) {
  if constexpr (kMaxDims <= kScoreDims) {
    add_products(sums, q, q_stride, key, dims);
  } else {
#pragma unroll 1
    for (int d = 0; d < dims; d += kScoreDims) {
      float parts[kRows] = {};
      add_products(parts, q + d, q_stride, key + d, min(kScoreDims, dims - d));
#pragma unroll
      for (int r = 0; r < kRows; ++r) sums[r] += parts[r];
    }
  }
}

// What softmax keeps of some keys: the largest score, and the sum of exp(score - largest). It
// starts as what no keys give.
struct RowSums {
  float largest = -INFINITY;
  float total = 0;
};

// Numbers that belong to a row are kept by 32 / kRows lanes, not by all: lane l has those of row
// l * kRows / 32. of_row() is row r's, in every lane; the whole warp asks.
template <int kRows>
__device__ __forceinline__ float of_row(float mine, int r) {
  return __shfl_sync(gpu::kFullMask, mine, r * gpu::kWarpSize / kRows);
}

// From a tile's sums (of add_scores) to its softmax, not yet divided: with s = scale * sum, or -inf
// for a key that row r does not see, weights[r] = exp(s - max of s), or 0 if all are -inf. Row r
// sees the first seen[r] keys of the tile; it may be none (<= 0) or more than there are. Returns
// the RowSums of this lane's row.
template <int kRows>
__device__ __forceinline__ RowSums tile_softmax(float* weights,  // shared, (kRows, 32)
                                                float (&sums)[kRows], const int (&seen)[kRows],
                                                float scale, int lane) {
  RowSums mine;
  __syncwarp();  // the weights of the last tile are read no more
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const float score = lane < seen[r] ? sums[r] * scale : -INFINITY;
    const float largest = gpu::warp_max(score);
    if (lane * kRows / gpu::kWarpSize == r) mine.largest = largest;
    sums[r] = expf(score - (largest == -INFINITY ? 0.0f : largest));
    weights[r * kTileKeys + lane] = sums[r];
  }
  gpu::warp_sum_each(sums, lane);  // bit for bit as warp_sum, with fewer shuffles
  mine.total = sums[0];
  // No score but a sum: some score is NaN, and must not be taken for nothing.
  if (mine.largest == -INFINITY && mine.total != 0) mine.largest = 0;
  __syncwarp();
  return mine;
}

// Joins what was found before and what is added. Both are brought to the larger of the two maxima,
// by the factors that come back; the values need them too.
struct FoldFactors {
  float before, added;
};
__device__ __forceinline__ FoldFactors fold(RowSums& into, const RowSums& part) {
  const float largest = fmaxf(into.largest, part.largest);
  const float base = largest == -INFINITY ? 0.0f : largest;
  const FoldFactors by{expf(into.largest - base), expf(part.largest - base)};
  into.largest = largest;
  into.total = fmaf(into.total, by.before, part.total * by.added);
  return by;
}
// What adds nothing leaves the value as it is, its sign too if it is 0.
__device__ __forceinline__ float fold(float into, float part, const FoldFactors& by) {
  return by.added == 0 ? into : fmaf(into, by.before, part * by.added);
}

// The same for the values of kRows rows, where each lane has the factors of its row.
template <int kRows, int kDims>
__device__ __forceinline__ void fold_rows(float (&into)[kRows][kDims],
                                          const float (&part)[kRows][kDims],
                                          const FoldFactors& mine) {
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const FoldFactors by{of_row<kRows>(mine.before, r), of_row<kRows>(mine.added, r)};
#pragma unroll
    for (int d = 0; d < kDims; ++d) into[r][d] = fold(into[r][d], part[r][d], by);
  }
}

// kDims neighbouring values of a key, with one load.
template <int kDims>
__device__ __forceinline__ void load_dims(const bf16* from, float (&to)[kDims]) {
  static_assert(kDims == 1 || kDims == 2 || kDims == 4 || kDims == 8, "one load");
  if constexpr (kDims == 8) {
    gpu::load8(from, to);
  } else if constexpr (kDims == 4) {
    const uint2 raw = *reinterpret_cast<const uint2*>(from);
    to[0] = __uint_as_float(raw.x << 16), to[1] = __uint_as_float(raw.x & 0xffff0000u);
    to[2] = __uint_as_float(raw.y << 16), to[3] = __uint_as_float(raw.y & 0xffff0000u);
  } else if constexpr (kDims == 2) {
    const uint32_t raw = *reinterpret_cast<const uint32_t*>(from);
    to[0] = __uint_as_float(raw << 16), to[1] = __uint_as_float(raw & 0xffff0000u);
  } else {
    to[0] = __uint_as_float(uint32_t(from->bits) << 16);
  }
}

template <bool kWhole, int kRows, int kDims>
__device__ __forceinline__ void add_values_loop(float (&out)[kRows][kDims], const float* weights,
                                                const bf16* values, int value_stride,
                                                const int (&seen)[kRows]) {
#pragma unroll 1
  for (int j = 0; j < kTileKeys; j += 4) {
    float v[4][kDims];
#pragma unroll
    for (int i = 0; i < 4; ++i) load_dims(values + (j + i) * value_stride, v[i]);
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      const float4 quad = *reinterpret_cast<const float4*>(weights + r * kTileKeys + j);
      const float w[4] = {quad.x, quad.y, quad.z, quad.w};
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        if (!kWhole && j + i >= seen[r]) continue;
#pragma unroll
        for (int d = 0; d < kDims; ++d) out[r][d] = fmaf(w[i], v[i][d], out[r][d]);
      }
    }
  }
}

// out[r][d] += the sum over the keys that row r sees, in order, of weight * value[d], for this
// lane's kDims dims. A value that is not seen is not even multiplied by zero: it may be infinite.
// Lanes without dims stay out of it.
template <int kRows, int kDims>
__device__ __forceinline__ void add_values(float (&out)[kRows][kDims],
                                           const float* weights,  // shared, (kRows, 32)
                                           const bf16* values,    // shared, this lane's, of key 0
                                           int value_stride, const int (&seen)[kRows]) {
  int least = kTileKeys;
#pragma unroll
  for (int r = 0; r < kRows; ++r) least = min(least, seen[r]);
  if (least >= kTileKeys) {
    add_values_loop<true>(out, weights, values, value_stride, seen);
  } else {
    add_values_loop<false>(out, weights, values, value_stride, seen);
  }
}

// What kRows rows have found in some of their keys: the values, weighted and not yet divided, of
// this lane's dims, and the sums of this lane's row.
template <int kRows, int kDims>
struct Found {
  float values[kRows][kDims] = {};
  RowSums sums;
};

template <int kRows, int kDims>
__device__ __forceinline__ void fold(Found<kRows, kDims>& into, const Found<kRows, kDims>& part) {
  fold_rows(into.values, part.values, fold(into.sums, part.sums));
}

// A whole tile, staged in shared memory with layout(head_dim), for kRows rows: `found` becomes what
// they found before and in this tile. Lane l has the dims l * kDims and up; 32 * kDims must cover
// the head.
template <int kRows, int kDims>
__device__ __forceinline__ void attend_tile(Found<kRows, kDims>& found,
                                            const float* q,            // shared, (kRows, head_dim)
                                            float* weights,            // shared, (kRows, 32)
                                            const uint4* staged_keys,  // shared, TileLayout
                                            const uint4* staged_values, const TileLayout& layout,
                                            const int (&seen)[kRows], int head_dim, float scale,
                                            int lane) {
  float sums[kRows] = {};
  const bf16* keys = reinterpret_cast<const bf16*>(staged_keys);
  add_scores<kDims * gpu::kWarpSize>(sums, q, head_dim, keys + lane * layout.value_stride(),
                                     head_dim);
  Found<kRows, kDims> tile;
  tile.sums = tile_softmax(weights, sums, seen, scale, lane);
  if (lane * kDims < head_dim) {
    const bf16* values = reinterpret_cast<const bf16*>(staged_values) + lane * kDims;
    add_values(tile.values, weights, values, layout.value_stride(), seen);
  }
  fold(found, tile);
}

}  // namespace ch02

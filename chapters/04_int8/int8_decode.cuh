// Chapter 03's attention for a few rows, from a cache in 8 bits. Changed as int8_prefill.cuh says;
// the kernel it changes is chapters/03_grouped_query/grouped_decode.cuh.
#pragma once

#include "chapters/03_grouped_query/grouped_decode.cuh"  // GroupedShared, fold_slice, GroupedSplit
#include "chapters/04_int8/int8_prefill.cuh"             // scale_weights, int8_attention_bytes

namespace ch04 {

using ch02::kSplitTiles;
using ch02::RowSums;
using ch03::GroupedShared, ch03::GroupedSplit;

// The same result as int8_prefill_kernel, to the last bit.
// Shapes: q, out (n_rows, n_heads, head_dim); keys, values: Int8Plane.
// Grid (n_splits, n_kv_heads, n_pairs / block_pairs) -> block of up to 8 warps: the keys of a split
// for block_pairs pairs -> warp: a tile, in chunks of up to kChunk dims, each brought in once; the
// next chunk, kChunk / 16 loads of 16 bytes a lane, is on its way while one is computed; slices of
// kSlice pairs -> lane: a key (and its scales) for the scores, kChunk / 32 dims for the values.
// VRAM: int8_decode_bytes(): each key and value once, for all rows and all heads of a group.
// Shared memory: GroupedShared. Needs head_dim a multiple of 8 up to 256, block_pairs a multiple of
// kSlice, aligned pointers. (With 8 pairs a slice and whole heads of more than 64 dims, a second
// block an SM would cost spilled registers.)
template <int kSlice, int kChunk>
__global__ void __launch_bounds__(kSplitTiles* gpu::kWarpSize, kSlice* kChunk >= 1024 ? 1 : 2)
    int8_decode_kernel(float* __restrict__ out,              // (n_rows, n_heads, head_dim)
                       float* __restrict__ partials,         // Partials, when there are splits
                       const float* __restrict__ q,          // (n_rows, n_heads, head_dim)
                       const int8_t* __restrict__ keys,      // (n_kv_heads, max_seq_len, head_dim)
                       const __half* __restrict__ k_scales,  // (n_kv_heads, max_seq_len)
                       const int8_t* __restrict__ values,    // (n_kv_heads, max_seq_len, head_dim)
                       const __half* __restrict__ v_scales,  // (n_kv_heads, max_seq_len)
                       Grouped g, float scale, int block_pairs) {
  constexpr int kDims = kChunk / gpu::kWarpSize;
  constexpr int kLoads = kChunk / 16;  // of a chunk, a lane
  extern __shared__ uint4 shared_pieces[];
  char* shared = reinterpret_cast<char*>(shared_pieces);
  const GroupedShared place(g.head_dim, kSlice, block_pairs, blockDim.x / gpu::kWarpSize, kChunk);
  const int lane = threadIdx.x % gpu::kWarpSize, warp = threadIdx.x / gpu::kWarpSize;
  const int first_pair = blockIdx.z * block_pairs;
  const ch03::BlockPairs pairs{int(blockIdx.y), first_pair,
                               min(block_pairs, g.n_pairs() - first_pair)};
  uint4* staged = reinterpret_cast<uint4*>(shared + warp * place.chunk_bytes);
  float* results = reinterpret_cast<float*>(shared + place.results_at(warp));
  float* weights =
      reinterpret_cast<float*>(shared + place.weights_at()) + warp * block_pairs * kTileKeys;
  float* staged_q = reinterpret_cast<float*>(shared + place.q_at());
  RowSums* found = reinterpret_cast<RowSums*>(shared + place.sums_at()) + warp * block_pairs;

  const int first = (blockIdx.x * kSplitTiles + warp) * kTileKeys;   // this warp's first key
  const int tile_keys = max(0, min(kTileKeys, g.n_keys() - first));  // 0: no tile is left for it
  const size_t key_at = size_t(pairs.kv_head) * g.max_seq_len + first;
  const auto fetch = [&](uint4(&loads)[kLoads], const int8_t* from, int dim) {
    if (tile_keys == 0) return;
    const ByteTile layout(min(kChunk, g.head_dim - dim), g.head_dim);
    fetch_bytes(loads, from + key_at * g.head_dim + dim, g.head_dim, tile_keys, layout, lane,
                gpu::kWarpSize);
  };

  uint4 loads[kLoads];
  fetch(loads, keys, 0);
  __syncwarp();
  const float key_scale = lane_scale(k_scales + key_at, tile_keys, lane) * scale;
  const float value_scale = lane_scale(v_scales + key_at, tile_keys, lane);
  __syncwarp();
  ch03::stage_pairs(staged_q, q, g, pairs.kv_head, first_pair, block_pairs);
  __syncthreads();
  for (int dim = 0; dim < g.head_dim; dim += kChunk) {
    const int dims = min(kChunk, g.head_dim - dim);
    const bool last = dim + dims == g.head_dim;
    const ByteTile layout(dims, g.head_dim);
    if (tile_keys > 0) place_bytes(staged, loads, layout, lane, gpu::kWarpSize);
    __syncwarp();
    fetch(loads, last ? values : keys, last ? 0 : dim + dims);
    __syncwarp();
    const bf16* key = reinterpret_cast<const bf16*>(staged) + lane * layout.staged.value_stride();
    for (int at = 0; at < pairs.count; at += kSlice) {
      ch03::score_slice<kSlice, kChunk>(weights + at * kTileKeys, found + at,
                                        staged_q + at * g.head_dim, tile_keys > 0 ? key : nullptr,
                                        g, first_pair + at, first, dim, dims, key_scale, lane);
      if (last) scale_weights<kSlice>(weights + at * kTileKeys, value_scale, lane);
    }
    __syncwarp();
  }

  for (int dim = 0; dim < g.head_dim; dim += kChunk) {
    const int dims = min(kChunk, g.head_dim - dim);
    const ByteTile layout(dims, g.head_dim);
    if (tile_keys > 0) place_bytes(staged, loads, layout, lane, gpu::kWarpSize);
    __syncwarp();
    if (dim + dims < g.head_dim) fetch(loads, values, dim + dims);
    __syncwarp();
    const bf16* value = reinterpret_cast<const bf16*>(staged) + lane * kDims;
    for (int at = 0; at < pairs.count; at += kSlice) {
      float sums[kSlice][kDims] = {};
      int seen[kSlice];
      ch03::keys_seen(seen, g, ch03::FirstPair(g, first_pair + at), first);
      if (tile_keys > 0 && lane * kDims < dims) {
        ch02::add_values(sums, weights + at * kTileKeys, value, layout.staged.value_stride(), seen);
      }
      __syncwarp();  // with one slice the results take the place of the chunk
      for (int r = 0; r < kSlice && lane * kDims < dims; ++r) {
        ch02::store_dims(results + r * dims + lane * kDims, sums[r]);
      }
      __syncthreads();
      ch03::fold_slice(out, ch02::Partials(partials, g.ungrouped(), gridDim.x), shared, place, g,
                       pairs, at, min(kSlice, pairs.count - at), dim, dims);
      __syncthreads();
    }
  }
}

// Each tensor once. With one split the result is written, with more the partials are.
inline gpu::KernelBytes int8_decode_bytes(const Grouped& g) {
  gpu::KernelBytes bytes = ch03::grouped_decode_bytes(g);
  bytes.kv = int8_attention_bytes(g).kv;
  return bytes;
}

// The pairs of a block, for numbers of one byte.
inline GroupedSplit int8_split(const Grouped& g) {
  return ch03::grouped_split(g, ch03::grouped_shared_limit(), sizeof(int8_t));
}

// Needs 1 to 8 rows, and ch02::partial_floats() floats of `partials`.
inline void int8_decode(float* out, float* partials, const float* q, const Int8Plane& keys,
                        const Int8Plane& values, const Grouped& g, float scale,
                        const GroupedSplit& split, cudaStream_t stream) {
  ch03::check_grouped(g);
  GPU_REQUIRE(g.n_rows <= ch02::kDecodeRows,
              "int8_decode: " + std::to_string(g.n_rows) + " rows, more than 8");
  const int n_splits = ch02::split_count(g.n_keys());
  gpu::declare_work({int8_attention_multiply_adds(g), 0});
  ch02::with_rows(split.slice, [&](auto slice) {
    ch02::with_chunk(split.chunk, [&](auto chunk) {
      auto* kernel = int8_decode_kernel<slice(), chunk()>;
      ch02::allow_shared(kernel, split.shared_bytes, "int8_decode");
      kernel<<<dim3(n_splits, g.n_kv_heads, split.blocks), split.warps * gpu::kWarpSize,
               split.shared_bytes, stream>>>(out, partials, q, keys.values, keys.scales,
                                             values.values, values.scales, g, scale,
                                             split.block_pairs);
    });
  });
  CHECK_LAUNCH("int8_decode_kernel");
  if (n_splits == 1) return;
  gpu::declare_work({});  // its folds are in the count above
  ch02::merge_splits_kernel<<<dim3(g.n_heads, g.n_rows), gpu::round_up(g.head_dim, gpu::kWarpSize),
                              0, stream>>>(out, partials, g.ungrouped(), n_splits);
  CHECK_LAUNCH("merge_splits_kernel");
}

}  // namespace ch04

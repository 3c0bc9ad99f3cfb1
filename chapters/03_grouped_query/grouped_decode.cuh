// Grouped attention for a few rows (decode): chapter 02's split-KV kernel with pairs in place of
// rows. A warp brings its tile of K and V in once and walks over the pairs in slices, so a group
// may be larger than what the registers hold.
//
// Source: as group.cuh; the kernel it changes is chapters/02_tiled_attention/flash_decode.cuh.
#pragma once

#include "chapters/02_tiled_attention/flash_decode.cuh"  // Partials, Folding, merge_splits_kernel
#include "chapters/03_grouped_query/group.cuh"           // Grouped, stage_pairs

namespace ch03 {

using ch02::kTileKeys, ch02::kSplitTiles;
using ch02::RowSums;

constexpr int kSlicePairs = 4;  // of a slice, when a block has more than 8 pairs

// The shared memory of a block, in this order.
struct GroupedShared {
  int chunk_bytes;    // of a warp: a chunk of K, then of V, and with one slice what its tile gives
  int results_bytes;  // of a warp: what its tile gives for one slice
  int pairs;          // of the block
  int warps;
  int head_dim;

  __host__ __device__ GroupedShared(int head_dim, int slice_pairs, int pairs, int warps, int chunk)
      : chunk_bytes(ch02::TileLayout(head_dim < chunk ? head_dim : chunk).bytes()),
        results_bytes(pairs > slice_pairs ? slice_pairs * (head_dim < chunk ? head_dim : chunk) * 4
                                          : 0),
        pairs(pairs),
        warps(warps),
        head_dim(head_dim) {}

  // Where warp t leaves what its tile gives. Later slices still need the chunk of V.
  __host__ __device__ int results_at(int t) const {
    return results_bytes > 0 ? warps * chunk_bytes + t * results_bytes : t * chunk_bytes;
  }
  __host__ __device__ int weights_at() const { return warps * (chunk_bytes + results_bytes); }
  __host__ __device__ int q_at() const { return weights_at() + warps * pairs * kTileKeys * 4; }
  __host__ __device__ int sums_at() const { return q_at() + pairs * head_dim * 4; }
  __host__ __device__ int bytes() const {
    return sums_at() + warps * pairs * static_cast<int>(sizeof(RowSums));
  }
};

// The pairs of a block: pair `first` of a head of K and V, and `count` in all.
struct BlockPairs {
  int kv_head;
  int first;
  int count;
};

// Adds a chunk of `dims` dims from `dim` on to the scores of a slice. Between chunks the sums rest
// where the weights will be; after the last they become weights, and `found` of the tile.
template <int kSlice, int kChunk>
__device__ __forceinline__ void score_slice(float* weights,   // shared, (kSlice, 32)
                                            RowSums* found,   // shared, (kSlice)
                                            const float* q,   // shared, (kSlice, head_dim)
                                            const bf16* key,  // shared, this lane's, or null
                                            const Grouped& g, int pair, int first_key, int dim,
                                            int dims, float scale, int lane) {
  float sums[kSlice] = {};
  if (key != nullptr) ch02::add_scores<kChunk>(sums, q + dim, g.head_dim, key, dims);
  if (dim > 0) {
#pragma unroll
    for (int r = 0; r < kSlice; ++r) sums[r] = weights[r * kTileKeys + lane] + sums[r];
  }
  if (dim + dims < g.head_dim) {
#pragma unroll
    for (int r = 0; r < kSlice; ++r) weights[r * kTileKeys + lane] = sums[r];
    return;
  }
  int seen[kSlice];
  keys_seen(seen, g, FirstPair(g, pair), first_key);
  const RowSums mine = ch02::tile_softmax(weights, sums, seen, scale, lane);
  if (lane % (gpu::kWarpSize / kSlice) == 0)
    ch02::store(found + lane * kSlice / gpu::kWarpSize, mine);
  __syncwarp();
}

// Joins the tiles of a block for `count` pairs from its pair `at` on, and `dims` dims from dim
// `from` on: threads take (pair, dim). With one split this is the result; with more it goes to
// `partials`.
__device__ __forceinline__ void fold_slice(float* __restrict__ out, const ch02::Partials& partials,
                                           const char* shared, const GroupedShared& place,
                                           const Grouped& g, const BlockPairs& pairs, int at,
                                           int count, int from, int dims) {
  const RowSums* sums = reinterpret_cast<const RowSums*>(shared + place.sums_at()) + at;
  const int split = blockIdx.x, n_splits = gridDim.x;
  for (int i = threadIdx.x; i < count * dims; i += blockDim.x) {
    const int pair = i / dims;
    ch02::Folding tiles;
    for (int t = 0; t < place.warps; ++t) {
      const float* values = reinterpret_cast<const float*>(shared + place.results_at(t));
      tiles.add(sums[t * place.pairs + pair], values[i]);
    }
    const size_t place_of = g.at(pairs.kv_head, pairs.first + at + pair);
    if (n_splits == 1) {
      ch02::Folding splits;  // of one, so that the bits are those of the kernel for many rows
      splits.add(tiles.sums, tiles.value);
      out[place_of * g.head_dim + from + i % dims] = splits.value / splits.sums.total;
    } else {
      partials.values[(place_of * n_splits + split) * g.head_dim + from + i % dims] = tiles.value;
    }
  }
  if (n_splits == 1 || from > 0) return;
  __syncwarp();
  const int pair = threadIdx.x;
  if (pair < count) {
    ch02::Folding tiles;
    for (int t = 0; t < place.warps; ++t) tiles.add(sums[t * place.pairs + pair], 0);
    const size_t place_of = g.at(pairs.kv_head, pairs.first + at + pair);
    ch02::store(partials.sums + place_of * n_splits + split, tiles.sums);
  }
}

// The same result as grouped_prefill_kernel, to the last bit.
// Shapes: q, out (n_rows, n_heads, head_dim); keys, values (n_kv_heads, max_seq_len, head_dim).
// Grid (n_splits, n_kv_heads, n_pairs / block_pairs) -> block of up to 8 warps: the keys of a split
// for block_pairs pairs -> warp: a tile, in chunks of up to kChunk dims, each brought in once; the
// next chunk, kChunk / 8 loads of 16 bytes a lane, is on its way while one is computed; slices of
// kSlice pairs -> lane: a key for the scores, kChunk / 32 dims for the values.
// VRAM: grouped_decode_bytes(): each key and value once, for all rows and all heads of a group.
// Shared memory: GroupedShared, 38 to 96 KB for 8 warps. Needs head_dim a multiple of 8 up to 256,
// block_pairs a multiple of kSlice, aligned pointers.
// With 8 pairs a slice, or 4 and whole heads, a second block an SM would cost spilled registers.
template <int kSlice, int kChunk>
__global__ void __launch_bounds__(kSplitTiles* gpu::kWarpSize, kSlice* kChunk >= 512 ? 1 : 2)
    grouped_decode_kernel(float* __restrict__ out,          // (n_rows, n_heads, head_dim)
                          float* __restrict__ partials,     // Partials, when there are splits
                          const float* __restrict__ q,      // (n_rows, n_heads, head_dim)
                          const bf16* __restrict__ keys,    // (n_kv_heads, max_seq_len, head_dim)
                          const bf16* __restrict__ values,  // (n_kv_heads, max_seq_len, head_dim)
                          Grouped g, float scale, int block_pairs) {
  constexpr int kDims = kChunk / gpu::kWarpSize;
  constexpr int kPieces = kChunk / 8;  // of a chunk, a lane
  extern __shared__ uint4 shared_pieces[];
  char* shared = reinterpret_cast<char*>(shared_pieces);
  const GroupedShared place(g.head_dim, kSlice, block_pairs, blockDim.x / gpu::kWarpSize, kChunk);
  const int lane = threadIdx.x % gpu::kWarpSize, warp = threadIdx.x / gpu::kWarpSize;
  const int first_pair = blockIdx.z * block_pairs;
  const BlockPairs pairs{int(blockIdx.y), first_pair, min(block_pairs, g.n_pairs() - first_pair)};
  uint4* staged = reinterpret_cast<uint4*>(shared + warp * place.chunk_bytes);
  float* results = reinterpret_cast<float*>(shared + place.results_at(warp));
  float* weights =
      reinterpret_cast<float*>(shared + place.weights_at()) + warp * block_pairs * kTileKeys;
  float* staged_q = reinterpret_cast<float*>(shared + place.q_at());
  RowSums* found = reinterpret_cast<RowSums*>(shared + place.sums_at()) + warp * block_pairs;

  const int first = (blockIdx.x * kSplitTiles + warp) * kTileKeys;   // this warp's first key
  const int tile_keys = max(0, min(kTileKeys, g.n_keys() - first));  // 0: no tile is left for it
  const size_t tile_at = (size_t(pairs.kv_head) * g.max_seq_len + first) * g.head_dim;
  const auto fetch = [&](uint4(&pieces)[kPieces], const bf16* from, int dim) {
    if (tile_keys == 0) return;
    const ch02::TileLayout layout(min(kChunk, g.head_dim - dim));
    ch02::fetch_pieces(pieces, from + tile_at + dim, g.head_dim, tile_keys, layout, lane,
                       gpu::kWarpSize);
  };

  uint4 pieces[kPieces];
  fetch(pieces, keys, 0);
  __syncwarp();
  stage_pairs(staged_q, q, g, pairs.kv_head, first_pair, block_pairs);
  __syncthreads();
  for (int dim = 0; dim < g.head_dim; dim += kChunk) {
    const int dims = min(kChunk, g.head_dim - dim);
    const bool last = dim + dims == g.head_dim;
    const ch02::TileLayout layout(dims);
    if (tile_keys > 0) ch02::place_pieces(staged, pieces, layout, lane, gpu::kWarpSize);
    __syncwarp();
    fetch(pieces, last ? values : keys, last ? 0 : dim + dims);
    __syncwarp();
    const bf16* key = reinterpret_cast<const bf16*>(staged) + lane * layout.value_stride();
    for (int at = 0; at < pairs.count; at += kSlice) {
      score_slice<kSlice, kChunk>(weights + at * kTileKeys, found + at, staged_q + at * g.head_dim,
                                  tile_keys > 0 ? key : nullptr, g, first_pair + at, first, dim,
                                  dims, scale, lane);
    }
    __syncwarp();
  }

  for (int dim = 0; dim < g.head_dim; dim += kChunk) {
    const int dims = min(kChunk, g.head_dim - dim);
    const ch02::TileLayout layout(dims);
    if (tile_keys > 0) ch02::place_pieces(staged, pieces, layout, lane, gpu::kWarpSize);
    __syncwarp();
    if (dim + dims < g.head_dim) fetch(pieces, values, dim + dims);
    __syncwarp();
    const bf16* value = reinterpret_cast<const bf16*>(staged) + lane * kDims;
    for (int at = 0; at < pairs.count; at += kSlice) {
      float sums[kSlice][kDims] = {};
      int seen[kSlice];
      keys_seen(seen, g, FirstPair(g, first_pair + at), first);
      if (tile_keys > 0 && lane * kDims < dims) {
        ch02::add_values(sums, weights + at * kTileKeys, value, layout.value_stride(), seen);
      }
      __syncwarp();  // with one slice the results take the place of the chunk
      for (int r = 0; r < kSlice && lane * kDims < dims; ++r) {
        ch02::store_dims(results + r * dims + lane * kDims, sums[r]);
      }
      __syncthreads();
      fold_slice(out, ch02::Partials(partials, g.ungrouped(), gridDim.x), shared, place, g, pairs,
                 at, min(kSlice, pairs.count - at), dim, dims);
      __syncthreads();
    }
  }
}

// How the pairs of a head of K and V are divided: one block for all of them if it has the shared
// memory, else as few blocks as have, with as many pairs each. No pair's result depends on it.
struct GroupedSplit {
  int slice = 0;        // pairs of a slice
  int chunk = 0;        // dims that a warp has in shared memory at one time
  int block_pairs = 0;  // a multiple of slice
  int blocks = 0;
  int warps = 0;
  size_t shared_bytes = 0;
};

// More than this a block would leave an SM of an H100 with fewer than two blocks.
constexpr size_t kGroupedSharedLimit = 96 * 1024;

inline GroupedSplit grouped_split_with(const Grouped& g, size_t shared_limit, int chunk) {
  const int pairs = g.n_pairs();
  GroupedSplit split;
  split.slice = pairs <= 2 ? pairs : pairs <= 4 ? 4 : pairs <= ch02::kDecodeRows ? 8 : kSlicePairs;
  split.chunk = chunk;
  split.warps = std::min(kSplitTiles, gpu::ceil_div(g.n_keys(), kTileKeys));
  const auto bytes = [&](int block_pairs) {
    return size_t(GroupedShared(g.head_dim, split.slice, block_pairs, split.warps, chunk).bytes());
  };
  int most = split.slice;
  while (most < pairs && bytes(most + split.slice) <= shared_limit) most += split.slice;
  split.blocks = gpu::ceil_div(pairs, most);
  split.block_pairs = gpu::round_up(gpu::ceil_div(pairs, split.blocks), split.slice);
  split.blocks = gpu::ceil_div(pairs, split.block_pairs);
  split.shared_bytes = bytes(split.block_pairs);
  return split;
}

// With the chunk that leaves sectors whole, unless it takes more shared memory than there is, or
// more blocks: each block reads all of K and V. A number of the cache has `value_bytes` bytes.
inline GroupedSplit grouped_split(const Grouped& g, size_t shared_limit,
                                  size_t value_bytes = sizeof(bf16)) {
  const GroupedSplit usual = grouped_split_with(g, shared_limit, ch02::kChunkDims);
  const GroupedSplit split =
      grouped_split_with(g, shared_limit, ch02::chunk_dims(g.head_dim, value_bytes));
  return split.shared_bytes <= shared_limit && split.blocks <= usual.blocks ? split : usual;
}

// What a block may have on this GPU, and not more than is good.
inline size_t grouped_shared_limit() {
  int device = 0, most = 0;
  CUDA_CHECK(cudaGetDevice(&device));
  CUDA_CHECK(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  return std::min(size_t(most), kGroupedSharedLimit);
}

// Each tensor once. With one split the result is written, with more the partials are.
inline gpu::KernelBytes grouped_decode_bytes(const Grouped& g) {
  gpu::KernelBytes bytes = ch02::flash_decode_bytes(g.ungrouped());
  bytes.kv = grouped_bytes(g).kv;
  return bytes;
}

// Needs 1 to 8 rows, and ch02::partial_floats() floats of `partials`.
inline void grouped_decode(float* out, float* partials, const float* q, const bf16* keys,
                           const bf16* values, const Grouped& g, float scale,
                           const GroupedSplit& split, cudaStream_t stream) {
  check_grouped(g);
  GPU_REQUIRE(g.n_rows <= ch02::kDecodeRows,
              "grouped_decode: " + std::to_string(g.n_rows) + " rows, more than 8");
  const int n_splits = ch02::split_count(g.n_keys());
  gpu::declare_work({ch02::tiled_multiply_adds(g.ungrouped()), 0});
  ch02::with_rows(split.slice, [&](auto slice) {
    ch02::with_chunk(split.chunk, [&](auto chunk) {
      auto* kernel = grouped_decode_kernel<slice(), chunk()>;
      ch02::allow_shared(kernel, split.shared_bytes, "grouped_decode");
      kernel<<<dim3(n_splits, g.n_kv_heads, split.blocks), split.warps * gpu::kWarpSize,
               split.shared_bytes, stream>>>(out, partials, q, keys, values, g, scale,
                                             split.block_pairs);
    });
  });
  CHECK_LAUNCH("grouped_decode_kernel");
  if (n_splits == 1) return;
  gpu::declare_work({});  // its folds are in the count above
  ch02::merge_splits_kernel<<<dim3(g.n_heads, g.n_rows), gpu::round_up(g.head_dim, gpu::kWarpSize),
                              0, stream>>>(out, partials, g.ungrouped(), n_splits);
  CHECK_LAUNCH("merge_splits_kernel");
}

}  // namespace ch03

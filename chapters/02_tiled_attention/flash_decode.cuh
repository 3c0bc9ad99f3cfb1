// Attention for a few rows (decode): one row gives no work for 132 SMs, so the keys are divided
// too. Each block takes a split of 256 keys; a second kernel joins the splits. Extends tile.cuh.
//
// Source: Dao et al., "Flash-Decoding for long-context inference", 2023
// (https://crfm.stanford.edu/2023/10/12/flashdecoding.html).
#pragma once

#include "chapters/02_tiled_attention/flash_attention.cuh"  // stage_rows, tiled_multiply_adds
#include "chapters/02_tiled_attention/tile.cuh"             // add_scores, tile_softmax, add_values

namespace ch02 {

constexpr int kDecodeRows = 8;  // at most

// Dims of a tile that a warp has in shared memory at one time: a chunk. 64 of them take little
// memory. But where a key is not whole sectors, a cut between two chunks would go through sectors,
// and a warp would ask for those twice: such heads are brought in whole, up to 128 dims.
constexpr int kChunkDims = kScoreDims;
constexpr int kWholeDims = 2 * kChunkDims;
inline int chunk_dims(int head_dim, size_t value_bytes) {
  constexpr int kSectorBytes = 32;
  const bool cuts = head_dim > kChunkDims && head_dim * value_bytes % kSectorBytes != 0;
  return cuts && head_dim <= kWholeDims ? kWholeDims : kChunkDims;
}

// The shared memory of a block, in this order.
struct DecodeShared {
  int chunk_bytes;  // of a warp: a chunk of K, then of V, then what its tile gives
  int rows;         // that the kernel computes
  int warps;
  int head_dim;

  __host__ __device__ DecodeShared(int head_dim, int rows, int warps, int chunk)
      : chunk_bytes(TileLayout(head_dim < chunk ? head_dim : chunk).bytes()),
        rows(rows),
        warps(warps),
        head_dim(head_dim) {}

  __host__ __device__ int weights_at() const { return warps * chunk_bytes; }
  __host__ __device__ int q_at() const { return weights_at() + warps * rows * kTileKeys * 4; }
  __host__ __device__ int sums_at() const { return q_at() + rows * head_dim * 4; }
  __host__ __device__ int bytes() const {
    return sums_at() + warps * rows * static_cast<int>(sizeof(RowSums));
  }
};

// The chunk for `rows` rows: a whole head only if the block's shared memory is what every GPU has.
inline int decode_chunk(int head_dim, int rows, int warps) {
  const int chunk = chunk_dims(head_dim, sizeof(bf16));
  const size_t bytes = DecodeShared(head_dim, rows, warps, chunk).bytes();
  return bytes <= kFlashSharedLimit ? chunk : kChunkDims;
}

// What the splits found, between the two kernels. Floats: the values, then the RowSums.
struct Partials {
  float* values;  // (n_rows, n_heads, n_splits, head_dim), not yet divided
  RowSums* sums;  // (n_rows, n_heads, n_splits)

  __host__ __device__ Partials(float* memory, const Attention& a, int n_splits)
      : values(memory),
        sums(reinterpret_cast<RowSums*>(memory +
                                        size_t(a.n_rows) * a.n_heads * n_splits * a.head_dim)) {}
};

inline int split_count(int n_keys) { return gpu::ceil_div(n_keys, kSplitKeys); }

// Floats that Partials need for up to 8 rows; none when one split holds all keys.
inline size_t partial_floats(int n_heads, int head_dim, int max_seq_len) {
  const int splits = split_count(max_seq_len);
  return splits == 1 ? 0 : size_t(kDecodeRows) * n_heads * splits * (head_dim + 2);
}

// Two stores of 4 bytes: a copy of the struct is one store for some compilers and two for others.
__device__ __forceinline__ void store(RowSums* to, const RowSums& from) {
  to->largest = from.largest;
  to->total = from.total;
}

// Folds one number of a row over the tiles of a split, or over the splits of a row.
struct Folding {
  RowSums sums;
  float value = 0;
  __device__ __forceinline__ void add(const RowSums& part, float part_value) {
    value = fold(value, part_value, fold(sums, part));
  }
};

// Joins the tiles of a block for `dims` dims from dim `from` on: threads take (row, dim) pairs.
// With one split this is the result; with more it goes to `partials`.
__device__ __forceinline__ void fold_tiles(float* __restrict__ out, const Partials& partials,
                                           const char* shared, const DecodeShared& place,
                                           const Attention& a, int from, int dims) {
  const RowSums* sums = reinterpret_cast<const RowSums*>(shared + place.sums_at());
  const int split = blockIdx.x, n_splits = gridDim.x, head = blockIdx.y;
  for (int i = threadIdx.x; i < a.n_rows * dims; i += blockDim.x) {
    const int row = i / dims;
    Folding tiles;
    for (int t = 0; t < place.warps; ++t) {
      const float* values = reinterpret_cast<const float*>(shared + t * place.chunk_bytes);
      tiles.add(sums[t * place.rows + row], values[i]);
    }
    const size_t at = size_t(row) * a.n_heads + head;
    if (n_splits == 1) {
      Folding splits;  // of one, so that the bits are those of the kernel for many rows
      splits.add(tiles.sums, tiles.value);
      out[at * a.head_dim + from + i % dims] = splits.value / splits.sums.total;
    } else {
      partials.values[(at * n_splits + split) * a.head_dim + from + i % dims] = tiles.value;
    }
  }
  if (n_splits == 1 || from > 0) return;
  __syncwarp();
  if (static_cast<int>(threadIdx.x) < a.n_rows) {
    Folding tiles;
    for (int t = 0; t < place.warps; ++t) tiles.add(sums[t * place.rows + threadIdx.x], 0);
    store(partials.sums + (size_t(threadIdx.x) * a.n_heads + head) * n_splits + split, tiles.sums);
  }
}

// The same result as flash_attention_kernel, to the last bit, for 1 to kRows rows.
// Shapes: q, out (n_rows, n_heads, head_dim); keys, values (n_heads, max_seq_len, head_dim).
// Grid (n_splits, n_heads) -> block of up to 8 warps: the keys of a split for all rows -> warp: a
// tile, in chunks of up to kChunk dims; the next chunk, kChunk / 8 loads of 16 bytes a lane, is on
// its way while one is computed -> lane: a key for the scores, kChunk / 32 dims for the values.
// VRAM: flash_decode_bytes(): each key and value once, for all rows. Shared memory: DecodeShared,
// up to 53 KB for 8 warps and chunks of 64 dims. Two blocks fit an SM: 16 warps, which have 64 KB
// of K and V on their way. (With whole heads of more than 64 dims and more than two rows, a second
// block would cost spilled registers.) Needs head_dim a multiple of 8 up to 256, n_rows <= kRows,
// aligned pointers.
template <int kRows, int kChunk>
__global__ void __launch_bounds__(kSplitTiles* gpu::kWarpSize,
                                  kChunk == kWholeDims && kRows > 2 ? 1 : 2)
    flash_decode_kernel(float* __restrict__ out,          // (n_rows, n_heads, head_dim)
                        float* __restrict__ partials,     // Partials, when there are several splits
                        const float* __restrict__ q,      // (n_rows, n_heads, head_dim)
                        const bf16* __restrict__ keys,    // (n_heads, max_seq_len, head_dim)
                        const bf16* __restrict__ values,  // (n_heads, max_seq_len, head_dim)
                        Attention a, float scale) {
  constexpr int kDims = kChunk / gpu::kWarpSize;
  constexpr int kPieces = kChunk / 8;  // of a chunk, a lane
  extern __shared__ uint4 shared_pieces[];
  char* shared = reinterpret_cast<char*>(shared_pieces);
  const DecodeShared place(a.head_dim, kRows, blockDim.x / gpu::kWarpSize, kChunk);
  const int lane = threadIdx.x % gpu::kWarpSize, warp = threadIdx.x / gpu::kWarpSize;
  char* chunk = shared + warp * place.chunk_bytes;
  uint4* staged = reinterpret_cast<uint4*>(chunk);
  float* weights = reinterpret_cast<float*>(shared + place.weights_at()) + warp * kRows * kTileKeys;
  float* staged_q = reinterpret_cast<float*>(shared + place.q_at());

  const int n_keys = a.start + a.n_rows;
  const int first = (blockIdx.x * kSplitTiles + warp) * kTileKeys;  // this warp's first key
  const int tile_keys = max(0, min(kTileKeys, n_keys - first));     // 0: no tile is left for it
  const size_t tile_at = (size_t(blockIdx.y) * a.max_seq_len + first) * a.head_dim;
  const auto fetch = [&](uint4(&pieces)[kPieces], const bf16* from, int dim) {
    if (tile_keys == 0) return;
    const TileLayout layout(min(kChunk, a.head_dim - dim));
    fetch_pieces(pieces, from + tile_at + dim, a.head_dim, tile_keys, layout, lane, gpu::kWarpSize);
  };

  uint4 pieces[kPieces];
  fetch(pieces, keys, 0);
  __syncwarp();
  stage_rows(staged_q, q, a, 0, kRows, blockIdx.y);
  __syncthreads();

  float sums[kRows] = {};
  for (int dim = 0; dim < a.head_dim; dim += kChunk) {
    const int dims = min(kChunk, a.head_dim - dim);
    const bool last = dim + dims == a.head_dim;
    const TileLayout layout(dims);
    if (tile_keys > 0) place_pieces(staged, pieces, layout, lane, gpu::kWarpSize);
    __syncwarp();
    fetch(pieces, last ? values : keys, last ? 0 : dim + dims);
    __syncwarp();
    if (tile_keys > 0) {
      const bf16* key = reinterpret_cast<const bf16*>(staged) + lane * layout.value_stride();
      add_scores(sums, staged_q + dim, a.head_dim, key, dims);
    }
    __syncwarp();
  }

  int seen[kRows];
#pragma unroll
  for (int r = 0; r < kRows; ++r) seen[r] = a.start + r + 1 - first;
  const RowSums mine = tile_softmax(weights, sums, seen, scale, lane);
  if (lane % (gpu::kWarpSize / kRows) == 0) {
    RowSums* sums_place = reinterpret_cast<RowSums*>(shared + place.sums_at());
    store(sums_place + warp * kRows + lane * kRows / gpu::kWarpSize, mine);
  }

  for (int dim = 0; dim < a.head_dim; dim += kChunk) {
    const int dims = min(kChunk, a.head_dim - dim);
    const TileLayout layout(dims);
    __syncwarp();
    if (tile_keys > 0) place_pieces(staged, pieces, layout, lane, gpu::kWarpSize);
    __syncwarp();
    if (dim + dims < a.head_dim) fetch(pieces, values, dim + dims);
    __syncwarp();
    float found[kRows][kDims] = {};
    if (tile_keys > 0 && lane * kDims < dims) {
      const bf16* value = reinterpret_cast<const bf16*>(staged) + lane * kDims;
      add_values(found, weights, value, layout.value_stride(), seen);
    }
    __syncwarp();
    if (lane * kDims < dims) {
#pragma unroll
      for (int r = 0; r < kRows; ++r) {
        store_dims(reinterpret_cast<float*>(chunk) + r * dims + lane * kDims, found[r]);
      }
    }
    __syncthreads();
    fold_tiles(out, Partials(partials, a, gridDim.x), shared, place, a, dim, dims);
    __syncthreads();
  }
}

// Joins the splits of each row and head, in order. Shapes: as Partials; out (n_rows, n_heads,
// head_dim). Grid (n_heads, n_rows) -> block: a head of a row -> thread: a dim. VRAM:
// merge_splits_bytes(), mostly found in L2. Shared memory: none.
static __global__ void __launch_bounds__(256)
    merge_splits_kernel(float* __restrict__ out,  // (n_rows, n_heads, head_dim)
                        float* __restrict__ partials, Attention a, int n_splits) {
  const int d = threadIdx.x;
  if (d >= a.head_dim) return;
  const Partials found(partials, a, n_splits);
  const size_t at = size_t(blockIdx.y) * a.n_heads + blockIdx.x;
  Folding splits;
#pragma unroll 4
  for (int s = 0; s < n_splits; ++s) {
    const float2 sums = reinterpret_cast<const float2*>(found.sums)[at * n_splits + s];
    splits.add({sums.x, sums.y}, found.values[(at * n_splits + s) * a.head_dim + d]);
  }
  out[at * a.head_dim + d] = splits.value / splits.sums.total;
}

// Each tensor once. With one split the result is written, with more the partials are.
inline gpu::KernelBytes flash_decode_bytes(const Attention& a) {
  gpu::KernelBytes bytes = flash_attention_bytes(a);
  const uint64_t splits = split_count(a.n_keys());
  if (splits > 1) {
    bytes.activations.written = sizeof(float) * a.n_rows * a.n_heads * splits * (a.head_dim + 2);
  }
  return bytes;
}
inline gpu::KernelBytes merge_splits_bytes(const Attention& a) {
  gpu::KernelBytes bytes;
  bytes.activations.read = flash_decode_bytes(a).activations.written;
  bytes.activations.written = sizeof(float) * a.n_rows * uint64_t(a.n_heads) * a.head_dim;
  return bytes;
}

// Calls run(std::integral_constant<int, n>) with the least n of 1, 2, 4 and 8 that covers `rows`.
template <typename Run>
void with_rows(int rows, const Run& run) {
  if (rows <= 1) return run(std::integral_constant<int, 1>());
  if (rows <= 2) return run(std::integral_constant<int, 2>());
  if (rows <= 4) return run(std::integral_constant<int, 4>());
  return run(std::integral_constant<int, 8>());
}
// The same with chunks of 64 or 128 dims.
template <typename Run>
void with_chunk(int chunk, const Run& run) {
  if (chunk == kChunkDims) return run(std::integral_constant<int, kChunkDims>());
  return run(std::integral_constant<int, kWholeDims>());
}

// Needs 1 to 8 rows, and partial_floats() floats of `partials`.
inline void flash_decode(float* out, float* partials, const float* q, const bf16* keys,
                         const bf16* values, const Attention& a, float scale, cudaStream_t stream) {
  ch00::check_attention(a);
  GPU_REQUIRE(a.n_rows <= kDecodeRows,
              "flash_decode: " + std::to_string(a.n_rows) + " rows, more than 8");
  const int n_splits = split_count(a.n_keys());
  const int warps = std::min(kSplitTiles, gpu::ceil_div(a.n_keys(), kTileKeys));
  gpu::declare_work({tiled_multiply_adds(a), 0});
  with_rows(a.n_rows, [&](auto rows) {
    with_chunk(decode_chunk(a.head_dim, rows(), warps), [&](auto chunk) {
      auto* kernel = flash_decode_kernel<rows(), chunk()>;
      const size_t bytes = DecodeShared(a.head_dim, rows(), warps, chunk()).bytes();
      allow_shared(kernel, bytes, "flash_decode");
      kernel<<<dim3(n_splits, a.n_heads), warps * gpu::kWarpSize, bytes, stream>>>(
          out, partials, q, keys, values, a, scale);
    });
  });
  CHECK_LAUNCH("flash_decode_kernel");
  if (n_splits == 1) return;
  gpu::declare_work({});  // its folds are in the count above
  merge_splits_kernel<<<dim3(a.n_heads, a.n_rows), gpu::round_up(a.head_dim, gpu::kWarpSize), 0,
                        stream>>>(out, partials, a, n_splits);
  CHECK_LAUNCH("merge_splits_kernel");
}

}  // namespace ch02

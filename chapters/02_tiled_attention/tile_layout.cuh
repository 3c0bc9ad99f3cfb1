// A tile of K or V on its way: how it lies in VRAM, who loads what, and how it lies in shared
// memory. What is computed with it is in tile.cuh.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "common/gpu/bf16.cuh"  // bf16
#include "common/gpu/warp.cuh"  // kWarpSize

namespace ch02 {

using gpu::bf16;

constexpr int kTileKeys = gpu::kWarpSize;  // a key a lane

// How a tile of 32 keys, `dims` values each (a multiple of 8, at most 256), lies in shared memory:
// in pieces of 16 bytes, with one spare piece behind each key when the number of pieces is even.
// An odd stride gives 8 lanes that read the same piece of 8 keys 8 different groups of banks.
struct TileLayout {
  int pieces;        // of a key
  int stride;        // pieces from one key to the next, odd
  uint32_t inverse;  // division by `pieces`: (n * inverse) >> 16, exact for n < 2048
  bool by_columns;

  // Pieces are carried in the order in which they lie in VRAM. But when a key is an even number of
  // pieces, and not whole rows of banks, then 8 neighbours would straddle the spare piece and two
  // of them would share banks. Then 8 lanes take the same piece of 8 keys. (A warp still reads
  // whole sectors.)
  __host__ __device__ explicit TileLayout(int dims)
      : pieces(dims / 8),
        stride(pieces | 1),
        inverse(65536u / pieces + 1),
        by_columns(pieces % 2 == 0 && pieces % 8 != 0) {}

  __host__ __device__ int count() const { return kTileKeys * pieces; }
  __host__ __device__ int value_stride() const { return stride * 8; }
  __host__ __device__ int bytes() const { return kTileKeys * stride * 16; }

  // Piece number n of the tile is piece `piece` of key `key`.
  __device__ __forceinline__ void find(int n, int& key, int& piece) const {
    const int run = by_columns ? n / 8 : n;
    const int row = static_cast<int>(run * inverse >> 16);
    piece = run - row * pieces;
    key = by_columns ? row * 8 + n % 8 : row;
  }
};

// First half of a tile's way: into registers. kPieces loads of 16 bytes are on their way at once.
// Piece numbers are first, first + step, ...; `first` of lane 0 is a multiple of 32. Keys from
// `keys` on are not read: they become zeros, in case shared memory holds a NaN there.
template <int kPieces>
__device__ __forceinline__ void fetch_pieces(uint4 (&pieces)[kPieces],
                                             const bf16* __restrict__ tile,  // (keys, key_stride)
                                             int key_stride, int keys, const TileLayout& layout,
                                             int first, int step) {
#pragma unroll
  for (int i = 0; i < kPieces; ++i) {
    pieces[i] = make_uint4(0, 0, 0, 0);
    const int n = first + i * step;
    if (n >= layout.count()) continue;
    int key, piece;
    layout.find(n, key, piece);
    if (key < keys) {
      pieces[i] = reinterpret_cast<const uint4*>(tile + size_t(key) * key_stride)[piece];
    }
  }
}

// Second half: from registers into shared memory. A __syncwarp() belongs behind every fetch,
// because at the end of the sequence some lanes have fetched less than others. (It waits for the
// lanes, not for their loads.)
template <int kPieces>
__device__ __forceinline__ void place_pieces(uint4* staged, const uint4 (&pieces)[kPieces],
                                             const TileLayout& layout, int first, int step) {
#pragma unroll
  for (int i = 0; i < kPieces; ++i) {
    const int n = first + i * step;
    if (n >= layout.count()) continue;
    int key, piece;
    layout.find(n, key, piece);
    staged[key * layout.stride + piece] = pieces[i];
  }
}

// Brings a tile of K and the same tile of V into shared memory, by all `threads` threads of a
// block. The caller puts a __syncthreads() before (the old tile is read no more) and after.
__device__ __forceinline__ void stage_tiles(uint4* staged_keys, uint4* staged_values,
                                            const bf16* __restrict__ keys_tile,
                                            const bf16* __restrict__ values_tile, int key_stride,
                                            int keys, const TileLayout& layout, int thread,
                                            int threads) {
  constexpr int kAtOnce = 4;  // of K, and as many of V
  for (int first = thread; first < layout.count(); first += kAtOnce * threads) {
    uint4 k[kAtOnce], v[kAtOnce];
    fetch_pieces(k, keys_tile, key_stride, keys, layout, first, threads);
    __syncwarp();  // at the end of the sequence some lanes have fetched fewer keys than others
    fetch_pieces(v, values_tile, key_stride, keys, layout, first, threads);
    __syncwarp();
    place_pieces(staged_keys, k, layout, first, threads);
    place_pieces(staged_values, v, layout, first, threads);
  }
}

}  // namespace ch02

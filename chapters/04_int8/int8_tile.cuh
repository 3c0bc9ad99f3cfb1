// A tile of the int8 cache on its way into shared memory, where it becomes chapter 02's tile of
// bf16: a signed byte is a bf16 exactly, so all that computes with tiles stays as it is. Half the
// bytes come from VRAM; the scales, one a key, are multiplied in where a lane has a key of its own.
#pragma once

#include "chapters/02_tiled_attention/tile_layout.cuh"  // TileLayout

namespace ch04 {

using ch02::kTileKeys;
using gpu::bf16;

// Four signed bytes as four bf16. Adding 128 makes a byte unsigned; set behind the exponent of 2^23
// it is 2^23 + 128 + q as a float. That is faster than four conversions of integers.
__device__ __forceinline__ uint2 widen(uint32_t bytes) {
  const uint32_t biased = bytes ^ 0x80808080u;
  uint32_t f[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float shifted = __uint_as_float(__byte_perm(biased, 0x4b000000u, 0x7650 + i));
    f[i] = __float_as_uint(shifted - (8388608.0f + 128.0f));
  }
  return make_uint2(__byte_perm(f[0], f[1], 0x7632), __byte_perm(f[2], f[3], 0x7632));
}
// Eight of them: one piece of a staged tile.
__device__ __forceinline__ uint4 widen(uint32_t low, uint32_t high) {
  const uint2 a = widen(low), b = widen(high);
  return make_uint4(a.x, a.y, b.x, b.y);
}

// Who loads what of a tile of 32 keys with `dims` bytes each. When the cache's rows are multiples
// of 16 bytes, a load is 16 bytes, that is two pieces of the staged tile, and 8 lanes load a part
// of 8 keys each: then they write to 8 different groups of banks (TileLayout's stride is odd).
// Other rows are loaded in order, 8 bytes at a time, one piece each.
//
// A warp loads four such groups of 8 at one time, and both halves of a sector must be among them,
// or the sector is asked for twice. With an even number of loads a key, a group and the next one
// have the two halves. With an odd number (80 bytes are 5 loads), odd keys begin with the second
// half of a sector, so they are one load ahead: even keys take loads 0 1 2 3 4, odd keys 1 2 3 4 0.
// In the last group an even key's end then meets the begin of the next key, and needs no partner. 8
// keys make an odd number of groups, so every second 8 keys go backwards and begin with that one:
// no pair of groups is divided between two loads of a warp.
struct ByteTile {
  ch02::TileLayout staged;
  bool wide;
  int loads;         // of a key
  int ahead;         // of an odd key: 1 load or none
  uint32_t inverse;  // division by `loads`: (n * inverse) >> 16, exact for n < 2048

  __host__ __device__ ByteTile(int dims, int row_bytes)
      : staged(dims),
        wide(row_bytes % 16 == 0),
        loads(wide ? dims / 16 : dims / 8),
        ahead(wide && loads % 2 == 1),
        inverse(65536u / loads + 1) {}

  __host__ __device__ int count() const { return kTileKeys * loads; }

  // Load number n of the tile is load `load` of key `key`.
  __device__ __forceinline__ void find(int n, int& key, int& load) const {
    const int run = wide ? n / 8 : n;
    const int row = static_cast<int>(run * inverse >> 16);
    load = run - row * loads;
    key = wide ? row * 8 + n % 8 : row;
    if (row & ahead) load = loads - 1 - load;
    load += key & ahead;
    if (load == loads) load = 0;
  }
};

// Load number n, 16 bytes or 8 (then x and y of the result). Keys from `keys` on become zeros.
__device__ __forceinline__ uint4 fetch_load(const int8_t* __restrict__ tile,  // (keys, row_bytes)
                                            int row_bytes, int keys, const ByteTile& layout,
                                            int n) {
  uint4 bytes = make_uint4(0, 0, 0, 0);
  if (n >= layout.count()) return bytes;
  int key, load;
  layout.find(n, key, load);
  if (key >= keys) return bytes;
  const int8_t* row = tile + size_t(key) * row_bytes;
  if (layout.wide) return reinterpret_cast<const uint4*>(row)[load];
  const uint2 half = reinterpret_cast<const uint2*>(row)[load];
  bytes.x = half.x, bytes.y = half.y;
  return bytes;
}

// As ch02::fetch_pieces: kLoads loads of 16 bytes are on their way at once, or twice as many of 8:
// then bytes[i] has load first + i * step and, in z and w, load first + (kLoads + i) * step.
template <int kLoads>
__device__ __forceinline__ void fetch_bytes(uint4 (&bytes)[kLoads],
                                            const int8_t* __restrict__ tile,  // (keys, row_bytes)
                                            int row_bytes, int keys, const ByteTile& layout,
                                            int first, int step) {
#pragma unroll
  for (int i = 0; i < kLoads; ++i) {
    bytes[i] = fetch_load(tile, row_bytes, keys, layout, first + i * step);
  }
  if (layout.wide) return;
#pragma unroll
  for (int i = 0; i < kLoads; ++i) {
    const uint4 half = fetch_load(tile, row_bytes, keys, layout, first + (kLoads + i) * step);
    bytes[i].z = half.x, bytes[i].w = half.y;
  }
}

// As ch02::place_pieces, a __syncwarp() after fetch_bytes.
template <int kLoads>
__device__ __forceinline__ void place_bytes(uint4* staged, const uint4 (&bytes)[kLoads],
                                            const ByteTile& layout, int first, int step) {
#pragma unroll
  for (int i = 0; i < 2 * kLoads; ++i) {
    // Either the second piece of a load of 16 bytes, or a load of its own.
    const bool second = i >= kLoads;
    const int n = first + (layout.wide && second ? i - kLoads : i) * step;
    if (n >= layout.count()) continue;
    int key, load;
    layout.find(n, key, load);
    const uint4& from = bytes[i % kLoads];
    staged[key * layout.staged.stride + (layout.wide ? 2 * load + second : load)] =
        second ? widen(from.z, from.w) : widen(from.x, from.y);
  }
}

// As ch02::stage_tiles: a tile of K and one of V, by all `threads` threads of a block. kAtOnce
// loads of 16 bytes of K are on their way at once, and as many of V.
template <int kAtOnce>
__device__ __forceinline__ void stage_int8_tiles(uint4* staged_keys, uint4* staged_values,
                                                 const int8_t* __restrict__ keys_tile,
                                                 const int8_t* __restrict__ values_tile,
                                                 int row_bytes, int keys, const ByteTile& layout,
                                                 int thread, int threads) {
  const int at_once = layout.wide ? kAtOnce : 2 * kAtOnce;
  for (int first = thread; first < layout.count(); first += at_once * threads) {
    uint4 k[kAtOnce], v[kAtOnce];
    fetch_bytes(k, keys_tile, row_bytes, keys, layout, first, threads);
    __syncwarp();  // at the end of the sequence some lanes have fetched less than others
    fetch_bytes(v, values_tile, row_bytes, keys, layout, first, threads);
    __syncwarp();
    place_bytes(staged_keys, k, layout, first, threads);
    place_bytes(staged_values, v, layout, first, threads);
  }
}

// A lane has one key of the tile: its scale, or 0 behind the last key.
__device__ __forceinline__ float lane_scale(const __half* scales, int keys, int lane) {
  return lane < keys ? __half2float(scales[lane]) : 0;
}

// After ch02::tile_softmax: the weights that its total counts become weights of unscaled values.
template <int kRows>
__device__ __forceinline__ void scale_weights(float* weights,  // shared, (kRows, 32)
                                              float value_scale, int lane) {
#pragma unroll
  for (int r = 0; r < kRows; ++r) weights[r * kTileKeys + lane] *= value_scale;
  __syncwarp();
}

}  // namespace ch04

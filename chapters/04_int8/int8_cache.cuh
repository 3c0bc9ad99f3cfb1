// K and V in 8 bits: a byte a value, and for each token and head one fp16 scale. Adds that to the
// cache of chapter 01.
#pragma once

#include <cuda_fp16.h>

#include <string>

#include "chapters/00_naive/scores.cuh"        // with_lanes_a_head
#include "chapters/01_kv_cache/kv_cache.cuh"   // KvMemory
#include "chapters/04_int8/quantize_rows.cuh"  // largest, rounded4
#include "common/gpu/bf16.cuh"                 // load8

namespace ch04 {

using ch01::KvMemory;

// K (or V) of one layer, as kernels see it.
struct Int8Plane {
  int8_t* values;  // (n_kv_heads, max_seq_len, head_dim)
  __half* scales;  // (n_kv_heads, max_seq_len)
};

// `count` values of T, of that shape, in VRAM or in page-locked host RAM, where the same kernels
// read them.
template <typename T>
struct CacheMemory {
  CacheMemory(KvMemory memory, size_t count, const char* name, const gpu::Shape& shape) {
    if (memory == KvMemory::kVram) {
      device = gpu::DeviceBuffer<T>(count, name, shape);
      data = device.data();
    } else {
      host = gpu::PinnedBuffer<T>(count, name, shape);
      data = host.device_data();
    }
  }
  T* data;
  gpu::DeviceBuffer<T> device;  // one of the two owns the memory
  gpu::PinnedBuffer<T> host;
};

// Shapes: as Int8Plane, for n_layers layers.
struct Int8KvCache {
  Int8KvCache(KvMemory memory, int n_layers, int n_kv_heads, int max_seq_len, int head_dim)
      : rows(size_t(n_kv_heads) * max_seq_len),
        head_dim(head_dim),
        token_bytes(uint64_t{2} * n_layers * n_kv_heads * (head_dim + sizeof(__half))),
        k(memory, n_layers * rows * head_dim, "kv_cache.k",
          {n_layers, n_kv_heads, max_seq_len, head_dim}),
        v(memory, n_layers * rows * head_dim, "kv_cache.v",
          {n_layers, n_kv_heads, max_seq_len, head_dim}),
        k_scales(memory, n_layers * rows, "kv_cache.k.scales", {n_layers, n_kv_heads, max_seq_len}),
        v_scales(memory, n_layers * rows, "kv_cache.v.scales",
                 {n_layers, n_kv_heads, max_seq_len}) {}

  Int8Plane keys(int layer) const {
    return {k.data + layer * rows * head_dim, k_scales.data + layer * rows};
  }
  Int8Plane values(int layer) const {
    return {v.data + layer * rows * head_dim, v_scales.data + layer * rows};
  }

  size_t rows;  // of head_dim values, in one layer
  int head_dim;
  uint64_t token_bytes;  // of K and V of one token: (head_dim + 2) a head, layer and side
  CacheMemory<int8_t> k, v;
  CacheMemory<__half> k_scales, v_scales;
};

constexpr int kStoreThreads = 128;

// Stores K or V as int8: row r of head h goes to values[h][start + r], with scale = the largest |x|
// of its head_dim values / 127. Rounding as in quantize_kernel; the scale is then stored as fp16.
// Shapes: x (n_rows, n_kv_heads, head_dim), values (n_kv_heads, max_seq_len, head_dim), scales
// (n_kv_heads, max_seq_len). Grid (n_kv_heads * kLanes / 128, n_rows) -> block -> kLanes
// neighbouring lanes: a head -> lane: 8 values. VRAM: store_int8_bytes(). Shared memory: none.
// Needs head_dim a multiple of 8, at most 8 * kLanes, aligned pointers.
template <int kLanes>
__global__ void __launch_bounds__(kStoreThreads)
    store_int8_kernel(int8_t* __restrict__ values,  // (n_kv_heads, max_seq_len, head_dim)
                      __half* __restrict__ scales,  // (n_kv_heads, max_seq_len)
                      const float* __restrict__ x,  // (n_rows, n_kv_heads, head_dim)
                      int n_kv_heads, int head_dim, int start, int max_seq_len) {
  const int thread = blockIdx.x * kStoreThreads + threadIdx.x, row = blockIdx.y;
  const int head = thread / kLanes, d = thread % kLanes * 8;
  const bool inside = head < n_kv_heads && d < head_dim;
  float v[8] = {};
  if (inside) gpu::load8(x + (size_t(row) * n_kv_heads + head) * head_dim + d, v);
  const float4 low = make_float4(v[0], v[1], v[2], v[3]),
               high = make_float4(v[4], v[5], v[6], v[7]);
  const float scale = largest<kLanes>(fmaxf(largest_of(low), largest_of(high))) / 127.0f;
  const float inverse = inverse_scale(scale);
  if (!inside) return;
  const size_t place = size_t(head) * max_seq_len + start + row;
  *reinterpret_cast<uint2*>(values + place * head_dim + d) =
      make_uint2(rounded4(low, inverse), rounded4(high, inverse));
  if (d == 0) scales[place] = __float2half(scale);
}

inline gpu::KernelBytes store_int8_bytes(int n_rows, int n_kv_heads, int head_dim) {
  const uint64_t heads = uint64_t(n_rows) * n_kv_heads;
  gpu::KernelBytes bytes;
  bytes.activations.read = sizeof(float) * heads * head_dim;
  bytes.kv.written = heads * (head_dim + sizeof(__half));
  return bytes;
}

inline void store_int8(const Int8Plane& to, const float* x, int n_rows, int n_kv_heads,
                       int head_dim, int start, int max_seq_len, cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0 && n_rows <= 65535 && n_kv_heads > 0,
              "store_int8: rows or heads out of range");
  GPU_REQUIRE(head_dim > 0 && head_dim % 8 == 0 && head_dim <= 256,
              "store_int8: head_dim is " + std::to_string(head_dim) +
                  ", not a multiple of 8 from 8 to 256");
  GPU_REQUIRE(start >= 0 && start + n_rows <= max_seq_len,
              "store_int8: position " + std::to_string(start + n_rows - 1) +
                  " is beyond max_seq_len " + std::to_string(max_seq_len));
  gpu::declare_work({2.0 * n_rows * n_kv_heads * head_dim, 0});  // compare, scale
  ch00::with_lanes_a_head(head_dim, [&](auto lanes) {
    constexpr int kLanes = decltype(lanes)::value;
    const unsigned blocks = gpu::ceil_div(n_kv_heads * kLanes, kStoreThreads);
    store_int8_kernel<kLanes><<<dim3(blocks, n_rows), kStoreThreads, 0, stream>>>(
        to.values, to.scales, x, n_kv_heads, head_dim, start, max_seq_len);
  });
  CHECK_LAUNCH("store_int8_kernel");
}

}  // namespace ch04

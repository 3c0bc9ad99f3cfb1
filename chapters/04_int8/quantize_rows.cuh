// Activations, quantized on the fly: each matrix product with int8 weights needs int8 inputs.
//
// A kernel of its own, one launch for each distinct input (four a layer), and not a part of the
// product: every block of a product needs all inputs of its rows, so each would find the scales
// anew, from four times the bytes. The price: 9/8 byte a value is written and read once more.
#pragma once

#include <string>

#include "chapters/04_int8/planes.cuh"  // value_place, kBlock
#include "common/gpu/buffer.h"          // DeviceBuffer
#include "common/gpu/launch.h"          // ceil_div, CHECK_LAUNCH
#include "common/gpu/warp.cuh"          // kFullMask

namespace ch04 {

constexpr int kQuantizeThreads = 128;
constexpr int kBlockLanes = kBlock / 4;  // lanes that share a block, four values each

// Rows of activations as int8, in the order of planes.cuh, so that a lane of the product finds the
// inputs that belong to its weights.
struct QuantizedRows {
  QuantizedRows(int max_rows, int max_dim)
      : values(size_t(max_rows) * blocks_of(max_dim) * kBlock, "quantized"),
        scales(size_t(max_rows) * blocks_of(max_dim), "quantized.scales") {}

  gpu::DeviceBuffer<uint8_t> values;  // (n_rows, n_blocks * 32), signed bytes
  gpu::DeviceBuffer<float> scales;    // (n_rows, n_blocks); nothing is stored long, so fp32
};

// The largest magnitude over `kLanes` neighbouring lanes, in each of them.
template <int kLanes>
__device__ __forceinline__ float largest(float value) {
#pragma unroll
  for (int offset = kLanes / 2; offset > 0; offset /= 2) {
    value = fmaxf(value, __shfl_xor_sync(gpu::kFullMask, value, offset));
  }
  return value;
}

// 1 / scale, or 0 when there is none: all values are 0, or too small for a scale.
__device__ __forceinline__ float inverse_scale(float scale) {
  const float inverse = 1.0f / scale;
  return isinf(inverse) ? 0 : inverse;
}

// round(x * inverse), half away from zero, as an int8 in the low byte.
__device__ __forceinline__ int rounded(float x, float inverse) {
  return int(roundf(__fmul_rn(x, inverse))) & 0xff;
}
__device__ __forceinline__ int rounded4(float4 v, float inverse) {
  return rounded(v.x, inverse) | rounded(v.y, inverse) << 8 | rounded(v.z, inverse) << 16 |
         rounded(v.w, inverse) << 24;
}

__device__ __forceinline__ float largest_of(float4 v) {
  return fmaxf(fmaxf(fabsf(v.x), fabsf(v.y)), fmaxf(fabsf(v.z), fabsf(v.w)));
}

// scale = the largest |x| of the block / 127, value = round(x / scale): quantize.h's numbers, on
// the device. Inputs beyond `dim` in the last block count as zeros.
// Shapes: x (n_rows, dim), values (n_rows, n_blocks * 32), scales (n_rows, n_blocks).
// Grid (n_blocks / 16, n_rows) -> block of 4 warps -> 8 lanes: a block of 32 inputs -> lane: a
// float4. VRAM: quantize_bytes(). Shared memory: none. Needs dim a multiple of 4, aligned pointers.
static __global__ void __launch_bounds__(kQuantizeThreads)
    quantize_kernel(uint8_t* __restrict__ values,  // (n_rows, n_blocks * 32), signed bytes
                    float* __restrict__ scales,    // (n_rows, n_blocks)
                    const float* __restrict__ x,   // (n_rows, dim)
                    int dim, int n_blocks) {
  const int at = (blockIdx.x * kQuantizeThreads + threadIdx.x) * 4;
  const int row = blockIdx.y, block = at / kBlock;
  float4 v = make_float4(0, 0, 0, 0);
  if (at < dim) v = *reinterpret_cast<const float4*>(x + size_t(row) * dim + at);
  const float scale = largest<kBlockLanes>(largest_of(v)) / 127.0f;
  const int packed = rounded4(v, inverse_scale(scale));
  if (block >= n_blocks) return;
  uint8_t* place = values + size_t(row) * n_blocks * kBlock + value_place(at, n_blocks);
  *reinterpret_cast<int*>(place) = packed;
  if (threadIdx.x % kBlockLanes == 0) scales[size_t(row) * n_blocks + block] = scale;
}

inline gpu::KernelBytes quantize_bytes(int n_rows, int dim) {
  const uint64_t blocks = uint64_t(n_rows) * blocks_of(dim);
  gpu::KernelBytes bytes;
  bytes.activations.read = sizeof(float) * n_rows * uint64_t(dim);
  bytes.activations.written = (kBlock + sizeof(float)) * blocks;
  return bytes;
}

inline void quantize(QuantizedRows& out, const float* x, int n_rows, int dim, cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0 && n_rows <= 65535, "quantize: rows out of range");
  GPU_REQUIRE(dim > 0 && dim % 4 == 0,
              "quantize: dim is " + std::to_string(dim) + ", not a positive multiple of 4");
  const int n_blocks = blocks_of(dim);
  GPU_REQUIRE(size_t(n_rows) * n_blocks <= out.scales.size(), "quantize: no room for the rows");
  gpu::declare_work({2.0 * n_rows * dim, 0});  // compare, scale
  quantize_kernel<<<dim3(gpu::ceil_div(n_blocks * kBlockLanes, kQuantizeThreads), n_rows),
                    kQuantizeThreads, 0, stream>>>(out.values.data(), out.scales.data(), x, dim,
                                                   n_blocks);
  CHECK_LAUNCH("quantize_kernel");
}

}  // namespace ch04

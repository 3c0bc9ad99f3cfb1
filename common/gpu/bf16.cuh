// bf16 in kernels: eight of them are one 16-byte load.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "common/gpu/bf16.h"  // bf16

namespace gpu {

// Nearest bf16, ties to even. A NaN stays a NaN.
__host__ __device__ __forceinline__ uint32_t bf16_bits(uint32_t float_bits) {
  const bool is_nan = (float_bits & 0x7fffffffu) > 0x7f800000u;
  if (is_nan) return (float_bits >> 16) | 0x40u;
  return (float_bits + 0x7fffu + ((float_bits >> 16) & 1u)) >> 16;
}

// Loads 8 bf16 from a 16-byte aligned address in VRAM (one request) as floats.
__device__ __forceinline__ void load8(const bf16* from, float (&to)[8]) {
  const uint4 raw = *reinterpret_cast<const uint4*>(from);
  to[0] = __uint_as_float(raw.x << 16), to[1] = __uint_as_float(raw.x & 0xffff0000u);
  to[2] = __uint_as_float(raw.y << 16), to[3] = __uint_as_float(raw.y & 0xffff0000u);
  to[4] = __uint_as_float(raw.z << 16), to[5] = __uint_as_float(raw.z & 0xffff0000u);
  to[6] = __uint_as_float(raw.w << 16), to[7] = __uint_as_float(raw.w & 0xffff0000u);
}

// Two floats, rounded, as the 32 bits that hold `low` and then `high` in memory.
__device__ __forceinline__ uint32_t pack2(float low, float high) {
  return bf16_bits(__float_as_uint(low)) | bf16_bits(__float_as_uint(high)) << 16;
}

// Rounds 8 floats to bf16 and stores them with one 16-byte request.
__device__ __forceinline__ void store8(bf16* to, const float (&from)[8]) {
  *reinterpret_cast<uint4*>(to) = make_uint4(pack2(from[0], from[1]), pack2(from[2], from[3]),
                                             pack2(from[4], from[5]), pack2(from[6], from[7]));
}

// 8 floats from a 16-byte aligned address: two requests.
__device__ __forceinline__ void load8(const float* from, float (&to)[8]) {
  const float4 low = reinterpret_cast<const float4*>(from)[0];
  const float4 high = reinterpret_cast<const float4*>(from)[1];
  to[0] = low.x, to[1] = low.y, to[2] = low.z, to[3] = low.w;
  to[4] = high.x, to[5] = high.y, to[6] = high.z, to[7] = high.w;
}

}  // namespace gpu

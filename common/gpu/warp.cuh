// Sums and maxima over a warp or a block, always added in the same order.
#pragma once

#include <cuda_runtime.h>

namespace gpu {

constexpr int kWarpSize = 32;
constexpr unsigned kFullMask = 0xffffffffu;

// The sum over the 32 lanes, in every lane. Pairs at distance 16, then 8, 4, 2, 1.
template <typename T>
__device__ __forceinline__ T warp_sum(T value) {
#pragma unroll
  for (int offset = kWarpSize / 2; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(kFullMask, value, offset);
  }
  return value;
}

__device__ __forceinline__ float warp_max(float value) {
#pragma unroll
  for (int offset = kWarpSize / 2; offset > 0; offset /= 2) {
    value = fmaxf(value, __shfl_xor_sync(kFullMask, value, offset));
  }
  return value;
}

// One step of warp_sum_each: kLeft values a lane are left, kOffset is the distance of the exchange.
template <int kLeft, int kOffset, int kCount>
__device__ __forceinline__ void warp_sum_step(float (&values)[kCount], int lane) {
  if constexpr (kOffset > 0) {
    constexpr int kHalf = kLeft > 1 ? kLeft / 2 : 1;
    if constexpr (kLeft == 1) {
      values[0] += __shfl_xor_sync(kFullMask, values[0], kOffset);
    } else {
      const bool upper = (lane & kOffset) != 0;
#pragma unroll
      for (int i = 0; i < kHalf; ++i) {
        const float kept = upper ? values[i + kHalf] : values[i];
        const float sent = upper ? values[i] : values[i + kHalf];
        values[i] = kept + __shfl_xor_sync(kFullMask, sent, kOffset);
      }
    }
    warp_sum_step<kHalf, kOffset / 2>(values, lane);
  }
}

// Sums kCount values (a power of two) over kLanes neighbouring lanes (likewise) at once. The first
// shuffles exchange halves: a lane keeps one half of its values and gives away the other, so 32
// sums over 32 lanes take 31 shuffles where warp_sum would take 160. Each sum is added in
// warp_sum's order, so its bits are the same. Afterwards lane l of its group holds, in values[0]
// and up, the sums from number warp_sum_first<kCount, kLanes>(l) on: kCount / kLanes of them, but
// at least one (lanes share a sum when there are more lanes than sums).
template <int kCount, int kLanes = kWarpSize>
__device__ __forceinline__ void warp_sum_each(float (&values)[kCount], int lane) {
  warp_sum_step<kCount, kLanes / 2>(values, lane);
}
template <int kCount, int kLanes = kWarpSize>
__device__ __forceinline__ int warp_sum_first(int lane) {
  return lane % kLanes * kCount / kLanes;
}

// The sum over a block of kThreads threads, in every thread: a tree in each warp, then the warps in
// order. Shared memory: a float a warp. All threads of the block must call it; to call it again,
// put a __syncthreads() between.
template <int kThreads>
__device__ __forceinline__ float block_sum(float value) {
  constexpr int kWarps = kThreads / kWarpSize;
  __shared__ float warp_sums[kWarps];
  value = warp_sum(value);
  if (threadIdx.x % kWarpSize == 0) warp_sums[threadIdx.x / kWarpSize] = value;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int warp = 0; warp < kWarps; ++warp) sum += warp_sums[warp];
  return sum;
}

}  // namespace gpu

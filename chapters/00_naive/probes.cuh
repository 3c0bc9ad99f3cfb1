// One small kernel for each place where bytes can live. All but the first read the same 17.3 MB;
// what differs is where they are found, and so how long it takes. Run: ladder-traced probe
#pragma once

#include "common/gpu/buffer.h"  // DeviceBuffer, PinnedBuffer
#include "common/gpu/launch.h"  // CHECK_LAUNCH

namespace ch00 {

constexpr int kProbeBlocks = 264;  // two for each SM of an H100
constexpr int kProbeThreads = 256;
constexpr int kProbeSteps = 16;      // float4 that each thread reads
constexpr int kProbeTile = 1024;     // float4 in 16 KB: fits into shared memory and into L1
constexpr int kProbeRegion = 65536;  // float4 in 1 MB: fits into L2, not into L1
constexpr int kProbeCount = kProbeBlocks * kProbeThreads * kProbeSteps;  // float4 in all

// Adds a float4 to a sum. `keep_sum` stores a value that never comes, so that no load is left out.
__device__ __forceinline__ float add_up(float sum, float4 v) { return sum + v.x + v.y + v.z + v.w; }
__device__ __forceinline__ void keep_sum(float sum, float* out) {
  if (sum == -1.0f) *out = sum;
}

// 64 multiply-adds a thread in registers. VRAM: nothing. Grid 264 -> block of 256 threads.
static __global__ void register_probe_kernel(float* out) {
  float sum = float(threadIdx.x);
  for (int i = 0; i < 4 * kProbeSteps; ++i) sum = fmaf(sum, 0.5f, 1.0f);
  keep_sum(sum, out);
}

// Reads a tile in shared memory four times: 264 blocks * 64 KB. VRAM: nothing.
static __global__ void __launch_bounds__(kProbeThreads) shared_probe_kernel(float* out) {
  __shared__ float4 tile[kProbeTile];
  for (int i = threadIdx.x; i < kProbeTile; i += kProbeThreads) tile[i] = make_float4(1, 2, 3, 4);
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < kProbeSteps; ++i) {
    sum = add_up(sum, tile[(i * kProbeThreads + threadIdx.x) % kProbeTile]);
  }
  keep_sum(sum, out);
}

// Each block reads the first `size` float4 of its own part of `in`, in turn, 65,536 bytes in all.
// Shapes: in (264 * block_stride). Grid 264 -> block of 256 threads -> thread: 16 loads of 16
// bytes. VRAM: min(size, 4096) * 16 bytes a block, once; what a block reads again it finds in L1.
static __global__ void __launch_bounds__(kProbeThreads)
    read_probe_kernel(const float4* __restrict__ in, float* out, int size, int block_stride) {
  const float4* block_in = in + size_t(blockIdx.x) * block_stride;
  float sum = 0;
  for (int i = 0; i < kProbeSteps; ++i) {
    sum = add_up(sum, block_in[(i * kProbeThreads + threadIdx.x) % size]);
  }
  keep_sum(sum, out);
}

// Each block reads 65,536 bytes of one region of 1 MB, each from another place on.
// VRAM: the region once; what another SM has read before is found in L2.
static __global__ void __launch_bounds__(kProbeThreads)
    region_probe_kernel(const float4* __restrict__ in, float* out) {
  const int first = blockIdx.x * kProbeSteps * kProbeThreads;
  float sum = 0;
  for (int i = 0; i < kProbeSteps; ++i) {
    sum = add_up(sum, in[(first + i * kProbeThreads + threadIdx.x) % kProbeRegion]);
  }
  keep_sum(sum, out);
}

inline void probe_registers(float* out) {
  gpu::declare_work({4.0 * kProbeCount, 0});
  register_probe_kernel<<<kProbeBlocks, kProbeThreads>>>(out);
  CHECK_LAUNCH("register_probe_kernel");
}
inline void probe_shared(float* out) {
  gpu::declare_work({4.0 * kProbeCount, 0});
  shared_probe_kernel<<<kProbeBlocks, kProbeThreads>>>(out);
  CHECK_LAUNCH("shared_probe_kernel");
}
// A block reads 16 KB of its own four times: three times out of four from L1.
inline void probe_l1(const float4* in, float* out) {
  gpu::declare_work({4.0 * kProbeCount, 0});
  read_probe_kernel<<<kProbeBlocks, kProbeThreads>>>(in, out, kProbeTile, kProbeTile);
  CHECK_LAUNCH("read_probe_kernel");
}
// Many blocks read the same 1 MB, each SM for the first time: from L2, but for the first reader.
inline void probe_l2(const float4* in, float* out) {
  gpu::declare_work({4.0 * kProbeCount, 0});
  region_probe_kernel<<<kProbeBlocks, kProbeThreads>>>(in, out);
  CHECK_LAUNCH("region_probe_kernel");
}
// Every byte is read once: from VRAM or, when `in` lies there, from host RAM over PCIe.
inline void probe_stream(const float4* in, float* out) {
  constexpr int kBlockCount = kProbeSteps * kProbeThreads;
  gpu::declare_work({4.0 * kProbeCount, 0});
  read_probe_kernel<<<kProbeBlocks, kProbeThreads>>>(in, out, kBlockCount, kBlockCount);
  CHECK_LAUNCH("read_probe_kernel");
}

}  // namespace ch00

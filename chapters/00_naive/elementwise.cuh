// The small kernels: embedding, residual add, bias add, SwiGLU. Each moves far more bytes than it
// computes, so each is only as fast as its memory.
#pragma once

#include <string>

#include "common/gpu/bf16.cuh"  // bf16, load8
#include "common/gpu/launch.h"  // ceil_div, CHECK_LAUNCH

namespace ch00 {

using gpu::bf16;

constexpr int kElementThreads = 256;

// out[r] = table[tokens[r]]: the vector that stands for each token.
// Shapes: tokens (n_rows), table (vocab_size, dim), out (n_rows, dim).
// Grid (dim / 8 / 256, n_rows) -> block of 256 threads -> thread: 8 values.
// VRAM: embedding_bytes(). Shared memory: none.
// Needs dim a multiple of 8, aligned pointers, tokens within the vocabulary (the decoder checks
// them).
static __global__ void __launch_bounds__(kElementThreads)
    embedding_kernel(float* __restrict__ out,         // (n_rows, dim)
                     const int* __restrict__ tokens,  // (n_rows)
                     const bf16* __restrict__ table,  // (vocab_size, dim)
                     int dim) {
  const int at = (blockIdx.x * kElementThreads + threadIdx.x) * 8;
  if (at >= dim) return;
  float values[8];
  gpu::load8(table + size_t(tokens[blockIdx.y]) * dim + at, values);
  float4* place = reinterpret_cast<float4*>(out + size_t(blockIdx.y) * dim + at);
  place[0] = make_float4(values[0], values[1], values[2], values[3]);
  place[1] = make_float4(values[4], values[5], values[6], values[7]);
}

// The rows of the table count once a row, also when tokens repeat.
inline gpu::KernelBytes embedding_bytes(int n_rows, int dim) {
  gpu::KernelBytes bytes;
  bytes.weights.read = sizeof(bf16) * n_rows * uint64_t(dim);
  bytes.activations.read = sizeof(int) * uint64_t(n_rows);
  bytes.activations.written = sizeof(float) * n_rows * uint64_t(dim);
  return bytes;
}

inline void embedding(float* out, const int* tokens, const bf16* table, int n_rows, int dim,
                      cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0 && n_rows <= 65535, "embedding: rows out of range");
  GPU_REQUIRE(dim > 0 && dim % 8 == 0,
              "embedding: dim is " + std::to_string(dim) + ", not a positive multiple of 8");
  gpu::declare_work({});
  embedding_kernel<<<dim3(gpu::ceil_div(dim / 8, kElementThreads), n_rows), kElementThreads, 0,
                     stream>>>(out, tokens, table, dim);
  CHECK_LAUNCH("embedding_kernel");
}

// x += y, for the residual stream.
// Shapes: x, y (count). Grid (count / 4 / 256) -> block of 256 threads -> thread: a float4.
// VRAM: add_bytes(). Shared memory: none. Needs count a multiple of 4, 16-byte aligned pointers.
static __global__ void __launch_bounds__(kElementThreads)
    add_kernel(float* __restrict__ x,        // (count)
               const float* __restrict__ y,  // (count)
               size_t count) {
  const size_t i = size_t(blockIdx.x) * kElementThreads + threadIdx.x;
  if (i >= count / 4) return;
  const float4 b = reinterpret_cast<const float4*>(y)[i];
  const float4 a = reinterpret_cast<float4*>(x)[i];
  reinterpret_cast<float4*>(x)[i] = make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
}

inline gpu::KernelBytes add_bytes(size_t count) {
  gpu::KernelBytes bytes;
  bytes.activations.read = 2 * sizeof(float) * count;
  bytes.activations.written = sizeof(float) * count;
  return bytes;
}

inline void add(float* x, const float* y, size_t count, cudaStream_t stream) {
  GPU_REQUIRE(count > 0 && count % 4 == 0, "add: count is not a positive multiple of 4");
  gpu::declare_work({double(count), 0});
  add_kernel<<<gpu::ceil_div(count / 4, size_t(kElementThreads)), kElementThreads, 0, stream>>>(
      x, y, count);
  CHECK_LAUNCH("add_kernel");
}

// x[r] += bias, for the Q, K and V of Qwen2.
// Shapes: x (n_rows, dim), bias (dim). Grid (dim / 4 / 256, n_rows) -> block -> thread: a float4.
// VRAM: add_bias_bytes(). Shared memory: none. Needs dim a multiple of 4, 16-byte aligned pointers.
static __global__ void __launch_bounds__(kElementThreads)
    add_bias_kernel(float* __restrict__ x,           // (n_rows, dim)
                    const float* __restrict__ bias,  // (dim)
                    int dim) {
  const int i = blockIdx.x * kElementThreads + threadIdx.x;
  if (i >= dim / 4) return;
  float4* place = reinterpret_cast<float4*>(x + size_t(blockIdx.y) * dim) + i;
  const float4 b = reinterpret_cast<const float4*>(bias)[i];
  const float4 a = *place;
  *place = make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
}

inline gpu::KernelBytes add_bias_bytes(int n_rows, int dim) {
  gpu::KernelBytes bytes;
  bytes.weights.read = sizeof(float) * uint64_t(dim);
  bytes.activations.read = sizeof(float) * n_rows * uint64_t(dim);
  bytes.activations.written = bytes.activations.read;
  return bytes;
}

inline void add_bias(float* x, const float* bias, int n_rows, int dim, cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0 && n_rows <= 65535, "add_bias: rows out of range");
  GPU_REQUIRE(dim > 0 && dim % 4 == 0, "add_bias: dim is not a positive multiple of 4");
  gpu::declare_work({double(n_rows) * dim, 0});
  add_bias_kernel<<<dim3(gpu::ceil_div(dim / 4, kElementThreads), n_rows), kElementThreads, 0,
                    stream>>>(x, bias, dim);
  CHECK_LAUNCH("add_bias_kernel");
}

__device__ __forceinline__ float silu_times(float gate, float up) {
  return gate / (1.0f + expf(-gate)) * up;
}

// gate = silu(gate) * up, in place; silu(x) = x / (1 + exp(-x)).
// Shapes: gate, up (count). Grid (count / 4 / 256) -> block of 256 threads -> thread: a float4.
// VRAM: swiglu_bytes(). Shared memory: none. Needs count a multiple of 4, 16-byte aligned pointers.
// Source: Shazeer, "GLU Variants Improve Transformer", 2020 (arXiv 2002.05202).
static __global__ void __launch_bounds__(kElementThreads)
    swiglu_kernel(float* __restrict__ gate,      // (count)
                  const float* __restrict__ up,  // (count)
                  size_t count) {
  const size_t i = size_t(blockIdx.x) * kElementThreads + threadIdx.x;
  if (i >= count / 4) return;
  const float4 u = reinterpret_cast<const float4*>(up)[i];
  const float4 g = reinterpret_cast<float4*>(gate)[i];
  reinterpret_cast<float4*>(gate)[i] = make_float4(silu_times(g.x, u.x), silu_times(g.y, u.y),
                                                   silu_times(g.z, u.z), silu_times(g.w, u.w));
}

inline gpu::KernelBytes swiglu_bytes(size_t count) { return add_bytes(count); }

inline void swiglu(float* gate, const float* up, size_t count, cudaStream_t stream) {
  GPU_REQUIRE(count > 0 && count % 4 == 0, "swiglu: count is not a positive multiple of 4");
  gpu::declare_work({3.0 * count, 0});  // 1 + exp, the division, times up
  swiglu_kernel<<<gpu::ceil_div(count / 4, size_t(kElementThreads)), kElementThreads, 0, stream>>>(
      gate, up, count);
  CHECK_LAUNCH("swiglu_kernel");
}

}  // namespace ch00

// Rotary position embedding, and the rounding of K and V to bf16.
// Source: Su et al., "RoFormer", 2021 (arXiv 2104.09864); pairs are neighbours (2i, 2i+1), as in
// GGUF files of the llama architecture (common/model reorders the others).
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "common/gpu/bf16.cuh"  // bf16, load8, store8
#include "common/gpu/launch.h"  // ceil_div, CHECK_LAUNCH

namespace ch00 {

using gpu::bf16;

constexpr int kRotaryThreads = 128;

// The table that rotary_kernel reads: cosine and sine of pos / theta^(2i/head_dim), divided by
// divisors[i] when there are any (Llama 3.1's scaling). Host side; shape (max_seq_len, head_dim/2,
// 2).
inline std::vector<float> rotary_table(int max_seq_len, int head_dim, double theta,
                                       const std::vector<float>& divisors) {
  const int half = head_dim / 2;
  std::vector<float> table(size_t(max_seq_len) * head_dim);
  for (int i = 0; i < half; ++i) {
    double frequency = std::pow(theta, -2.0 * i / head_dim);
    if (!divisors.empty()) frequency /= divisors[i];
    for (int pos = 0; pos < max_seq_len; ++pos) {
      table[size_t(pos) * head_dim + 2 * i] = float(std::cos(pos * frequency));
      table[size_t(pos) * head_dim + 2 * i + 1] = float(std::sin(pos * frequency));
    }
  }
  return table;
}

// Turns each pair of x by its position's angle, in place: (a, b) -> (a cos - b sin, a sin + b cos).
// Shapes: x (n_rows, n_heads, head_dim) with row r at position start + r; table as above.
// Grid (n_heads * head_dim / 4 / 128, n_rows) -> block of 128 threads -> thread: two pairs, a
// float4. VRAM: rotary_bytes(). Shared memory: none. Needs head_dim a multiple of 4, 16-byte
// aligned pointers.
static __global__ void __launch_bounds__(kRotaryThreads)
    rotary_kernel(float* __restrict__ x,            // (n_rows, n_heads, head_dim)
                  const float* __restrict__ table,  // (max_seq_len, head_dim/2, 2)
                  int n_heads, int head_dim, int start) {
  const int quad = blockIdx.x * kRotaryThreads + threadIdx.x;
  if (quad >= n_heads * head_dim / 4) return;
  const int row = blockIdx.y;
  const float4 turn = reinterpret_cast<const float4*>(table + size_t(start + row) *
                                                                  head_dim)[quad % (head_dim / 4)];
  float4* place = reinterpret_cast<float4*>(x + size_t(row) * n_heads * head_dim) + quad;
  const float4 v = *place;
  *place = make_float4(fmaf(v.x, turn.x, -(v.y * turn.y)), fmaf(v.x, turn.y, v.y * turn.x),
                       fmaf(v.z, turn.z, -(v.w * turn.w)), fmaf(v.z, turn.w, v.w * turn.z));
}

inline gpu::KernelBytes rotary_bytes(int n_rows, int n_heads, int head_dim) {
  gpu::KernelBytes bytes;
  bytes.weights.read = sizeof(float) * n_rows * uint64_t(head_dim);  // the table's rows
  bytes.activations.read = sizeof(float) * n_rows * uint64_t(n_heads) * head_dim;
  bytes.activations.written = bytes.activations.read;
  return bytes;
}

inline void rotary(float* x, const float* table, int n_rows, int n_heads, int head_dim, int start,
                   cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0 && n_rows <= 65535 && n_heads > 0, "rotary: rows or heads out of range");
  GPU_REQUIRE(head_dim > 0 && head_dim % 4 == 0,
              "rotary: head_dim is " + std::to_string(head_dim) + ", not a positive multiple of 4");
  const unsigned blocks = gpu::ceil_div(n_heads * head_dim / 4, kRotaryThreads);
  gpu::declare_work({2.0 * n_rows * n_heads * head_dim, 0});
  rotary_kernel<<<dim3(blocks, n_rows), kRotaryThreads, 0, stream>>>(x, table, n_heads, head_dim,
                                                                     start);
  CHECK_LAUNCH("rotary_kernel");
}

// Rounds K or V to bf16 and stores it where attention reads it, by head: row r of head h goes to
// out[h * copies ... + copies - 1][start + r]. With copies = n_heads / n_kv_heads each query head
// gets a copy of its own; with 1 a head of the cache serves its whole group. Shapes: x (n_rows,
// n_kv_heads, head_dim), out (n_kv_heads * copies, max_seq_len, head_dim). Grid (n_kv_heads *
// head_dim / 8 / 128, n_rows) -> block of 128 threads -> thread: 8 values. VRAM:
// store_heads_bytes(). Shared memory: none. Needs head_dim a multiple of 8, aligned pointers.
static __global__ void __launch_bounds__(kRotaryThreads)
    store_heads_kernel(bf16* __restrict__ out,       // (n_kv_heads * copies, max_seq_len, head_dim)
                       const float* __restrict__ x,  // (n_rows, n_kv_heads, head_dim)
                       int n_kv_heads, int copies, int head_dim, int start, int max_seq_len) {
  const int at = (blockIdx.x * kRotaryThreads + threadIdx.x) * 8;
  if (at >= n_kv_heads * head_dim) return;
  const int head = at / head_dim, d = at % head_dim;
  const int row = blockIdx.y;
  float values[8];
  gpu::load8(x + size_t(row) * n_kv_heads * head_dim + at, values);
  for (int copy = 0; copy < copies; ++copy) {
    const size_t place = size_t(head * copies + copy) * max_seq_len + start + row;
    gpu::store8(out + place * head_dim + d, values);
  }
}

inline gpu::KernelBytes store_heads_bytes(int n_rows, int n_kv_heads, int copies, int head_dim) {
  const uint64_t values = uint64_t(n_rows) * n_kv_heads * head_dim;
  gpu::KernelBytes bytes;
  bytes.activations.read = sizeof(float) * values;
  bytes.kv.written = sizeof(bf16) * copies * values;
  return bytes;
}

inline void store_heads(bf16* out, const float* x, int n_rows, int n_kv_heads, int copies,
                        int head_dim, int start, int max_seq_len, cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0 && n_rows <= 65535 && n_kv_heads > 0 && copies > 0,
              "store_heads: rows, heads or copies out of range");
  GPU_REQUIRE(
      head_dim > 0 && head_dim % 8 == 0,
      "store_heads: head_dim is " + std::to_string(head_dim) + ", not a positive multiple of 8");
  GPU_REQUIRE(start >= 0 && start + n_rows <= max_seq_len,
              "store_heads: position " + std::to_string(start + n_rows - 1) +
                  " is beyond max_seq_len " + std::to_string(max_seq_len));
  const unsigned blocks = gpu::ceil_div(n_kv_heads * head_dim / 8, kRotaryThreads);
  gpu::declare_work({});
  store_heads_kernel<<<dim3(blocks, n_rows), kRotaryThreads, 0, stream>>>(
      out, x, n_kv_heads, copies, head_dim, start, max_seq_len);
  CHECK_LAUNCH("store_heads_kernel");
}

}  // namespace ch00

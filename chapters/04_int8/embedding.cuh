// The embedding table is the largest matrix of a small model, so it is read from its planes too.
#pragma once

#include <string>

#include "chapters/04_int8/weights.cuh"  // Int8Matrix, Int4Matrix
#include "common/gpu/launch.h"           // ceil_div, CHECK_LAUNCH

namespace ch04 {

constexpr int kEmbeddingThreads = 128;

// Four neighbouring values of a row, starting at i (a multiple of 4), as signed integers.
template <int kBits>
__device__ __forceinline__ int4 four_values(const uint8_t* row, int i, int n_blocks) {
  if constexpr (kBits == 8) {
    const int packed = *reinterpret_cast<const int*>(row + value_place(i, n_blocks));
    return make_int4(int8_t(packed), int8_t(packed >> 8), int8_t(packed >> 16), packed >> 24);
  } else {
    const int word = *reinterpret_cast<const int*>(row + i / kBlock * kHalf + i % kHalf);
    const int up = i % kBlock < kHalf ? word << 4 : word;  // the nibbles at the top of their bytes
    return make_int4(int8_t(up & 0xf0) >> 4, int8_t(up >> 8 & 0xf0) >> 4,
                     int8_t(up >> 16 & 0xf0) >> 4, up >> 28);
  }
}

// out[r] = row tokens[r] of the table.
// Shapes: tokens (n_rows), plane (vocab_size, row_bytes), scales (vocab_size / 4, n_blocks, 4), out
// (n_rows, dim). Grid (dim / 4 / 128, n_rows) -> block -> thread: 4 values. VRAM:
// embedding_bytes(). Shared memory: none. Needs dim a multiple of 4, aligned pointers.
template <int kBits>
__global__ void __launch_bounds__(kEmbeddingThreads)
    quantized_embedding_kernel(float* __restrict__ out,            // (n_rows, dim)
                               const int* __restrict__ tokens,     // (n_rows)
                               const uint8_t* __restrict__ plane,  // (vocab_size, row_bytes)
                               const __half* __restrict__ scales,  // (vocab_size / 4, n_blocks, 4)
                               int dim, int n_blocks) {
  const int at = (blockIdx.x * kEmbeddingThreads + threadIdx.x) * 4;
  if (at >= dim) return;
  const int token = tokens[blockIdx.y];
  const uint8_t* row = plane + size_t(token) * n_blocks * (kBlock * kBits / 8);
  const int4 q = four_values<kBits>(row, at, n_blocks);
  const float scale = __half2float(scales[scale_place(token, at / kBlock, n_blocks)]);
  *reinterpret_cast<float4*>(out + size_t(blockIdx.y) * dim + at) =
      make_float4(q.x * scale, q.y * scale, q.z * scale, q.w * scale);
}

// A row's scales lie 8 bytes apart (the scales of its three neighbours between), and come in whole
// sectors of 32 bytes.
inline gpu::KernelBytes embedding_bytes(int n_rows, int dim, int block_bytes) {
  const uint64_t n_blocks = blocks_of(dim);
  gpu::KernelBytes bytes;
  bytes.weights.read = n_rows * (block_bytes + kGroupRows * sizeof(__half)) * n_blocks;
  bytes.activations.read = sizeof(int) * uint64_t(n_rows);
  bytes.activations.written = sizeof(float) * n_rows * uint64_t(dim);
  return bytes;
}

template <typename Matrix>
void embedding(float* out, const int* tokens, const Matrix& table, int n_rows,
               cudaStream_t stream) {
  GPU_REQUIRE(n_rows > 0 && n_rows <= 65535, "embedding: rows out of range");
  const int dim = table.cols;
  GPU_REQUIRE(dim > 0 && dim % 4 == 0,
              "embedding: dim is " + std::to_string(dim) + ", not a positive multiple of 4");
  gpu::declare_work({double(n_rows) * dim, 0});
  quantized_embedding_kernel<Matrix::kBlockBytes * 8 / kBlock>
      <<<dim3(gpu::ceil_div(dim / 4, kEmbeddingThreads), n_rows), kEmbeddingThreads, 0, stream>>>(
          out, tokens, table.plane.data(), table.scales.data(), dim, table.n_blocks());
  CHECK_LAUNCH("quantized_embedding_kernel");
}

}  // namespace ch04

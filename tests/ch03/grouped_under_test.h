// Chapter 03's launchers and byte formulas as plain functions, so that C++20 tests can call them.
// Arguments as in chapters/03_grouped_query; everything runs on the default stream.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/gpu/bf16.h"  // bf16
#include "common/gpu/work.h"  // KernelBytes

namespace under_test {

using gpu::bf16;

struct GroupedShape {
  int n_heads, n_kv_heads, head_dim, n_rows, start, max_seq_len;
  int group() const { return n_heads / n_kv_heads; }
  int n_keys() const { return start + n_rows; }
  size_t q_count() const { return size_t(n_rows) * n_heads * head_dim; }
  size_t cache_count() const { return size_t(n_kv_heads) * max_seq_len * head_dim; }
};

size_t partial_floats(const GroupedShape& g);

// As decoders call it.
void grouped_attention(float* out, float* partials, const float* q, const bf16* keys,
                       const bf16* values, const GroupedShape& g, float scale);
// The kernel for many rows, with that many warps a block (0: as decoders choose).
void grouped_prefill(float* out, const float* q, const bf16* keys, const bf16* values,
                     const GroupedShape& g, float scale, int warps = 0);
// The kernel for up to 8 rows, with that much shared memory a block.
void grouped_decode(float* out, float* partials, const float* q, const bf16* keys,
                    const bf16* values, const GroupedShape& g, float scale,
                    size_t shared_limit = 96 * 1024);
// Chapter 02's attention, for a cache with a head for every query head.
void tiled_attention(float* out, float* partials, const float* q, const bf16* keys,
                     const bf16* values, const GroupedShape& g, float scale);

gpu::KernelBytes grouped_bytes(const GroupedShape& g);
gpu::KernelBytes grouped_decode_bytes(const GroupedShape& g);
gpu::KernelBytes merge_splits_bytes(const GroupedShape& g);
double multiply_adds(const GroupedShape& g);

struct Plan {
  int pairs;  // of a block
  int blocks;
  uint64_t staged_bytes;  // of K and V that come into shared memory
};
Plan prefill_plan(const GroupedShape& g, int warps = 0);

struct Split {
  int slice, block_pairs, blocks, warps;
};
Split decode_split(const GroupedShape& g, size_t shared_limit = 96 * 1024);

}  // namespace under_test

// Chapter 02's launchers and byte formulas, chapter 01's attention to hold them against, and
// kernels with a mistake, as plain functions for C++20 tests. Everything runs on the default
// stream.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/gpu/bf16.h"  // bf16
#include "common/gpu/work.h"  // KernelBytes

namespace under_test {

using gpu::bf16;

struct AttentionShape {
  int n_heads, head_dim, n_rows, start, max_seq_len;
  int n_keys() const { return start + n_rows; }
};

// Shapes as in chapters/02_tiled_attention. `partials` has partial_floats() floats.
void tiled_attention(float* out, float* partials, const float* q, const bf16* keys,
                     const bf16* values, const AttentionShape& a, float scale);
void flash_attention(float* out, const float* q, const bf16* keys, const bf16* values,
                     const AttentionShape& a, float scale, int warps);
void flash_decode(float* out, float* partials, const float* q, const bf16* keys, const bf16* values,
                  const AttentionShape& a, float scale);
// Scores, softmax and weighted values of chapters 00 and 01; `scores` has score_floats() floats.
void attention_of_01(float* out, float* scores, const float* q, const bf16* keys,
                     const bf16* values, const AttentionShape& a, float scale);
size_t score_floats(const AttentionShape& a);
size_t partial_floats(const AttentionShape& a);

struct Plan {
  int warps, rows;
  size_t shared_bytes;
};
Plan flash_plan(const AttentionShape& a, int warps);
Plan choose_flash_plan(const AttentionShape& a, size_t shared_limit);
size_t decode_shared_bytes(const AttentionShape& a, int kernel_rows, int warps);

gpu::KernelBytes flash_attention_bytes(const AttentionShape& a);
gpu::KernelBytes flash_decode_bytes(const AttentionShape& a);
gpu::KernelBytes merge_splits_bytes(const AttentionShape& a);
uint64_t flash_attention_staged_bytes(const AttentionShape& a, int warps);
double tiled_multiply_adds(const AttentionShape& a);

// Attention put together from tile.cuh by a warp for each row and head: right, or with a mistake.
enum class Mistake {
  kNone,
  kNoRescale,     // folds without bringing both sides to the larger maximum
  kSeesOneMore,   // the mask lets the next key through
  kSeesOneLess,   // the mask hides the row's own key (its first row sees key 0 all the same)
  kNoLargest,     // exponentials of the scores themselves
  kLastTileLost,  // stops before the tile that is not full
};
void assembled_attention(float* out, const float* q, const bf16* keys, const bf16* values,
                         const AttentionShape& a, float scale, Mistake mistake);

}  // namespace under_test

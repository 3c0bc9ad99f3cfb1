// What a decoder of this chapter calls for either cache: ch01's in bf16 (chapter 03's kernels), or
// Int8KvCache. The type chooses.
#pragma once

#include "chapters/00_naive/rotary.cuh"           // store_heads
#include "chapters/03_grouped_query/grouped.cuh"  // grouped_attention
#include "chapters/04_int8/int8_decode.cuh"       // int8_decode: up to 8 rows
#include "chapters/04_int8/int8_prefill.cuh"      // int8_prefill: many rows

namespace ch04 {

using ch01::KvCache;

// Puts K and V of g.n_rows new rows, (n_rows, n_kv_heads, head_dim), into layer l of the cache.
inline void store(KvCache& cache, int l, const float* k, const float* v, const Grouped& g,
                  cudaStream_t stream) {
  ch00::store_heads(cache.layer_keys(l), k, g.n_rows, g.n_kv_heads, 1, g.head_dim, g.start,
                    g.max_seq_len, stream);
  ch00::store_heads(cache.layer_values(l), v, g.n_rows, g.n_kv_heads, 1, g.head_dim, g.start,
                    g.max_seq_len, stream);
}
inline void store(Int8KvCache& cache, int l, const float* k, const float* v, const Grouped& g,
                  cudaStream_t stream) {
  store_int8(cache.keys(l), k, g.n_rows, g.n_kv_heads, g.head_dim, g.start, g.max_seq_len, stream);
  store_int8(cache.values(l), v, g.n_rows, g.n_kv_heads, g.head_dim, g.start, g.max_seq_len,
             stream);
}

// Attention over layer l of the cache: out and q (n_rows, n_heads, head_dim); partials:
// ch02::partial_floats(n_heads, head_dim, max_seq_len) floats. Few rows and many rows give a row
// the same bits. Throws CudaError for a shape that check_grouped refuses.
inline void attend(float* out, float* partials, const float* q, const KvCache& cache, int l,
                   const Grouped& g, float scale, cudaStream_t stream) {
  ch03::grouped_attention(out, partials, q, cache.layer_keys(l), cache.layer_values(l), g, scale,
                          stream);
}
inline void attend(float* out, float* partials, const float* q, const Int8KvCache& cache, int l,
                   const Grouped& g, float scale, cudaStream_t stream) {
  if (g.n_rows <= ch02::kDecodeRows) {
    int8_decode(out, partials, q, cache.keys(l), cache.values(l), g, scale, int8_split(g), stream);
  } else {
    const auto plan = ch03::choose_grouped_plan(g, ch02::kFlashSharedLimit - kScaleBytes);
    int8_prefill(out, q, cache.keys(l), cache.values(l), g, scale, plan, stream);
  }
}

}  // namespace ch04

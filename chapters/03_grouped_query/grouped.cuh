// Attention as decoders call it: few rows divide the keys among the SMs, many rows divide the
// pairs.
#pragma once

#include "chapters/03_grouped_query/grouped_decode.cuh"   // up to 8 rows
#include "chapters/03_grouped_query/grouped_prefill.cuh"  // many rows

namespace ch03 {

// out[r][h] = sum over the keys j <= start + r of softmax(scale * q[r][h] . keys[k][j])
// values[k][j], where k = h / group.
// Shapes: q, out (n_rows, n_heads, head_dim); keys, values (n_kv_heads, max_seq_len, head_dim), in
// VRAM or in pinned host memory; partials: ch02::partial_floats(n_heads, head_dim, max_seq_len)
// floats. Both ways give a row the same bits. Throws CudaError for a shape that check_grouped
// refuses.
inline void grouped_attention(float* out, float* partials, const float* q, const bf16* keys,
                              const bf16* values, const Grouped& g, float scale,
                              cudaStream_t stream) {
  if (g.n_rows <= ch02::kDecodeRows) {
    grouped_decode(out, partials, q, keys, values, g, scale,
                   grouped_split(g, grouped_shared_limit()), stream);
  } else {
    grouped_prefill(out, q, keys, values, g, scale, choose_grouped_plan(g), stream);
  }
}

}  // namespace ch03

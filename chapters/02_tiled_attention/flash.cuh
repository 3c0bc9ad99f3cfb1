// Attention as decoders call it: few rows divide the keys among the SMs, many rows divide the rows.
#pragma once

#include "chapters/02_tiled_attention/flash_attention.cuh"  // many rows
#include "chapters/02_tiled_attention/flash_decode.cuh"     // up to 8 rows

namespace ch02 {

// out[r][h] = sum over the keys j <= start + r of softmax(scale * q[r][h] . keys[h][j])
// values[h][j] Shapes: q, out (n_rows, n_heads, head_dim); keys, values (n_heads, max_seq_len,
// head_dim), in VRAM or in pinned host memory; partials: partial_floats(n_heads, head_dim,
// max_seq_len) floats. Both ways give a row the same bits. Throws CudaError for a shape that
// check_attention refuses.
inline void tiled_attention(float* out, float* partials, const float* q, const bf16* keys,
                            const bf16* values, const Attention& a, float scale,
                            cudaStream_t stream) {
  if (a.n_rows <= kDecodeRows) {
    flash_decode(out, partials, q, keys, values, a, scale, stream);
  } else {
    flash_attention(out, q, keys, values, a, scale, choose_flash_plan(a), stream);
  }
}

}  // namespace ch02

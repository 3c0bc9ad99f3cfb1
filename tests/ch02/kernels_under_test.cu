// Calls chapter 02's launchers.
#include "chapters/00_naive/softmax.cuh"
#include "chapters/00_naive/weighted_values.cuh"
#include "chapters/02_tiled_attention/flash.cuh"
#include "tests/ch02/kernels_under_test.h"

namespace under_test {
namespace {

ch00::Attention attention(const AttentionShape& a) {
  return {a.n_heads, a.head_dim, a.n_rows, a.start, a.max_seq_len};
}
Plan plain(const ch02::FlashPlan& plan) { return {plan.warps, plan.rows, plan.shared_bytes}; }

}  // namespace

void tiled_attention(float* out, float* partials, const float* q, const bf16* keys,
                     const bf16* values, const AttentionShape& a, float scale) {
  ch02::tiled_attention(out, partials, q, keys, values, attention(a), scale, nullptr);
}
void flash_attention(float* out, const float* q, const bf16* keys, const bf16* values,
                     const AttentionShape& a, float scale, int warps) {
  ch02::flash_attention(out, q, keys, values, attention(a), scale,
                        ch02::flash_plan(attention(a), warps), nullptr);
}
void flash_decode(float* out, float* partials, const float* q, const bf16* keys, const bf16* values,
                  const AttentionShape& a, float scale) {
  ch02::flash_decode(out, partials, q, keys, values, attention(a), scale, nullptr);
}
void attention_of_01(float* out, float* scores, const float* q, const bf16* keys,
                     const bf16* values, const AttentionShape& a, float scale) {
  ch00::scores(scores, q, keys, attention(a), scale, nullptr);
  ch00::softmax(scores, attention(a), nullptr);
  ch00::weighted_values(out, scores, values, attention(a), nullptr);
}
size_t score_floats(const AttentionShape& a) {
  return size_t(a.n_heads) * a.n_rows * attention(a).stride();
}
size_t partial_floats(const AttentionShape& a) {
  return ch02::partial_floats(a.n_heads, a.head_dim, a.max_seq_len);
}

Plan flash_plan(const AttentionShape& a, int warps) {
  return plain(ch02::flash_plan(attention(a), warps));
}
Plan choose_flash_plan(const AttentionShape& a, size_t shared_limit) {
  return plain(ch02::choose_flash_plan(attention(a), shared_limit));
}
size_t decode_shared_bytes(const AttentionShape& a, int kernel_rows, int warps) {
  const int chunk = ch02::decode_chunk(a.head_dim, kernel_rows, warps);
  return ch02::DecodeShared(a.head_dim, kernel_rows, warps, chunk).bytes();
}
gpu::KernelBytes flash_attention_bytes(const AttentionShape& a) {
  return ch02::flash_attention_bytes(attention(a));
}
gpu::KernelBytes flash_decode_bytes(const AttentionShape& a) {
  return ch02::flash_decode_bytes(attention(a));
}
gpu::KernelBytes merge_splits_bytes(const AttentionShape& a) {
  return ch02::merge_splits_bytes(attention(a));
}
uint64_t flash_attention_staged_bytes(const AttentionShape& a, int warps) {
  return ch02::flash_attention_staged_bytes(attention(a), ch02::flash_plan(attention(a), warps));
}
double tiled_multiply_adds(const AttentionShape& a) {
  return ch02::tiled_multiply_adds(attention(a));
}

}  // namespace under_test

// Calls chapter 03's launchers.
#include "chapters/02_tiled_attention/flash.cuh"
#include "chapters/03_grouped_query/grouped.cuh"
#include "tests/ch03/grouped_under_test.h"

namespace under_test {
namespace {

ch03::Grouped grouped(const GroupedShape& g) {
  return {g.n_heads, g.n_kv_heads, g.head_dim, g.n_rows, g.start, g.max_seq_len};
}

ch03::FlashPlan plan(const GroupedShape& g, int warps) {
  return warps > 0 ? ch03::grouped_plan(grouped(g), warps) : ch03::choose_grouped_plan(grouped(g));
}

}  // namespace

size_t partial_floats(const GroupedShape& g) {
  return ch02::partial_floats(g.n_heads, g.head_dim, g.max_seq_len);
}

void grouped_attention(float* out, float* partials, const float* q, const bf16* keys,
                       const bf16* values, const GroupedShape& g, float scale) {
  ch03::grouped_attention(out, partials, q, keys, values, grouped(g), scale, nullptr);
}
void grouped_prefill(float* out, const float* q, const bf16* keys, const bf16* values,
                     const GroupedShape& g, float scale, int warps) {
  ch03::grouped_prefill(out, q, keys, values, grouped(g), scale, plan(g, warps), nullptr);
}
void grouped_decode(float* out, float* partials, const float* q, const bf16* keys,
                    const bf16* values, const GroupedShape& g, float scale, size_t shared_limit) {
  ch03::grouped_decode(out, partials, q, keys, values, grouped(g), scale,
                       ch03::grouped_split(grouped(g), shared_limit), nullptr);
}
void tiled_attention(float* out, float* partials, const float* q, const bf16* keys,
                     const bf16* values, const GroupedShape& g, float scale) {
  ch02::tiled_attention(out, partials, q, keys, values, grouped(g).ungrouped(), scale, nullptr);
}

gpu::KernelBytes grouped_bytes(const GroupedShape& g) { return ch03::grouped_bytes(grouped(g)); }
gpu::KernelBytes grouped_decode_bytes(const GroupedShape& g) {
  return ch03::grouped_decode_bytes(grouped(g));
}
gpu::KernelBytes merge_splits_bytes(const GroupedShape& g) {
  return ch02::merge_splits_bytes(grouped(g).ungrouped());
}
double multiply_adds(const GroupedShape& g) {
  return ch02::tiled_multiply_adds(grouped(g).ungrouped());
}

Plan prefill_plan(const GroupedShape& g, int warps) {
  const ch03::FlashPlan p = plan(g, warps);
  return {p.rows, gpu::ceil_div(grouped(g).n_pairs(), p.rows) * g.n_kv_heads,
          ch03::grouped_staged_bytes(grouped(g), p)};
}

Split decode_split(const GroupedShape& g, size_t shared_limit) {
  const ch03::GroupedSplit s = ch03::grouped_split(grouped(g), shared_limit);
  return {s.slice, s.block_pairs, s.blocks, s.warps};
}

}  // namespace under_test

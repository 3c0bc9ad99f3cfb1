// Sums the kernels' byte functions in the order of forward().
#include "chapters/00_naive/elementwise.cuh"
#include "chapters/00_naive/matmul.cuh"
#include "chapters/00_naive/rmsnorm.cuh"
#include "chapters/00_naive/rotary.cuh"
#include "chapters/00_naive/scores.cuh"
#include "chapters/00_naive/softmax.cuh"
#include "chapters/00_naive/weighted_values.cuh"
#include "chapters/02_tiled_attention/flash.cuh"
#include "chapters/03_grouped_query/grouped.cuh"
#include "chapters/04_int8/embedding.cuh"
#include "chapters/04_int8/int8_cache.cuh"
#include "chapters/04_int8/int8_decode.cuh"
#include "chapters/04_int8/matmul.cuh"
#include "chapters/04_int8/quantize_rows.cuh"
#include "tests/lesson/step_bytes.h"

namespace under_test {
namespace {

using Sums = std::map<std::string, double>;

void add_attention(Sums& sum, int chapter, const StepShape& s, int rows, int length) {
  const ch00::Attention a{s.heads, s.head_dim, rows, length - rows, length};
  const ch03::Grouped g{s.heads, s.kv_heads, s.head_dim, rows, length - rows, length};
  const bool decode = rows == 1;
  if (chapter < 2) {
    sum["scores_kernel"] += double(ch00::scores_bytes(a).total());
    sum["softmax_kernel"] += double(ch00::softmax_bytes(a).total());
    sum["weighted_values_kernel"] += double(ch00::weighted_values_bytes(a).total());
  } else if (chapter == 2) {
    sum[decode ? "flash_decode_kernel" : "flash_attention_kernel"] +=
        double((decode ? ch02::flash_decode_bytes(a) : ch02::flash_attention_bytes(a)).total());
  } else {
    sum[decode ? "grouped_decode_kernel" : "grouped_prefill_kernel"] +=
        double((decode ? ch03::grouped_decode_bytes(g) : ch03::grouped_bytes(g)).total());
  }
}

// Chapter 04, all in 8 bits.
Sums int8_step_bytes(const StepShape& s, int rows, int length) {
  constexpr int kBlockBytes = ch04::Int8Matrix::kBlockBytes;
  Sums sum;
  const auto add = [&](const char* kernel, const gpu::KernelBytes& bytes) {
    sum[kernel] += double(bytes.total());
  };
  // Products of one input, which is quantized once for all of them.
  const auto products = [&](int n_rows, int in_dim, const std::vector<int>& out_dims) {
    add("quantize_kernel", ch04::quantize_bytes(n_rows, in_dim));
    for (const int out_dim : out_dims) {
      add("int8_matmul_kernel", ch04::matmul_bytes(n_rows, in_dim, out_dim, kBlockBytes));
    }
  };
  const int q_dim = s.heads * s.head_dim, kv_dim = s.kv_heads * s.head_dim;
  const ch03::Grouped g{s.heads, s.kv_heads, s.head_dim, rows, length - rows, length};
  add("quantized_embedding_kernel", ch04::embedding_bytes(rows, s.dim, kBlockBytes));
  for (int layer = 0; layer < s.layers; ++layer) {
    add("rmsnorm_kernel", ch00::rmsnorm_bytes(rows, s.dim));
    products(rows, s.dim, {q_dim, kv_dim, kv_dim});
    add("rotary_kernel", ch00::rotary_bytes(rows, s.heads, s.head_dim));
    add("rotary_kernel", ch00::rotary_bytes(rows, s.kv_heads, s.head_dim));
    for (int k_and_v = 0; k_and_v < 2; ++k_and_v) {
      add("store_int8_kernel", ch04::store_int8_bytes(rows, s.kv_heads, s.head_dim));
    }
    if (rows == 1) add("int8_decode_kernel", ch04::int8_decode_bytes(g));
    if (rows > 1) add("int8_prefill_kernel", ch04::int8_attention_bytes(g));
    products(rows, q_dim, {s.dim});
    add("add_kernel", ch00::add_bytes(size_t(rows) * s.dim));
    add("rmsnorm_kernel", ch00::rmsnorm_bytes(rows, s.dim));
    products(rows, s.dim, {s.hidden, s.hidden});
    add("swiglu_kernel", ch00::swiglu_bytes(size_t(rows) * s.hidden));
    products(rows, s.hidden, {s.dim});
    add("add_kernel", ch00::add_bytes(size_t(rows) * s.dim));
  }
  add("rmsnorm_kernel", ch00::rmsnorm_bytes(1, s.dim));
  products(1, s.dim, {s.vocab});
  return sum;
}

}  // namespace

Sums step_bytes(int chapter, const StepShape& s, int rows, int length) {
  if (chapter == 4) return int8_step_bytes(s, rows, length);
  Sums sum;
  const auto add = [&](const char* kernel, const gpu::KernelBytes& bytes) {
    sum[kernel] += double(bytes.total());
  };
  const int copies = chapter < 3 ? s.heads / s.kv_heads : 1;
  const int q_dim = s.heads * s.head_dim, kv_dim = s.kv_heads * s.head_dim;
  add("embedding_kernel", ch00::embedding_bytes(rows, s.dim));
  for (int layer = 0; layer < s.layers; ++layer) {
    add("rmsnorm_kernel", ch00::rmsnorm_bytes(rows, s.dim));
    add("matmul_kernel", ch00::matmul_bytes(rows, s.dim, q_dim));
    for (int k_and_v = 0; k_and_v < 2; ++k_and_v) {
      add("matmul_kernel", ch00::matmul_bytes(rows, s.dim, kv_dim));
      add("store_heads_kernel", ch00::store_heads_bytes(rows, s.kv_heads, copies, s.head_dim));
    }
    add("rotary_kernel", ch00::rotary_bytes(rows, s.heads, s.head_dim));
    add("rotary_kernel", ch00::rotary_bytes(rows, s.kv_heads, s.head_dim));
    add_attention(sum, chapter, s, rows, length);
    add("matmul_kernel", ch00::matmul_bytes(rows, q_dim, s.dim));
    add("add_kernel", ch00::add_bytes(size_t(rows) * s.dim));
    add("rmsnorm_kernel", ch00::rmsnorm_bytes(rows, s.dim));
    add("matmul_kernel", ch00::matmul_bytes(rows, s.dim, s.hidden));
    add("matmul_kernel", ch00::matmul_bytes(rows, s.dim, s.hidden));
    add("swiglu_kernel", ch00::swiglu_bytes(size_t(rows) * s.hidden));
    add("matmul_kernel", ch00::matmul_bytes(rows, s.hidden, s.dim));
    add("add_kernel", ch00::add_bytes(size_t(rows) * s.dim));
  }
  add("rmsnorm_kernel", ch00::rmsnorm_bytes(1, s.dim));
  add("matmul_kernel", ch00::matmul_bytes(1, s.dim, s.vocab));
  return sum;
}

}  // namespace under_test

// Sums the kernels' byte functions in the order of forward().
#include "chapters/00_naive/elementwise.cuh"
#include "chapters/00_naive/matmul.cuh"
#include "chapters/00_naive/rmsnorm.cuh"
#include "chapters/00_naive/rotary.cuh"
#include "chapters/00_naive/scores.cuh"
#include "chapters/00_naive/softmax.cuh"
#include "chapters/00_naive/weighted_values.cuh"
#include "tests/lesson/step_bytes.h"

namespace under_test {

std::map<std::string, double> step_bytes(const StepShape& s, int rows, int length) {
  std::map<std::string, double> sum;
  const auto add = [&](const char* kernel, const gpu::KernelBytes& bytes) {
    sum[kernel] += double(bytes.total());
  };
  const int q_dim = s.heads * s.head_dim, kv_dim = s.kv_heads * s.head_dim;
  add("embedding_kernel", ch00::embedding_bytes(rows, s.dim));
  for (int layer = 0; layer < s.layers; ++layer) {
    add("rmsnorm_kernel", ch00::rmsnorm_bytes(rows, s.dim));
    add("matmul_kernel", ch00::matmul_bytes(rows, s.dim, q_dim));
    for (int k_and_v = 0; k_and_v < 2; ++k_and_v) {
      add("matmul_kernel", ch00::matmul_bytes(rows, s.dim, kv_dim));
      add("store_heads_kernel",
          ch00::store_heads_bytes(rows, s.kv_heads, s.heads / s.kv_heads, s.head_dim));
    }
    add("rotary_kernel", ch00::rotary_bytes(rows, s.heads, s.head_dim));
    add("rotary_kernel", ch00::rotary_bytes(rows, s.kv_heads, s.head_dim));
    const ch00::Attention a{s.heads, s.head_dim, rows, length - rows, length};
    add("scores_kernel", ch00::scores_bytes(a));
    add("softmax_kernel", ch00::softmax_bytes(a));
    add("weighted_values_kernel", ch00::weighted_values_bytes(a));
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

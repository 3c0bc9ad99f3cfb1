// Calls chapter 00's launchers.
#include "chapters/00_naive/elementwise.cuh"
#include "chapters/00_naive/matmul.cuh"
#include "chapters/00_naive/rmsnorm.cuh"
#include "chapters/00_naive/rotary.cuh"
#include "chapters/00_naive/scores.cuh"
#include "chapters/00_naive/softmax.cuh"
#include "chapters/00_naive/weighted_values.cuh"
#include "tests/ch00/kernels_under_test.h"

namespace under_test {
namespace {

ch00::Attention attention(const AttentionShape& a) {
  return {a.n_heads, a.head_dim, a.n_rows, a.start, a.max_seq_len};
}

}  // namespace

void embedding(float* out, const int* tokens, const bf16* table, int n_rows, int dim) {
  ch00::embedding(out, tokens, table, n_rows, dim, nullptr);
}
void rmsnorm(float* out, const float* x, const float* weight, int n_rows, int dim, float eps) {
  ch00::rmsnorm(out, x, weight, n_rows, dim, eps, nullptr);
}
void matmul(float* out, const float* x, const bf16* weight, int n_rows, int in_dim, int out_dim) {
  ch00::matmul(out, x, weight, n_rows, in_dim, out_dim, nullptr);
}
std::vector<float> rotary_table(int max_seq_len, int head_dim, double theta,
                                const std::vector<float>& divisors) {
  return ch00::rotary_table(max_seq_len, head_dim, theta, divisors);
}
void rotary(float* x, const float* table, int n_rows, int n_heads, int head_dim, int start) {
  ch00::rotary(x, table, n_rows, n_heads, head_dim, start, nullptr);
}
void store_heads(bf16* out, const float* x, int n_rows, int n_kv_heads, int copies, int head_dim,
                 int start, int max_seq_len) {
  ch00::store_heads(out, x, n_rows, n_kv_heads, copies, head_dim, start, max_seq_len, nullptr);
}
void scores(float* out, const float* q, const bf16* keys, const AttentionShape& a, float scale) {
  ch00::scores(out, q, keys, attention(a), scale, nullptr);
}
void softmax(float* scores, const AttentionShape& a) {
  ch00::softmax(scores, attention(a), nullptr);
}
void weighted_values(float* out, const float* weights, const bf16* values,
                     const AttentionShape& a) {
  ch00::weighted_values(out, weights, values, attention(a), nullptr);
}
void swiglu(float* gate, const float* up, size_t count) { ch00::swiglu(gate, up, count, nullptr); }
void add(float* x, const float* y, size_t count) { ch00::add(x, y, count, nullptr); }
void add_bias(float* x, const float* bias, int n_rows, int dim) {
  ch00::add_bias(x, bias, n_rows, dim, nullptr);
}

gpu::KernelBytes embedding_bytes(int n_rows, int dim) { return ch00::embedding_bytes(n_rows, dim); }
gpu::KernelBytes rmsnorm_bytes(int n_rows, int dim) { return ch00::rmsnorm_bytes(n_rows, dim); }
gpu::KernelBytes matmul_bytes(int n_rows, int in_dim, int out_dim) {
  return ch00::matmul_bytes(n_rows, in_dim, out_dim);
}
gpu::KernelBytes rotary_bytes(int n_rows, int n_heads, int head_dim) {
  return ch00::rotary_bytes(n_rows, n_heads, head_dim);
}
gpu::KernelBytes store_heads_bytes(int n_rows, int n_kv_heads, int copies, int head_dim) {
  return ch00::store_heads_bytes(n_rows, n_kv_heads, copies, head_dim);
}
gpu::KernelBytes scores_bytes(const AttentionShape& a) { return ch00::scores_bytes(attention(a)); }
gpu::KernelBytes softmax_bytes(const AttentionShape& a) {
  return ch00::softmax_bytes(attention(a));
}
gpu::KernelBytes weighted_values_bytes(const AttentionShape& a) {
  return ch00::weighted_values_bytes(attention(a));
}
gpu::KernelBytes swiglu_bytes(size_t count) { return ch00::swiglu_bytes(count); }
gpu::KernelBytes add_bytes(size_t count) { return ch00::add_bytes(count); }
gpu::KernelBytes add_bias_bytes(int n_rows, int dim) { return ch00::add_bias_bytes(n_rows, dim); }

}  // namespace under_test

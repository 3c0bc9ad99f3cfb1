// Chapter 00's launchers and byte formulas as plain functions, so that C++20 tests can call them.
// Arguments as in chapters/00_naive; everything runs on the default stream.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/gpu/bf16.h"  // bf16
#include "common/gpu/work.h"  // KernelBytes

namespace under_test {

using gpu::bf16;

struct AttentionShape {
  int n_heads, head_dim, n_rows, start, max_seq_len;
  int n_keys() const { return start + n_rows; }
  int stride() const { return (n_keys() + 31) / 32 * 32; }
};

void embedding(float* out, const int* tokens, const bf16* table, int n_rows, int dim);
void rmsnorm(float* out, const float* x, const float* weight, int n_rows, int dim, float eps);
void matmul(float* out, const float* x, const bf16* weight, int n_rows, int in_dim, int out_dim);
std::vector<float> rotary_table(int max_seq_len, int head_dim, double theta,
                                const std::vector<float>& divisors);
void rotary(float* x, const float* table, int n_rows, int n_heads, int head_dim, int start);
void store_heads(bf16* out, const float* x, int n_rows, int n_kv_heads, int copies, int head_dim,
                 int start, int max_seq_len);
void scores(float* out, const float* q, const bf16* keys, const AttentionShape& a, float scale);
void softmax(float* scores, const AttentionShape& a);
void weighted_values(float* out, const float* weights, const bf16* values, const AttentionShape& a);
void swiglu(float* gate, const float* up, size_t count);
void add(float* x, const float* y, size_t count);
void add_bias(float* x, const float* bias, int n_rows, int dim);

gpu::KernelBytes embedding_bytes(int n_rows, int dim);
gpu::KernelBytes rmsnorm_bytes(int n_rows, int dim);
gpu::KernelBytes matmul_bytes(int n_rows, int in_dim, int out_dim);
gpu::KernelBytes rotary_bytes(int n_rows, int n_heads, int head_dim);
gpu::KernelBytes store_heads_bytes(int n_rows, int n_kv_heads, int copies, int head_dim);
gpu::KernelBytes scores_bytes(const AttentionShape& a);
gpu::KernelBytes softmax_bytes(const AttentionShape& a);
gpu::KernelBytes weighted_values_bytes(const AttentionShape& a);
gpu::KernelBytes swiglu_bytes(size_t count);
gpu::KernelBytes add_bytes(size_t count);
gpu::KernelBytes add_bias_bytes(int n_rows, int dim);

}  // namespace under_test

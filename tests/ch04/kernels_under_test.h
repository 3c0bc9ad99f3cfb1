// Chapter 04's launchers and byte formulas as plain functions, so that C++20 tests can call them.
// Everything runs on the default stream.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/decode/model.h"  // Model
#include "common/gpu/bf16.h"      // bf16
#include "common/gpu/work.h"      // KernelBytes

namespace under_test {

enum class Kind { kInt8, kInt4 };
constexpr Kind kKinds[] = {Kind::kInt8, Kind::kInt4};
inline int block_bytes(Kind kind) { return kind == Kind::kInt8 ? 32 : 16; }

// The file's block of 32 floats: 34 bytes (Q8_0) or 18 (Q4_0). Throws model::ModelError.
std::vector<uint8_t> quantize_block(Kind kind, const std::vector<float>& x);

// A matrix in planes on the host, and what is in them in plain order.
struct Planes {
  int rows, cols;
  std::vector<int> values;       // (rows, n_blocks * 32)
  std::vector<uint16_t> scales;  // (rows, n_blocks), fp16
  size_t plane_bytes, scale_bytes;
};
Planes planes_of(Kind kind, const decode::Model& model, const model::HostMatrix& matrix,
                 bool rotary_rows);

// A matrix in planes on the device, made from bf16 numbers, and rows of activations.
class Product {
 public:
  Product(Kind kind, const model::HostMatrix& weight, int max_rows);
  ~Product();
  void quantize(const float* x, int n_rows);
  void matmul(float* out, int n_rows);
  void embedding(float* out, const int* tokens, int n_rows);
  std::vector<int> inputs(int n_rows) const;          // (n_rows, n_blocks * 32), in plain order
  std::vector<float> input_scales(int n_rows) const;  // (n_rows, n_blocks)

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct AttentionShape {
  int n_heads, n_kv_heads, head_dim, n_rows, start, max_seq_len;
  int n_keys() const { return start + n_rows; }
};

// One layer of K and V in 8 bits on the device.
class Cache {
 public:
  explicit Cache(const AttentionShape& shape, bool in_host_memory = false);
  ~Cache();
  // K (or V), floats on the device: (n_rows, n_kv_heads, head_dim), from position `start` on.
  void store_keys(const float* k, int n_rows, int start);
  void store_values(const float* v, int n_rows, int start);
  // The same result by three ways. decode: at most 8 rows. prefill: with so many warps a block.
  void attend(float* out, const float* q, const AttentionShape& a, float scale);
  void decode(float* out, const float* q, const AttentionShape& a, float scale);
  void prefill(float* out, const float* q, const AttentionShape& a, float scale, int warps);
  // What is kept: integers (n_kv_heads, max_seq_len, head_dim), scales (n_kv_heads, max_seq_len).
  std::vector<int8_t> keys() const, values() const;
  std::vector<float> key_scales() const, value_scales() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Chapter 03's kernels on a cache in bf16, (n_kv_heads, max_seq_len, head_dim), as Cache's.
void grouped_decode(float* out, float* partials, const float* q, const gpu::bf16* keys,
                    const gpu::bf16* values, const AttentionShape& a, float scale);
void grouped_prefill(float* out, const float* q, const gpu::bf16* keys, const gpu::bf16* values,
                     const AttentionShape& a, float scale, int warps);
size_t partial_floats(const AttentionShape& a);
struct Plan {
  int pairs;   // of a block
  int blocks;  // of a head of K and V
  int warps;   // of a block
};
Plan prefill_plan(const AttentionShape& a, int warps);
Plan decode_plan(const AttentionShape& a);

gpu::KernelBytes store_bytes(const AttentionShape& a);  // K or V of n_rows rows
gpu::KernelBytes decode_bytes(const AttentionShape& a);
gpu::KernelBytes prefill_bytes(const AttentionShape& a);
double attention_multiply_adds(const AttentionShape& a);

gpu::KernelBytes quantize_bytes(int n_rows, int dim);
gpu::KernelBytes matmul_bytes(Kind kind, int n_rows, int in_dim, int out_dim);
gpu::KernelBytes embedding_bytes(Kind kind, int n_rows, int dim);

}  // namespace under_test

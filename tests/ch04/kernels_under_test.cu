// Calls chapter 04's launchers.
#include <type_traits>

#include "chapters/04_int8/attention.cuh"
#include "chapters/04_int8/embedding.cuh"
#include "chapters/04_int8/matmul.cuh"
#include "chapters/04_int8/quantize_rows.cuh"
#include "tests/ch04/kernels_under_test.h"

namespace under_test {
namespace {

template <typename Run>
auto with_kind(Kind kind, const Run& run) {
  return kind == Kind::kInt8 ? run(static_cast<ch04::Int8Matrix*>(nullptr))
                             : run(static_cast<ch04::Int4Matrix*>(nullptr));
}

// The signed integer that a plane holds for value i of a row.
int value_at(const uint8_t* row, int i, int n_blocks, ch04::Int8Matrix*) {
  return int8_t(row[ch04::value_place(i, n_blocks)]);
}
int value_at(const uint8_t* row, int i, int, ch04::Int4Matrix*) {
  const int byte = row[i / 32 * 16 + i % 16];
  const int nibble = i % 32 < 16 ? byte & 15 : byte >> 4;
  return nibble < 8 ? nibble : nibble - 16;
}

}  // namespace

std::vector<uint8_t> quantize_block(Kind kind, const std::vector<float>& x) {
  float values[32];
  for (int i = 0; i < 32; ++i) values[i] = x[i];
  return with_kind(kind, [&](auto* matrix) {
    typename std::remove_pointer_t<decltype(matrix)>::Block block;
    ch04::quantize(values, "test", block);
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&block);
    return std::vector<uint8_t>(bytes, bytes + sizeof block);
  });
}

Planes planes_of(Kind kind, const decode::Model& model, const model::HostMatrix& matrix,
                 bool rotary_rows) {
  return with_kind(kind, [&](auto* type) {
    using Matrix = std::remove_pointer_t<decltype(type)>;
    const auto from = ch04::planes_of<Matrix>(model, matrix, rotary_rows);
    const int n_blocks = ch04::blocks_of(from.cols);
    Planes to{from.rows, from.cols, {}, {}, from.plane.size(), 2 * from.scales.size()};
    for (int row = 0; row < from.rows; ++row) {
      const uint8_t* bytes = from.plane.data() + size_t(row) * n_blocks * Matrix::kBlockBytes;
      for (int i = 0; i < n_blocks * 32; ++i) {
        to.values.push_back(value_at(bytes, i, n_blocks, type));
      }
      for (int b = 0; b < n_blocks; ++b) {
        to.scales.push_back(from.scales[ch04::scale_place(row, b, n_blocks)]);
      }
    }
    return to;
  });
}

struct Product::Impl {
  Kind kind;
  ch04::Int8Matrix int8;
  ch04::Int4Matrix int4;
  ch04::QuantizedRows x;
  int dim;
};

Product::Product(Kind kind, const model::HostMatrix& weight, int max_rows)
    : impl_(new Impl{kind, {}, {}, ch04::QuantizedRows(max_rows, weight.cols), weight.cols}) {
  const decode::DeviceWeights no_device;
  const model::HostWeights no_host;
  const decode::Model none{no_device, no_host};
  if (kind == Kind::kInt8) impl_->int8 = ch04::upload<ch04::Int8Matrix>(none, weight);
  if (kind == Kind::kInt4) impl_->int4 = ch04::upload<ch04::Int4Matrix>(none, weight);
}
Product::~Product() = default;

void Product::quantize(const float* x, int n_rows) {
  ch04::quantize(impl_->x, x, n_rows, impl_->dim, nullptr);
}
void Product::matmul(float* out, int n_rows) {
  if (impl_->kind == Kind::kInt8) ch04::matmul(out, impl_->x, impl_->int8, n_rows, nullptr);
  if (impl_->kind == Kind::kInt4) ch04::matmul(out, impl_->x, impl_->int4, n_rows, nullptr);
}
void Product::embedding(float* out, const int* tokens, int n_rows) {
  if (impl_->kind == Kind::kInt8) ch04::embedding(out, tokens, impl_->int8, n_rows, nullptr);
  if (impl_->kind == Kind::kInt4) ch04::embedding(out, tokens, impl_->int4, n_rows, nullptr);
}

std::vector<int> Product::inputs(int n_rows) const {
  const int n_blocks = ch04::blocks_of(impl_->dim);
  const auto bytes = gpu::download(impl_->x.values.data(), size_t(n_rows) * n_blocks * 32);
  std::vector<int> values;
  for (int row = 0; row < n_rows; ++row) {
    for (int i = 0; i < n_blocks * 32; ++i) {
      const uint8_t* from = bytes.data() + size_t(row) * n_blocks * 32;
      values.push_back(int8_t(from[ch04::value_place(i, n_blocks)]));
    }
  }
  return values;
}
std::vector<float> Product::input_scales(int n_rows) const {
  return gpu::download(impl_->x.scales.data(), size_t(n_rows) * ch04::blocks_of(impl_->dim));
}

namespace {

ch04::Grouped grouped(const AttentionShape& a) {
  return {a.n_heads, a.n_kv_heads, a.head_dim, a.n_rows, a.start, a.max_seq_len};
}

template <typename T>
std::vector<T> read(const ch04::CacheMemory<T>& from) {
  if (from.device.size() > 0) return gpu::download(from.device);
  CUDA_CHECK(cudaDeviceSynchronize());
  return std::vector<T>(from.host.data(), from.host.data() + from.host.size());
}
std::vector<float> read_floats(const ch04::CacheMemory<__half>& from) {
  std::vector<float> to;
  for (const __half value : read(from)) to.push_back(__half2float(value));
  return to;
}

}  // namespace

struct Cache::Impl {
  AttentionShape shape;
  ch04::Int8KvCache cache;
  gpu::DeviceBuffer<float> partials;
};

Cache::Cache(const AttentionShape& a, bool in_host_memory)
    : impl_(
          new Impl{a,
                   ch04::Int8KvCache(in_host_memory ? ch01::KvMemory::kHost : ch01::KvMemory::kVram,
                                     1, a.n_kv_heads, a.max_seq_len, a.head_dim),
                   gpu::DeviceBuffer<float>(
                       ch02::partial_floats(a.n_heads, a.head_dim, a.max_seq_len), "partials")}) {}
Cache::~Cache() = default;

void Cache::store_keys(const float* k, int n_rows, int start) {
  const AttentionShape& a = impl_->shape;
  ch04::store_int8(impl_->cache.keys(0), k, n_rows, a.n_kv_heads, a.head_dim, start, a.max_seq_len,
                   nullptr);
}
void Cache::store_values(const float* v, int n_rows, int start) {
  const AttentionShape& a = impl_->shape;
  ch04::store_int8(impl_->cache.values(0), v, n_rows, a.n_kv_heads, a.head_dim, start,
                   a.max_seq_len, nullptr);
}

void Cache::attend(float* out, const float* q, const AttentionShape& a, float scale) {
  ch04::attend(out, impl_->partials.data(), q, impl_->cache, 0, grouped(a), scale, nullptr);
}
void Cache::decode(float* out, const float* q, const AttentionShape& a, float scale) {
  const auto split = ch04::int8_split(grouped(a));
  ch04::int8_decode(out, impl_->partials.data(), q, impl_->cache.keys(0), impl_->cache.values(0),
                    grouped(a), scale, split, nullptr);
}
void Cache::prefill(float* out, const float* q, const AttentionShape& a, float scale, int warps) {
  ch04::int8_prefill(out, q, impl_->cache.keys(0), impl_->cache.values(0), grouped(a), scale,
                     ch03::grouped_plan(grouped(a), warps), nullptr);
}

std::vector<int8_t> Cache::keys() const { return read(impl_->cache.k); }
std::vector<int8_t> Cache::values() const { return read(impl_->cache.v); }
std::vector<float> Cache::key_scales() const { return read_floats(impl_->cache.k_scales); }
std::vector<float> Cache::value_scales() const { return read_floats(impl_->cache.v_scales); }

void grouped_decode(float* out, float* partials, const float* q, const gpu::bf16* keys,
                    const gpu::bf16* values, const AttentionShape& a, float scale) {
  const auto split = ch03::grouped_split(grouped(a), ch03::grouped_shared_limit());
  ch03::grouped_decode(out, partials, q, keys, values, grouped(a), scale, split, nullptr);
}
void grouped_prefill(float* out, const float* q, const gpu::bf16* keys, const gpu::bf16* values,
                     const AttentionShape& a, float scale, int warps) {
  ch03::grouped_prefill(out, q, keys, values, grouped(a), scale,
                        ch03::grouped_plan(grouped(a), warps), nullptr);
}
size_t partial_floats(const AttentionShape& a) {
  return ch02::partial_floats(a.n_heads, a.head_dim, a.max_seq_len);
}
Plan prefill_plan(const AttentionShape& a, int warps) {
  const int pairs = ch03::grouped_plan(grouped(a), warps).rows;
  return {pairs, gpu::ceil_div(grouped(a).n_pairs(), pairs), warps};
}
Plan decode_plan(const AttentionShape& a) {
  const auto split = ch04::int8_split(grouped(a));
  return {split.block_pairs, split.blocks, split.warps};
}

gpu::KernelBytes store_bytes(const AttentionShape& a) {
  return ch04::store_int8_bytes(a.n_rows, a.n_kv_heads, a.head_dim);
}
gpu::KernelBytes decode_bytes(const AttentionShape& a) {
  return ch04::int8_decode_bytes(grouped(a));
}
gpu::KernelBytes prefill_bytes(const AttentionShape& a) {
  return ch04::int8_attention_bytes(grouped(a));
}
double attention_multiply_adds(const AttentionShape& a) {
  return ch04::int8_attention_multiply_adds(grouped(a));
}

gpu::KernelBytes quantize_bytes(int n_rows, int dim) { return ch04::quantize_bytes(n_rows, dim); }
gpu::KernelBytes matmul_bytes(Kind kind, int n_rows, int in_dim, int out_dim) {
  return ch04::matmul_bytes(n_rows, in_dim, out_dim, block_bytes(kind));
}
gpu::KernelBytes embedding_bytes(Kind kind, int n_rows, int dim) {
  return ch04::embedding_bytes(n_rows, dim, block_bytes(kind));
}

}  // namespace under_test

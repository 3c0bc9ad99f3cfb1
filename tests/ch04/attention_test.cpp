// Attention from a cache in 8 bits: what is stored, its results against double precision, and the
// same bits from both kernels.
#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "tests/ch04/kernels_under_test.h"
#include "tests/decode/values.h"

namespace {

using under_test::AttentionShape;

struct Filled {
  AttentionShape shape;
  std::vector<float> q, k, v;
  under_test::Cache cache;

  Filled(const AttentionShape& a, values::Source& source, bool host = false)
      : shape(a),
        q(source.normals(size_t(a.n_rows) * a.n_heads * a.head_dim)),
        k(source.normals(size_t(a.n_keys()) * a.n_kv_heads * a.head_dim)),
        v(source.normals(size_t(a.n_keys()) * a.n_kv_heads * a.head_dim)),
        cache(a, host) {
    // Each row of K and V has a size of its own, so that a neighbour's scale is a wrong one.
    for (std::vector<float>* x : {&k, &v}) {
      for (size_t row = 0; row < x->size() / a.head_dim; ++row) {
        const float size = 0.25f + 0.25f * float(source.below(8));
        for (int d = 0; d < a.head_dim; ++d) (*x)[row * a.head_dim + d] *= size;
      }
    }
    const int before = a.n_keys() / 2;  // in two pieces
    const size_t at = size_t(before) * a.n_kv_heads * a.head_dim;
    const auto keys = values::on_device(k), values = values::on_device(v);
    if (before > 0) {
      cache.store_keys(keys.data(), before, 0);
      cache.store_values(values.data(), before, 0);
    }
    cache.store_keys(keys.data() + at, a.n_keys() - before, before);
    cache.store_values(values.data() + at, a.n_keys() - before, before);
  }

  template <typename Run>
  std::vector<float> run(const Run& run) {
    auto out = values::poisoned(q.size());
    const auto device_q = values::on_device(q);
    run(out.data(), device_q.data());
    return gpu::download(out);
  }
  std::vector<float> prefill(int warps) {
    return run([&](float* out, const float* in) {
      cache.prefill(out, in, shape, 1 / std::sqrt(float(shape.head_dim)), warps);
    });
  }
  std::vector<float> decode(const AttentionShape& part, const float* in_row) {
    auto out = values::poisoned(size_t(part.n_rows) * part.n_heads * part.head_dim);
    cache.decode(out.data(), in_row, part, 1 / std::sqrt(float(part.head_dim)));
    return gpu::download(out);
  }
};

enum class Mistake { kNone, kKeyScale, kValueScale, kOneKeyMore };

// In double precision from what the cache holds, with a mistake if asked for.
std::vector<double> reference(const Filled& f, Mistake mistake = Mistake::kNone) {
  const AttentionShape& a = f.shape;
  const auto keys = f.cache.keys(), values = f.cache.values();
  const auto k_scales = f.cache.key_scales(), v_scales = f.cache.value_scales();
  std::vector<double> out(f.q.size());
  for (int r = 0; r < a.n_rows; ++r) {
    for (int h = 0; h < a.n_heads; ++h) {
      const size_t head = size_t(h / (a.n_heads / a.n_kv_heads)) * a.max_seq_len;
      const size_t at = (size_t(r) * a.n_heads + h) * a.head_dim;
      int seen = a.start + r + 1;
      if (mistake == Mistake::kOneKeyMore && seen < a.n_keys()) ++seen;
      std::vector<double> p(seen);
      double most = -1e300, total = 0;
      for (int j = 0; j < seen; ++j) {
        const int from = mistake == Mistake::kKeyScale ? (j + 1) % seen : j;
        for (int d = 0; d < a.head_dim; ++d) {
          p[j] += double(f.q[at + d]) * keys[(head + j) * a.head_dim + d];
        }
        p[j] *= double(k_scales[head + from]) / std::sqrt(double(a.head_dim));
        most = std::max(most, p[j]);
      }
      for (double& x : p) total += x = std::exp(x - most);
      for (int j = 0; j < seen; ++j) {
        const int from = mistake == Mistake::kValueScale ? (j + 1) % seen : j;
        const double weight = p[j] / total * double(v_scales[head + from]);
        for (int d = 0; d < a.head_dim; ++d) {
          out[at + d] += weight * values[(head + j) * a.head_dim + d];
        }
      }
    }
  }
  return out;
}

const int kHeadDims[] = {8, 24, 32, 48, 64, 72, 80, 128, 256};

AttentionShape shape_of(int head_dim, int n_rows, int start, values::Source& source) {
  const int groups[] = {1, 3, 4, 8};
  const int kv_heads = 1 + source.below(2), group = groups[source.below(4)];
  return {kv_heads * group, kv_heads, head_dim, n_rows, start, start + n_rows + source.below(3)};
}

}  // namespace

TEST_CASE("K and V are kept as rounded integers with one scale for each token and head", "[ch04]") {
  INFO_SEED();
  values::Source source(80);
  for (const int head_dim : kHeadDims) {
    for (const bool host : {false, true}) {
      const AttentionShape a = shape_of(head_dim, 5, 9, source);
      CAPTURE(head_dim, host, a.n_kv_heads);
      Filled f(a, source, host);
      const auto keys = f.cache.keys();
      const auto scales = f.cache.key_scales();
      for (int pos = 0; pos < a.n_keys(); ++pos) {
        for (int head = 0; head < a.n_kv_heads; ++head) {
          const float* x = &f.k[(size_t(pos) * a.n_kv_heads + head) * head_dim];
          float most = 0;
          for (int d = 0; d < head_dim; ++d) most = std::max(most, std::abs(x[d]));
          const float scale = most / 127, inverse = 1 / scale;
          const size_t row = size_t(head) * a.max_seq_len + pos;
          REQUIRE(scales[row] == model::half_to_float(model::float_to_half(scale)));
          for (int d = 0; d < head_dim; ++d) {
            REQUIRE(int(keys[row * head_dim + d]) == int(std::round(x[d] * inverse)));
          }
        }
      }
    }
  }
}

TEST_CASE("attention from the int8 cache is that of double precision, at any size", "[ch04]") {
  INFO_SEED();
  values::Source source(81);
  for (const int head_dim : kHeadDims) {
    for (const int n_rows : {1, 8, 31, 32, 33, 127}) {
      if (n_rows > 40 && head_dim > 80) continue;
      const AttentionShape a = shape_of(head_dim, n_rows, source.below(2) * 40, source);
      CAPTURE(head_dim, n_rows, a.n_heads, a.n_kv_heads, a.start);
      Filled f(a, source);
      const auto expected = reference(f);
      constexpr double kBound = 2e-5;  // of values of size 1
      const auto got = f.prefill(4);
      REQUIRE(values::worst(got, expected) < kBound);
      REQUIRE(values::same_bits(f.prefill(2), got));
      REQUIRE(values::same_bits(f.prefill(8), got));
      const auto chosen = f.run([&](float* out, const float* in) {
        f.cache.attend(out, in, a, 1 / std::sqrt(float(head_dim)));
      });
      REQUIRE(values::same_bits(chosen, got));
      if (a.n_keys() < 2) continue;
      REQUIRE(values::worst(got, reference(f, Mistake::kKeyScale)) > kBound);
      REQUIRE(values::worst(got, reference(f, Mistake::kValueScale)) > kBound);
      if (n_rows > 1) REQUIRE(values::worst(got, reference(f, Mistake::kOneKeyMore)) > kBound);
    }
  }
}

TEST_CASE("few rows and many rows give a row of int8 attention the same bits", "[ch04]") {
  INFO_SEED();
  values::Source source(82);
  for (const int head_dim : kHeadDims) {
    for (const int start : {0, 30, 250, 520}) {  // one split, two, three
      if (start > 300 && head_dim > 80) continue;
      const AttentionShape a = shape_of(head_dim, 11, start, source);
      CAPTURE(head_dim, start, a.n_heads, a.n_kv_heads);
      Filled f(a, source);
      const std::vector<float> all = f.prefill(2);
      const auto device_q = values::on_device(f.q);
      const size_t row = size_t(a.n_heads) * head_dim;
      for (const auto& [first, rows] : {std::pair(0, 1), {3, 8}, {5, 2}, {7, 4}, {10, 1}}) {
        CAPTURE(first, rows);
        AttentionShape part = a;
        part.start = start + first, part.n_rows = rows;
        const std::vector<float> expected(all.begin() + first * row,
                                          all.begin() + (first + rows) * row);
        REQUIRE(values::same_bits(f.decode(part, device_q.data() + first * row), expected));
      }
    }
  }
}

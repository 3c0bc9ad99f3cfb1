// Inputs for attention tests, the ways to run it, and its result in double precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/ch02/kernels_under_test.h"
#include "tests/decode/values.h"

struct Inputs {
  using Shape = under_test::AttentionShape;

  Inputs(const Shape& shape, values::Source& source, double spread = 1)
      : a(shape),
        q(source.normals(size_t(a.n_rows) * a.n_heads * a.head_dim, spread)),
        keys(source.bf16s(size_t(a.n_heads) * a.max_seq_len * a.head_dim, spread)),
        values(source.bf16s(keys.size())) {}

  Shape a;
  std::vector<float> q, keys, values;  // as in chapters/02_tiled_attention; bf16 values as floats

  float scale() const { return 1 / std::sqrt(float(a.head_dim)); }
  float* key(int head, int j) { return &keys[(size_t(head) * a.max_seq_len + j) * a.head_dim]; }
  float* value(int head, int j) { return &values[(size_t(head) * a.max_seq_len + j) * a.head_dim]; }
  size_t row_size() const { return size_t(a.n_heads) * a.head_dim; }

  // The same keys, but only rows first to first + rows - 1.
  Inputs rows(int first, int count) const {
    Inputs part = *this;
    part.a.n_rows = count;
    part.a.start = a.start + first;
    part.q.assign(q.begin() + first * row_size(), q.begin() + (first + count) * row_size());
    return part;
  }

  // run(out, q, keys, values) on the device.
  template <typename Run>
  std::vector<float> on_device(const Run& run) const {
    auto out = values::poisoned(q.size());
    const auto device_q = values::on_device(q);
    const auto device_keys = values::on_device_bf16(keys);
    const auto device_values = values::on_device_bf16(values);
    run(out.data(), device_q.data(), device_keys.data(), device_values.data());
    return gpu::download(out);
  }
  std::vector<float> tiled() const {
    auto partials = values::poisoned(under_test::partial_floats(a));
    return on_device([&](float* out, const float* q, const gpu::bf16* k, const gpu::bf16* v) {
      under_test::tiled_attention(out, partials.data(), q, k, v, a, scale());
    });
  }
  std::vector<float> decode() const {
    auto partials = values::poisoned(under_test::partial_floats(a));
    return on_device([&](float* out, const float* q, const gpu::bf16* k, const gpu::bf16* v) {
      under_test::flash_decode(out, partials.data(), q, k, v, a, scale());
    });
  }
  std::vector<float> prefill(int warps) const {
    return on_device([&](float* out, const float* q, const gpu::bf16* k, const gpu::bf16* v) {
      under_test::flash_attention(out, q, k, v, a, scale(), warps);
    });
  }
  std::vector<float> of_01() const {
    auto scores = values::poisoned(under_test::score_floats(a));
    return on_device([&](float* out, const float* q, const gpu::bf16* k, const gpu::bf16* v) {
      under_test::attention_of_01(out, scores.data(), q, k, v, a, scale());
    });
  }
  std::vector<float> assembled(under_test::Mistake mistake) const {
    return on_device([&](float* out, const float* q, const gpu::bf16* k, const gpu::bf16* v) {
      under_test::assembled_attention(out, q, k, v, a, scale(), mistake);
    });
  }

  // (n_rows, n_heads, head_dim) in double precision. A score of -inf weighs nothing, whatever its
  // value is.
  std::vector<double> reference() const {
    std::vector<double> out(q.size());
    for (int r = 0; r < a.n_rows; ++r) {
      for (int h = 0; h < a.n_heads; ++h) {
        const int seen = a.start + r + 1;
        const float* query = &q[r * row_size() + size_t(h) * a.head_dim];
        std::vector<double> p(seen);
        for (int j = 0; j < seen; ++j) {
          const float* k = &keys[(size_t(h) * a.max_seq_len + j) * a.head_dim];
          for (int d = 0; d < a.head_dim; ++d) p[j] += double(query[d]) * double(k[d]);
          p[j] *= double(scale());
        }
        const double largest = *std::max_element(p.begin(), p.end());
        double sum = 0;
        for (double& x : p) sum += x = std::exp(x - largest);
        for (int j = 0; j < seen; ++j) {
          if (p[j] == 0) continue;
          const float* v = &values[(size_t(h) * a.max_seq_len + j) * a.head_dim];
          double* place = &out[r * row_size() + size_t(h) * a.head_dim];
          for (int d = 0; d < a.head_dim; ++d) place[d] += p[j] / sum * double(v[d]);
        }
      }
    }
    return out;
  }
};

// The largest difference; NaN where one of them is no number.
inline double worst_error(const std::vector<float>& got, const std::vector<double>& expected) {
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(double(got[i]) - expected[i]);
    if (std::isnan(error)) return error;
    worst = std::max(worst, error);
  }
  return worst;
}

// norm(got - expected) / norm(expected)
inline double relative_error(const std::vector<float>& got, const std::vector<double>& expected) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    difference += std::pow(double(got[i]) - expected[i], 2);
    size += expected[i] * expected[i];
  }
  return std::sqrt(difference / size);
}

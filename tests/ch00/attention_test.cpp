// Scores, softmax and weighted values against double precision.
#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "tests/ch00/kernels_under_test.h"
#include "tests/decode/values.h"

namespace {

using under_test::AttentionShape;

struct Inputs {
  Inputs(const AttentionShape& shape, values::Source& source, double spread = 1)
      : a(shape),
        q(source.normals(size_t(a.n_rows) * a.n_heads * a.head_dim, spread)),
        keys(source.bf16s(size_t(a.n_heads) * a.max_seq_len * a.head_dim, spread)),
        values(source.bf16s(keys.size())) {}

  AttentionShape a;
  std::vector<float> q, keys, values;
  float scale() const { return 1 / std::sqrt(float(a.head_dim)); }
  size_t score_count() const { return size_t(a.n_heads) * a.n_rows * a.stride(); }
  size_t score_at(int h, int r, int j) const { return (size_t(h) * a.n_rows + r) * a.stride() + j; }

  std::vector<float> run_scores() const {
    auto out = values::poisoned(score_count());
    const auto device_q = values::on_device(q);
    const auto device_keys = values::on_device_bf16(keys);
    under_test::scores(out.data(), device_q.data(), device_keys.data(), a, scale());
    return gpu::download(out);
  }
  std::vector<float> run_softmax(const std::vector<float>& scores) const {
    auto device = values::on_device(scores);
    under_test::softmax(device.data(), a);
    return gpu::download(device);
  }
  std::vector<float> run_values(const std::vector<float>& weights) const {
    auto out = values::poisoned(q.size());
    const auto device_weights = values::on_device(weights);
    const auto device_values = values::on_device_bf16(values);
    under_test::weighted_values(out.data(), device_weights.data(), device_values.data(), a);
    return gpu::download(out);
  }
  // (n_rows, n_heads, head_dim) in double precision.
  std::vector<double> reference() const;
};

double dot(const float* a, const float* b, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += double(a[i]) * double(b[i]);
  return sum;
}

std::vector<double> Inputs::reference() const {
  std::vector<double> out(q.size());
  for (int r = 0; r < a.n_rows; ++r) {
    for (int h = 0; h < a.n_heads; ++h) {
      const int seen = a.start + r + 1;
      std::vector<double> p(seen);
      for (int j = 0; j < seen; ++j) {
        p[j] =
            double(scale()) * dot(&q[(size_t(r) * a.n_heads + h) * a.head_dim],
                                  &keys[(size_t(h) * a.max_seq_len + j) * a.head_dim], a.head_dim);
      }
      const double largest = *std::max_element(p.begin(), p.end());
      double sum = 0;
      for (double& value : p) sum += value = std::exp(value - largest);
      for (int j = 0; j < seen; ++j) {
        for (int d = 0; d < a.head_dim; ++d) {
          out[(size_t(r) * a.n_heads + h) * a.head_dim + d] +=
              p[j] / sum * double(values[(size_t(h) * a.max_seq_len + j) * a.head_dim + d]);
        }
      }
    }
  }
  return out;
}

const std::vector<int> kHeadDims = {8, 16, 24, 32, 64, 80, 128, 160, 256};

}  // namespace

TEST_CASE("attention is right for every head size and length", "[ch00]") {
  INFO_SEED();
  values::Source source(8);
  for (const int head_dim : kHeadDims) {
    for (const int n_rows : {1, 2, 31, 33}) {
      for (const int start : {0, 1, 31, 127}) {
        CAPTURE(head_dim, n_rows, start);
        const Inputs in({2, head_dim, n_rows, start, start + n_rows + 5}, source);
        const std::vector<float> scores = in.run_scores(), weights = in.run_softmax(scores);
        const std::vector<float> got = in.run_values(weights);
        REQUIRE(values::worst(got, in.reference()) < 2e-5);
        Inputs wrong = in;  // other values than the kernel had
        std::reverse(wrong.values.begin(), wrong.values.end());
        REQUIRE(values::worst(got, wrong.reference()) > 2e-5);
      }
    }
  }
}

TEST_CASE("masked scores are neither written nor read", "[ch00]") {
  INFO_SEED();
  values::Source source(9);
  const Inputs in({3, 24, 37, 4, 64}, source);
  const std::vector<float> scores = in.run_scores();
  const std::vector<float> weights = in.run_softmax(scores);
  for (int h = 0; h < 3; ++h) {
    for (int r = 0; r < 37; ++r) {
      for (int j = 0; j < in.a.stride(); ++j) {
        const bool seen = j <= in.a.start + r;
        REQUIRE(std::isnan(scores[in.score_at(h, r, j)]) != seen);
        REQUIRE(std::isnan(weights[in.score_at(h, r, j)]) != seen);
      }
    }
  }
  for (const float value : in.run_values(weights)) REQUIRE(std::isfinite(value));
}

TEST_CASE("softmax stays finite for huge scores and for one key that outweighs all", "[ch00]") {
  INFO_SEED();
  values::Source source(10);
  const Inputs in({1, 8, 1, 99, 100}, source);
  std::vector<float> scores(in.score_count(), -3e38f);
  scores[42] = 3e38f;
  std::vector<float> weights = in.run_softmax(scores);
  for (int j = 0; j < 100; ++j) REQUIRE(weights[j] == (j == 42 ? 1.0f : 0.0f));
  std::fill(scores.begin(), scores.end(), 1e30f);
  weights = in.run_softmax(scores);
  for (int j = 0; j < 100; ++j) REQUIRE(weights[j] == Approx(0.01));
}

TEST_CASE("a row of attention has the same bits alone and among others", "[ch00]") {
  INFO_SEED();
  values::Source source(11);
  for (const int head_dim : kHeadDims) {
    CAPTURE(head_dim);
    const int n_rows = 35, n_heads = 2;
    const Inputs in({n_heads, head_dim, n_rows, 0, 50}, source);
    const std::vector<float> all = in.run_values(in.run_softmax(in.run_scores()));
    for (const int row : {0, 1, 31, 32, 34}) {
      Inputs one = in;
      one.a.n_rows = 1;
      one.a.start = row;
      const size_t width = size_t(n_heads) * head_dim;
      one.q.assign(in.q.begin() + row * width, in.q.begin() + (row + 1) * width);
      const std::vector<float> expected(all.begin() + row * width, all.begin() + (row + 1) * width);
      REQUIRE(values::same_bits(one.run_values(one.run_softmax(one.run_scores())), expected));
    }
  }
}

TEST_CASE("attention refuses a head size or a position that it has no room for", "[ch00]") {
  float* none = nullptr;
  const auto run = [&](const AttentionShape& a) { under_test::softmax(none, a); };
  REQUIRE_THROWS_WITH(run({1, 12, 1, 0, 8}), Catch::Matchers::ContainsSubstring("head_dim is 12"));
  REQUIRE_THROWS_WITH(run({1, 264, 1, 0, 8}),
                      Catch::Matchers::ContainsSubstring("head_dim is 264"));
  REQUIRE_THROWS_WITH(run({1, 8, 1, 8, 8}),
                      Catch::Matchers::ContainsSubstring("position 8 is beyond"));
}

// Grouped attention against double precision and against chapter 02, bit for bit.
#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "tests/ch03/grouped_under_test.h"
#include "tests/decode/values.h"

namespace {

using under_test::GroupedShape;

// Which head of K and V a query head sees.
int shared_head(const GroupedShape& g, int head) { return head / g.group(); }
// Two ways to be wrong.
int interleaved_head(const GroupedShape& g, int head) { return head % g.n_kv_heads; }
int first_head(const GroupedShape&, int) { return 0; }

struct Inputs {
  Inputs(const GroupedShape& shape, values::Source& source, double spread = 1)
      : g(shape),
        q(source.normals(g.q_count(), spread)),
        keys(source.bf16s(g.cache_count(), spread)),
        values(source.bf16s(g.cache_count())) {}

  GroupedShape g;
  std::vector<float> q, keys, values;
  float scale() const { return 1 / std::sqrt(float(g.head_dim)); }

  template <typename Run>
  std::vector<float> with_buffers(const std::vector<float>& k, const std::vector<float>& v,
                                  const Run& run) const {
    auto out = values::poisoned(q.size());
    auto partials = values::poisoned(under_test::partial_floats(g), "partials");
    const auto device_q = values::on_device(q);
    const auto device_k = values::on_device_bf16(k), device_v = values::on_device_bf16(v);
    run(out.data(), partials.data(), device_q.data(), device_k.data(), device_v.data());
    return gpu::download(out);
  }
  std::vector<float> run() const {
    return with_buffers(keys, values, [&](auto out, auto partials, auto q_, auto k, auto v) {
      under_test::grouped_attention(out, partials, q_, k, v, g, scale());
    });
  }
  std::vector<float> run_prefill(int warps) const {
    return with_buffers(keys, values, [&](auto out, auto, auto q_, auto k, auto v) {
      under_test::grouped_prefill(out, q_, k, v, g, scale(), warps);
    });
  }
  std::vector<float> run_decode(size_t shared_limit) const {
    return with_buffers(keys, values, [&](auto out, auto partials, auto q_, auto k, auto v) {
      under_test::grouped_decode(out, partials, q_, k, v, g, scale(), shared_limit);
    });
  }
  // Chapter 02, with a copy of K and V for every query head.
  std::vector<float> run_tiled() const {
    return with_buffers(copies(keys), copies(values),
                        [&](auto out, auto partials, auto q_, auto k, auto v) {
                          under_test::tiled_attention(out, partials, q_, k, v, g, scale());
                        });
  }
  // (n_rows, n_heads, head_dim) in double precision.
  std::vector<double> reference(int (*head_of)(const GroupedShape&, int) = shared_head) const;

 private:
  std::vector<float> copies(const std::vector<float>& from) const {
    const size_t head = size_t(g.max_seq_len) * g.head_dim;
    std::vector<float> to;
    for (int h = 0; h < g.n_heads; ++h) {
      const auto begin = from.begin() + shared_head(g, h) * head;
      to.insert(to.end(), begin, begin + head);
    }
    return to;
  }
};

double dot(const float* a, const float* b, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += double(a[i]) * double(b[i]);
  return sum;
}

std::vector<double> Inputs::reference(int (*head_of)(const GroupedShape&, int)) const {
  std::vector<double> out(q.size());
  for (int r = 0; r < g.n_rows; ++r) {
    for (int h = 0; h < g.n_heads; ++h) {
      const size_t at = (size_t(r) * g.n_heads + h) * g.head_dim;
      const size_t from = size_t(head_of(g, h)) * g.max_seq_len * g.head_dim;
      std::vector<double> p(g.start + r + 1);
      for (size_t j = 0; j < p.size(); ++j) {
        p[j] = double(scale()) * dot(&q[at], &keys[from + j * g.head_dim], g.head_dim);
      }
      const double largest = *std::max_element(p.begin(), p.end());
      double sum = 0;
      for (double& value : p) sum += value = std::exp(value - largest);
      for (size_t j = 0; j < p.size(); ++j) {
        for (int d = 0; d < g.head_dim; ++d) {
          out[at + d] += p[j] / sum * double(values[from + j * g.head_dim + d]);
        }
      }
    }
  }
  return out;
}

constexpr double kBound = 2e-5;
const std::vector<int> kHeadDims = {8, 24, 64, 80, 128};
struct Heads {
  int n_heads, n_kv_heads;
};
const std::vector<Heads> kHeads = {{2, 2}, {6, 2}, {4, 1}, {8, 1}};  // groups of 1, 3, 4, 8

}  // namespace

TEST_CASE("grouped attention is right for every head size, group and prompt", "[ch03]") {
  INFO_SEED();
  values::Source source(40);
  for (const int head_dim : kHeadDims) {
    for (const auto& [n_heads, n_kv_heads] : kHeads) {
      for (const int n_rows : {1, 31, 32, 33, 127}) {
        CAPTURE(head_dim, n_heads, n_kv_heads, n_rows);
        const int start = source.below(40);
        const Inputs in({n_heads, n_kv_heads, head_dim, n_rows, start, start + n_rows + 5}, source);
        const auto got = in.run();
        REQUIRE(values::worst(got, in.reference()) < kBound);
        REQUIRE(values::same_bits(got, in.run_tiled()));
        if (n_kv_heads == 1) continue;
        REQUIRE(values::worst(got, in.reference(first_head)) > kBound);
        if (n_heads == n_kv_heads) continue;  // then it is head h itself
        REQUIRE(values::worst(got, in.reference(interleaved_head)) > kBound);
      }
    }
  }
}

TEST_CASE("a prompt of 512 tokens and a step after it cross the splits", "[ch03]") {
  INFO_SEED();
  values::Source source(41);
  for (const int head_dim : {24, 64}) {
    for (const auto& [n_heads, n_kv_heads] : {Heads{3, 1}, Heads{4, 2}}) {
      CAPTURE(head_dim, n_heads, n_kv_heads);
      const Inputs prompt({n_heads, n_kv_heads, head_dim, 512, 0, 520}, source);
      const auto got = prompt.run();
      REQUIRE(values::worst(got, prompt.reference()) < kBound);
      REQUIRE(values::same_bits(got, prompt.run_tiled()));
      for (const int start : {255, 256, 511, 700}) {
        CAPTURE(start);
        const Inputs step({n_heads, n_kv_heads, head_dim, 1, start, start + 1}, source);
        const auto row = step.run();
        REQUIRE(values::worst(row, step.reference()) < kBound);
        REQUIRE(values::same_bits(row, step.run_tiled()));
      }
    }
  }
}

TEST_CASE("any group goes: odd ones, and those that need several slices or blocks", "[ch03]") {
  INFO_SEED();
  values::Source source(42);
  for (const auto& [n_heads, n_kv_heads] :
       {Heads{9, 1}, Heads{10, 2}, Heads{7, 1}, Heads{71, 1}, Heads{32, 2}}) {
    for (const int n_rows : {1, 5, 8, 9}) {
      for (const int head_dim : {16, 80}) {
        CAPTURE(n_heads, n_kv_heads, n_rows, head_dim);
        const Inputs in({n_heads, n_kv_heads, head_dim, n_rows, 290, 300}, source);
        const auto expected = in.run();
        REQUIRE(values::worst(expected, in.reference()) < kBound);
        REQUIRE(values::same_bits(expected, in.run_tiled()));
      }
    }
  }
}

TEST_CASE("a row has the same bits however pairs are shared out", "[ch03]") {
  INFO_SEED();
  values::Source source(43);
  for (const auto& [n_heads, n_kv_heads] : {Heads{9, 1}, Heads{4, 1}, Heads{2, 2}}) {
    for (const int head_dim : {8, 40, 128, 256}) {
      CAPTURE(n_heads, n_kv_heads, head_dim);
      const Inputs in({n_heads, n_kv_heads, head_dim, 8, 270, 280}, source);
      const auto expected = in.run_prefill(0);
      REQUIRE(values::worst(expected, in.reference()) < kBound);
      for (const int warps : {1, 3, 8}) {
        REQUIRE(values::same_bits(in.run_prefill(warps), expected));
      }
      for (const size_t limit : {0, 64 * 1024, 96 * 1024, 220 * 1024}) {
        CAPTURE(limit, under_test::decode_split(in.g, limit).blocks);
        REQUIRE(values::same_bits(in.run_decode(limit), expected));
      }
    }
  }
}

TEST_CASE("what a row does not see changes nothing, even if it is not a number", "[ch03]") {
  INFO_SEED();
  values::Source source(44);
  for (const int n_rows : {1, 3, 20}) {
    Inputs in({6, 2, 24, n_rows, 40, 90}, source);
    const auto expected = in.run();
    for (int h = 0; h < 2; ++h) {
      for (size_t i = size_t(40 + n_rows) * 24; i < size_t{90} * 24; ++i) {
        in.keys[size_t(h) * 90 * 24 + i] = std::numeric_limits<float>::quiet_NaN();
        in.values[size_t(h) * 90 * 24 + i] = std::numeric_limits<float>::infinity();
      }
    }
    CAPTURE(n_rows);
    REQUIRE(values::same_bits(in.run(), expected));
  }
}

TEST_CASE("grouped attention refuses heads that do not divide", "[ch03]") {
  float* none = nullptr;
  const gpu::bf16* cache = nullptr;
  const auto run = [&](const GroupedShape& g) {
    under_test::grouped_attention(none, none, none, cache, cache, g, 1);
  };
  REQUIRE_THROWS_WITH(run({8, 3, 16, 1, 0, 8}),
                      Catch::Matchers::ContainsSubstring("3 heads of K and V do not divide 8"));
  REQUIRE_THROWS_WITH(run({8, 2, 12, 1, 0, 8}),
                      Catch::Matchers::ContainsSubstring("head_dim is 12"));
  REQUIRE_THROWS_WITH(run({8, 2, 16, 1, 8, 8}),
                      Catch::Matchers::ContainsSubstring("position 8 is beyond"));
}

// The small kernels against double precision.
#include <cmath>

#include "tests/catch.h"
#include "tests/ch00/kernels_under_test.h"
#include "tests/decode/values.h"

namespace {

// Every value within `bound` times its own size (and a little for values near zero).
void require_close(const std::vector<float>& got, const std::vector<double>& expected,
                   double bound) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i, got[i], expected[i]);
    REQUIRE(std::abs(double(got[i]) - expected[i]) <= bound * (std::abs(expected[i]) + 1e-3));
  }
}

constexpr double kUlp = 0x1p-23;

}  // namespace

TEST_CASE("embedding copies the rows of its tokens", "[ch00]") {
  INFO_SEED();
  values::Source source(3);
  for (const int dim : {8, 24, 256, 2056}) {
    for (const int n_rows : {1, 31, 33}) {
      CAPTURE(dim, n_rows);
      const std::vector<float> table = source.bf16s(size_t(dim) * 50);
      std::vector<int> tokens(n_rows);
      for (int& token : tokens) token = source.below(50);
      const auto device_tokens = gpu::upload(tokens, "tokens");
      const auto device_table = values::on_device_bf16(table);
      auto out = values::poisoned(size_t(n_rows) * dim);
      under_test::embedding(out.data(), device_tokens.data(), device_table.data(), n_rows, dim);
      std::vector<float> expected;
      for (const int token : tokens) {
        expected.insert(expected.end(), table.begin() + size_t(token) * dim,
                        table.begin() + size_t(token + 1) * dim);
      }
      REQUIRE(values::same_bits(gpu::download(out), expected));
    }
  }
}

TEST_CASE("RMSNorm divides each row by its root mean square", "[ch00]") {
  INFO_SEED();
  values::Source source(4);
  for (const int dim : {4, 8, 36, 256, 1024, 1100}) {
    for (const int n_rows : {1, 3, 33}) {
      CAPTURE(dim, n_rows);
      const std::vector<float> x = source.normals(size_t(n_rows) * dim, 3);
      const std::vector<float> weight = source.normals(dim);
      const auto device_x = values::on_device(x), device_weight = values::on_device(weight);
      auto out = values::poisoned(x.size());
      under_test::rmsnorm(out.data(), device_x.data(), device_weight.data(), n_rows, dim, 1e-5f);
      std::vector<double> expected(x.size());
      for (int r = 0; r < n_rows; ++r) {
        double squares = 0;
        for (int i = 0; i < dim; ++i) squares += std::pow(double(x[size_t(r) * dim + i]), 2);
        const double scale = 1 / std::sqrt(squares / dim + double(1e-5f));
        for (int i = 0; i < dim; ++i) {
          expected[size_t(r) * dim + i] =
              double(x[size_t(r) * dim + i]) * scale * double(weight[i]);
        }
      }
      require_close(gpu::download(out), expected, 8 * kUlp);
    }
  }
}

TEST_CASE("rotary turns each pair by its position's angle", "[ch00]") {
  INFO_SEED();
  values::Source source(5);
  for (const int head_dim : {8, 24, 64, 80, 128}) {
    for (const bool divided : {false, true}) {
      CAPTURE(head_dim, divided);
      const int n_rows = 5, n_heads = 3, start = 29, half = head_dim / 2;
      std::vector<float> divisors;
      for (int i = 0; divided && i < half; ++i) divisors.push_back(1 + float(source.below(8)));
      const auto table =
          gpu::upload(under_test::rotary_table(40, head_dim, 10000, divisors), "table");
      const std::vector<float> x = source.normals(size_t(n_rows) * n_heads * head_dim);
      auto device_x = values::on_device(x);
      under_test::rotary(device_x.data(), table.data(), n_rows, n_heads, head_dim, start);
      std::vector<double> expected(x.size());
      for (size_t at = 0; at < x.size(); at += 2) {
        const int i = int(at % head_dim) / 2, pos = start + int(at / (size_t(n_heads) * head_dim));
        double angle = pos * std::pow(10000.0, -double(i) / half);
        if (divided) angle /= double(divisors[i]);
        const double a = double(x[at]), b = double(x[at + 1]);
        expected[at] = a * std::cos(angle) - b * std::sin(angle);
        expected[at + 1] = a * std::sin(angle) + b * std::cos(angle);
      }
      const std::vector<float> got = gpu::download(device_x);
      for (size_t i = 0; i < got.size(); ++i) {
        REQUIRE(std::abs(double(got[i]) - expected[i]) <= 2e-6);
      }
    }
  }
}

TEST_CASE("K and V are rounded to bf16 and copied for each query head", "[ch00]") {
  INFO_SEED();
  values::Source source(6);
  for (const int head_dim : {8, 24, 80}) {
    for (const int copies : {1, 3, 8}) {
      CAPTURE(head_dim, copies);
      const int n_rows = 4, n_kv_heads = 2, start = 3, room = 9;
      std::vector<float> x = source.normals(size_t(n_rows) * n_kv_heads * head_dim);
      x[0] = std::numeric_limits<float>::infinity();
      x[1] = 1.0f + 0x1p-8f;  // halfway: goes to the even neighbour
      const auto device_x = values::on_device(x);
      const std::vector<gpu::bf16> before(size_t(n_kv_heads) * copies * room * head_dim, {0x1234});
      auto out = gpu::upload(before, "out");
      under_test::store_heads(out.data(), device_x.data(), n_rows, n_kv_heads, copies, head_dim,
                              start, room);
      const std::vector<gpu::bf16> got = gpu::download(out);
      for (size_t at = 0; at < got.size(); ++at) {
        const int d = int(at % head_dim), pos = int(at / head_dim % room);
        const int head = int(at / (size_t(head_dim) * room));
        const int row = pos - start;
        uint16_t expected = 0x1234;  // untouched
        if (row >= 0 && row < n_rows) {
          const size_t from = (size_t(row) * n_kv_heads + head / copies) * head_dim + d;
          expected = model::float_to_bf16(x[from]);
        }
        REQUIRE(got[at].bits == expected);
      }
    }
  }
}

TEST_CASE("SwiGLU, the residual add and the bias add do what they say", "[ch00]") {
  INFO_SEED();
  values::Source source(7);
  for (const int dim : {4, 32, 124, 1028}) {
    for (const int n_rows : {1, 31}) {
      CAPTURE(dim, n_rows);
      const size_t count = size_t(n_rows) * dim;
      std::vector<float> a = source.normals(count, 4);
      const std::vector<float> b = source.normals(count), bias = source.normals(dim);
      a[0] = -200;  // exp overflows: silu is 0, not NaN
      std::vector<double> gated(count), added(count), biased(count);
      for (size_t i = 0; i < count; ++i) {
        gated[i] = double(a[i]) / (1 + std::exp(-double(a[i]))) * double(b[i]);
        added[i] = double(a[i]) + double(b[i]);
        biased[i] = double(a[i]) + double(bias[i % dim]);
      }
      const auto device_b = values::on_device(b), device_bias = values::on_device(bias);
      auto x = values::on_device(a), y = values::on_device(a), z = values::on_device(a);
      under_test::swiglu(x.data(), device_b.data(), count);
      under_test::add(y.data(), device_b.data(), count);
      under_test::add_bias(z.data(), device_bias.data(), n_rows, dim);
      require_close(gpu::download(x), gated, 8 * kUlp);
      require_close(gpu::download(y), added, kUlp);
      require_close(gpu::download(z), biased, kUlp);
    }
  }
}

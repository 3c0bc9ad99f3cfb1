// Products with quantized weights against double precision, and one row against many.
#include <algorithm>
#include <cmath>

#include "common/decode/device_weights.h"  // DeviceWeights
#include "tests/catch.h"
#include "tests/ch04/kernels_under_test.h"
#include "tests/decode/values.h"

namespace {

using under_test::Kind;
using under_test::kKinds;

model::HostMatrix random_matrix(int rows, int cols, values::Source& source) {
  model::HostMatrix m;
  m.name = "w";
  m.rows = rows, m.cols = cols;
  for (const float value : source.normals(size_t(rows) * cols)) {
    m.data.push_back(model::float_to_bf16(value));
  }
  return m;
}

// Mistakes that a kernel could make, to see that the check notices.
enum class Mistake { kNone, kWeightScaleOfNeighbour, kInputScaleOfNeighbour, kHalvesSwapped };

struct Check {
  Kind kind;
  int n_rows, in_dim, out_dim, n_blocks;
  std::vector<float> x;
  under_test::Planes weight;
  under_test::Product product;

  Check(Kind k, int rows, const model::HostMatrix& w, values::Source& source)
      : kind(k),
        n_rows(rows),
        in_dim(w.cols),
        out_dim(w.rows),
        n_blocks((w.cols + 31) / 32),
        x(source.normals(size_t(rows) * w.cols)),
        weight(planes(k, w)),
        product(k, w, rows) {}

  static under_test::Planes planes(Kind kind, const model::HostMatrix& w) {
    const decode::DeviceWeights no_device;
    const model::HostWeights no_host;
    return under_test::planes_of(kind, {no_device, no_host}, w, false);
  }

  std::vector<float> run(int first_row, int rows) {
    const std::vector<float> part(x.begin() + size_t(first_row) * in_dim,
                                  x.begin() + size_t(first_row + rows) * in_dim);
    product.quantize(values::on_device(part).data(), rows);
    auto out = values::poisoned(size_t(rows) * out_dim);
    product.matmul(out.data(), rows);
    return gpu::download(out);
  }

  // The largest error in units of what correct rounding allows: the scales' product, a lane's chain
  // of fused multiply-adds, three of the tree. Call after run(0, n_rows).
  double error(const std::vector<float>& got, Mistake mistake = Mistake::kNone) const {
    const std::vector<int> inputs = product.inputs(n_rows);
    const std::vector<float> scales = product.input_scales(n_rows);
    const double steps = 1 + (n_blocks + 7) / 8 + 3;
    double worst = 0;
    for (int r = 0; r < n_rows; ++r) {
      for (int c = 0; c < out_dim; ++c) {
        double sum = 0, magnitude = 0;
        for (int b = 0; b < n_blocks; ++b) {
          const int* w = &weight.values[(size_t(c) * n_blocks + b) * 32];
          const int* in = &inputs[(size_t(r) * n_blocks + b) * 32];
          double dot = 0;
          const int turn = mistake == Mistake::kHalvesSwapped ? 16 : 0;
          for (int i = 0; i < 32; ++i) dot += w[i] * in[(i + turn) % 32];
          const int neighbour = (b + 1) % n_blocks;
          const int wb = mistake == Mistake::kWeightScaleOfNeighbour ? neighbour : b;
          const int xb = mistake == Mistake::kInputScaleOfNeighbour ? neighbour : b;
          const double scale =
              double(model::half_to_float(weight.scales[size_t(c) * n_blocks + wb])) *
              double(scales[size_t(r) * n_blocks + xb]);
          sum += dot * scale;
          magnitude += std::abs(dot * scale);
        }
        const double error = std::abs(double(got[size_t(r) * out_dim + c]) - sum);
        const double allowed = steps * 0x1p-24 * magnitude + 1e-40;
        if (std::isnan(error)) return error;  // kept, or the next good value would hide it
        worst = std::max(worst, error / allowed);
      }
    }
    return worst;
  }
};

}  // namespace

TEST_CASE("a quantized product is as exact as fp32 sums can be, at any size", "[ch04]") {
  INFO_SEED();
  values::Source source(50);
  for (const Kind kind : kKinds) {
    for (const int n_rows : {1, 2, 7, 8, 9, 31, 32, 33, 127}) {
      for (const int in_dim : {8, 24, 40, 256, 264, 576, 4104}) {
        for (const int out_dim : {1, 3, 31, 33, 127}) {
          if ((in_dim > 1000 && out_dim > 33) || (n_rows > 30 && in_dim > 300)) continue;
          CAPTURE(under_test::block_bytes(kind), n_rows, in_dim, out_dim);
          Check check(kind, n_rows, random_matrix(out_dim, in_dim, source), source);
          const std::vector<float> got = check.run(0, n_rows);
          REQUIRE(check.error(got) <= 1);
          if (in_dim > 8) REQUIRE(check.error(got, Mistake::kHalvesSwapped) > 1);
          if (in_dim < 256) continue;
          REQUIRE(check.error(got, Mistake::kWeightScaleOfNeighbour) > 1);
          REQUIRE(check.error(got, Mistake::kInputScaleOfNeighbour) > 1);
        }
      }
    }
  }
}

TEST_CASE("the numbers at the end of their range are multiplied exactly", "[ch04]") {
  const int in_dim = 4096;
  for (const Kind kind : kKinds) {
    for (const float sign : {1.0f, -1.0f}) {
      values::Source source(51);
      model::HostMatrix w = random_matrix(5, in_dim, source);
      for (uint16_t& value : w.data) value = model::float_to_bf16(-8 * sign);  // q of int4 is -8
      Check check(kind, 9, w, source);
      check.x.assign(check.x.size(), 127);
      const std::vector<float> got = check.run(0, 9);
      REQUIRE(check.error(got) <= 1);
      // int8: 8 / 127 as fp16, 127 times.
      const float expected =
          kind == Kind::kInt4 ? 8 : model::half_to_float(model::float_to_half(8.0f / 127)) * 127;
      REQUIRE(std::abs(got[0] + sign * expected * 127 * in_dim) < 1e-4f * 127 * 8 * in_dim);
    }
  }
}

TEST_CASE("a row of a quantized product has the same bits alone and among others", "[ch04]") {
  INFO_SEED();
  values::Source source(52);
  for (const Kind kind : kKinds) {
    for (const int in_dim : {8, 88, 256, 576, 1544, 8200}) {
      Check check(kind, 19, random_matrix(37, in_dim, source), source);
      const std::vector<float> all = check.run(0, 19);
      for (const int first : {0, 7, 18}) {
        for (const int rows : {1, 2, 9}) {
          if (first + rows > 19) continue;
          CAPTURE(under_test::block_bytes(kind), in_dim, first, rows);
          const std::vector<float> some = check.run(first, rows);
          const std::vector<float> expected(all.begin() + first * 37,
                                            all.begin() + (first + rows) * 37);
          REQUIRE(values::same_bits(some, expected));
        }
      }
    }
  }
}

TEST_CASE("the embedding gives the quantized rows of its tokens", "[ch04]") {
  INFO_SEED();
  values::Source source(53);
  for (const Kind kind : kKinds) {
    for (const int dim : {8, 24, 40, 256, 264, 1032}) {
      Check check(kind, 1, random_matrix(67, dim, source), source);
      for (const int n_rows : {1, 31, 33}) {
        CAPTURE(under_test::block_bytes(kind), dim, n_rows);
        std::vector<int> tokens(n_rows);
        for (int& token : tokens) token = source.below(67);
        auto out = values::poisoned(size_t(n_rows) * dim);
        check.product.embedding(out.data(), gpu::upload(tokens, "tokens").data(), n_rows);
        std::vector<float> expected;
        for (const int token : tokens) {
          for (int i = 0; i < dim; ++i) {
            const size_t row = size_t(token) * check.n_blocks;
            expected.push_back(float(check.weight.values[row * 32 + i]) *
                               model::half_to_float(check.weight.scales[row + i / 32]));
          }
        }
        const auto got = gpu::download(out);
        for (size_t i = 0; i < got.size(); ++i) REQUIRE(got[i] == expected[i]);
      }
    }
  }
}

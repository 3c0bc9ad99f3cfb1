// The matrix product against double precision, and one row against many.
#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "tests/ch00/kernels_under_test.h"
#include "tests/decode/values.h"

namespace {

struct Product {
  int n_rows, in_dim, out_dim;
  std::vector<float> x, w;  // w holds bf16 values

  Product(int rows, int in, int out, values::Source& source)
      : n_rows(rows),
        in_dim(in),
        out_dim(out),
        x(source.normals(size_t(rows) * in)),
        w(source.bf16s(size_t(out) * in)) {}

  std::vector<float> run(int first_row, int rows) const {
    const std::vector<float> part(x.begin() + size_t(first_row) * in_dim,
                                  x.begin() + size_t(first_row + rows) * in_dim);
    const auto device_x = values::on_device(part);
    const auto device_w = values::on_device_bf16(w);
    auto out = values::poisoned(size_t(rows) * out_dim);
    under_test::matmul(out.data(), device_x.data(), device_w.data(), rows, in_dim, out_dim);
    return gpu::download(out);
  }

  // The largest error in units of what correct rounding allows: each of the additions on the way of
  // one product (a lane's chain of fused multiply-adds, then five of the tree) may lose 2^-24.
  // `skip` leaves out that input, as a wrong kernel would.
  double error(const std::vector<float>& got, int skip = -1) const {
    const double steps = 8.0 * ((in_dim + 255) / 256) + 5;
    double worst = 0;
    for (int r = 0; r < n_rows; ++r) {
      for (int c = 0; c < out_dim; ++c) {
        double sum = 0, magnitude = 0;
        for (int k = 0; k < in_dim; ++k) {
          const double product =
              double(x[size_t(r) * in_dim + k]) * double(w[size_t(c) * in_dim + k]);
          magnitude += std::abs(product);
          if (k != skip) sum += product;
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

TEST_CASE("a matrix product is as exact as fp32 sums can be, at any size", "[ch00]") {
  INFO_SEED();
  values::Source source(1);
  for (const int n_rows : {1, 2, 7, 8, 9, 31}) {
    for (const int in_dim : {8, 24, 248, 256, 264, 640, 4104}) {
      for (const int out_dim : {1, 3, 31, 32, 33, 127}) {
        if (in_dim > 1000 && out_dim > 33) continue;
        CAPTURE(n_rows, in_dim, out_dim);
        const Product product(n_rows, in_dim, out_dim, source);
        const std::vector<float> got = product.run(0, n_rows);
        REQUIRE(product.error(got) <= 1);
        // The check notices one product that is missing (a large one: small ones may hide in it).
        int largest = 0;
        const auto size = [&](int k) { return std::abs(product.x[k] * product.w[k]); };
        for (int k = 1; k < in_dim; ++k) largest = size(k) > size(largest) ? k : largest;
        REQUIRE(product.error(got, largest) > 1);
      }
    }
  }
}

TEST_CASE("a row of a matrix product has the same bits alone and among others", "[ch00]") {
  INFO_SEED();
  values::Source source(2);
  for (const int in_dim : {8, 88, 256, 576, 4100 / 8 * 8, 8200}) {
    const Product product(19, in_dim, 37, source);
    const std::vector<float> all = product.run(0, 19);
    for (const int first : {0, 7, 18}) {
      for (const int rows : {1, 2, 9}) {
        if (first + rows > 19) continue;
        CAPTURE(in_dim, first, rows);
        const std::vector<float> some = product.run(first, rows);
        const std::vector<float> expected(all.begin() + first * 37,
                                          all.begin() + (first + rows) * 37);
        REQUIRE(values::same_bits(some, expected));
      }
    }
  }
}

TEST_CASE("a matrix product refuses an input length that 16-byte loads do not divide", "[ch00]") {
  auto out = values::poisoned(4);
  const auto x = values::on_device(std::vector<float>(12));
  const auto w = values::on_device_bf16(std::vector<float>(48));
  REQUIRE_THROWS_WITH(
      under_test::matmul(out.data(), x.data(), w.data(), 1, 12, 4),
      Catch::Matchers::ContainsSubstring("in_dim is 12, not a positive multiple of 8"));
}

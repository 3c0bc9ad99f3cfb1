// What chapter 04's kernels for weights move, held against closed forms: VRAM bytes with cold
// caches that hold everything, warp requests, operations.
#include "tests/catch.h"
#include "tests/ch04/kernels_under_test.h"
#include "tests/ch04/require.h"  // require_bytes, require_clean
#include "tests/decode/recording.h"
#include "tests/decode/values.h"

namespace {

using under_test::Kind;
using under_test::kKinds;

model::HostMatrix matrix(int rows, int cols) {
  model::HostMatrix m;
  m.name = "w.weight";
  m.rows = rows, m.cols = cols;
  m.data.assign(size_t(rows) * cols, model::float_to_bf16(0.5f));
  return m;
}

}  // namespace

TEST_CASE("a quantized product reads each weight once, in full sectors", "[ch04][traffic]") {
  Recording counted;
  for (const Kind kind : kKinds) {
    for (const int n_rows : {1, 8, 24}) {
      for (const int in_dim : {256, 768, 8192}) {
        for (const int out_dim : {32, 128}) {
          CAPTURE(under_test::block_bytes(kind), n_rows, in_dim, out_dim);
          under_test::Product product(kind, matrix(out_dim, in_dim), n_rows);
          const auto x = values::on_device(std::vector<float>(size_t(n_rows) * in_dim, 0.5f), "x");
          auto out = values::on_device(std::vector<float>(size_t(n_rows) * out_dim), "out");
          counted.count([&] { product.quantize(x.data(), n_rows); });
          require_bytes(counted, under_test::quantize_bytes(n_rows, in_dim));
          require_clean(counted);
          counted.count([&] { product.matmul(out.data(), n_rows); });
          require_bytes(counted, under_test::matmul_bytes(kind, n_rows, in_dim, out_dim));
          require_clean(counted);

          const auto plane = counted.tensor("weights.quantized.w");
          const auto scales = counted.tensor("weights.quantized.w.scales");
          const uint64_t block = under_test::block_bytes(kind), n_blocks = in_dim / 32;
          CHECK(plane.vram_read_bytes == block * n_blocks * out_dim);
          CHECK(scales.vram_read_bytes == 2 * n_blocks * out_dim);
          // Against bf16, 64 bytes a block: 34/64 and 18/64.
          CHECK(plane.vram_read_bytes + scales.vram_read_bytes ==
                uint64_t(in_dim) * out_dim * 2 * (block + 2) / 64);
          // A warp asks for 8 blocks of 4 columns at a time: 512 bytes a load (int8: two loads),
          // and their scales: 64 bytes.
          const uint64_t tiles = n_rows == 1 ? 1 : ceil_div(n_rows, 8);
          const uint64_t steps = tiles * out_dim / 4 * ceil_div(n_blocks, 8);
          CHECK(plane.load_requests == steps * block / 16);
          CHECK(plane.l1_load_bytes == tiles * out_dim * n_blocks * block);
          CHECK(scales.load_requests == steps);
          CHECK(scales.l1_load_bytes == tiles * out_dim * n_blocks * 2);
          CHECK(counted.totals().kernels.shared_read_bytes == 0);
          CHECK(counted.totals().declared.int8_multiply_adds == double(n_rows) * in_dim * out_dim);
          CHECK(counted.totals().declared.fp32_multiply_adds ==
                2.0 * n_rows * double(n_blocks) * out_dim);
        }
      }
    }
  }
}

TEST_CASE("where rows of scales do not begin with a sector, few bytes are asked for twice",
          "[ch04][traffic]") {
  // SmolLM2's shapes: 18 blocks a row, so every second group of rows begins inside a sector.
  Recording counted;
  for (const Kind kind : kKinds) {
    under_test::Product product(kind, matrix(192, 576), 1);
    auto out = values::on_device(std::vector<float>(192), "out");
    const auto x = values::on_device(std::vector<float>(576, 0.5f), "x");
    product.quantize(x.data(), 1);
    counted.count([&] { product.matmul(out.data(), 1); });
    require_clean(counted);
    const double used = double(under_test::matmul_bytes(kind, 1, 576, 192).weights.read);
    const double asked = double(counted.tensor("weights.quantized.w").l1_load_bytes +
                                counted.tensor("weights.quantized.w.scales").l1_load_bytes);
    CHECK(used / asked >= 0.95);
    CHECK(counted.tensor("weights.quantized.w").vram_read_bytes +
              counted.tensor("weights.quantized.w.scales").vram_read_bytes ==
          used);
  }
}

TEST_CASE("the quantized embedding reads only the rows of its tokens", "[ch04][traffic]") {
  Recording counted;
  for (const Kind kind : kKinds) {
    under_test::Product product(kind, matrix(100, 128), 1);
    const std::vector<int> tokens = {3, 99, 0, 57, 4, 8, 12, 17};  // in eight groups of rows
    const auto device_tokens = gpu::upload(tokens, "tokens");
    auto out = values::on_device(std::vector<float>(tokens.size() * 128), "out");
    counted.count([&] { product.embedding(out.data(), device_tokens.data(), 8); });
    require_clean(counted);
    const auto plane = counted.tensor("weights.quantized.w");
    CHECK(plane.vram_read_bytes == 8u * 4 * under_test::block_bytes(kind));
    // tokens 3 and 0 share a group of rows, so their scales are the same sector
    const auto bytes = under_test::embedding_bytes(kind, 8, 128);
    CHECK(counted.totals().memory.vram_read_bytes == bytes.read() - 32);
    CHECK(counted.totals().memory.vram_write_bytes == bytes.written());
  }
}

TEST_CASE("no quantized kernel diverges at awkward sizes", "[ch04][traffic]") {
  Recording counted;
  for (const Kind kind : kKinds) {
    for (const int n_rows : {1, 2, 31, 33}) {
      for (const int dim : {8, 24, 40, 72, 264, 408}) {
        CAPTURE(under_test::block_bytes(kind), n_rows, dim);
        under_test::Product product(kind, matrix(37, dim), n_rows);
        const auto x = values::on_device(std::vector<float>(size_t(n_rows) * dim, 0.5f), "x");
        auto out = values::on_device(std::vector<float>(size_t(n_rows) * 37), "out");
        auto rows = values::on_device(std::vector<float>(size_t(n_rows) * dim), "rows");
        const auto tokens = gpu::upload(std::vector<int>(n_rows, 5), "tokens");
        counted.count([&] { product.quantize(x.data(), n_rows); });
        require_clean(counted);
        counted.count([&] { product.matmul(out.data(), n_rows); });
        require_clean(counted);
        counted.count([&] { product.embedding(rows.data(), tokens.data(), n_rows); });
        require_clean(counted);
      }
    }
  }
}

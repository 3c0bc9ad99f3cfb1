// What chapter 00's kernels move, held against closed forms: VRAM bytes with cold caches that hold
// everything, warp requests, shared memory, operations.
#include "tests/catch.h"
#include "tests/ch00/kernels_under_test.h"
#include "tests/decode/recording.h"
#include "tests/decode/values.h"

namespace {

using under_test::AttentionShape;

uint64_t ceil_div(uint64_t value, uint64_t by) { return (value + by - 1) / by; }

gpu::DeviceBuffer<float> floats(size_t count, const char* name) {
  return values::on_device(std::vector<float>(count, 0.5f), name);
}
gpu::DeviceBuffer<gpu::bf16> halves(size_t count, const char* name) {
  return values::on_device_bf16(std::vector<float>(count, 0.5f), name);
}

void require_bytes(const Recording& counted, const gpu::KernelBytes& bytes) {
  const traffic::MemoryCounts memory = counted.totals().memory;
  CHECK(memory.vram_read_bytes == bytes.read());
  CHECK(memory.vram_write_bytes == bytes.written());
  CHECK(memory.host_bytes() == 0);
}

// What holds for every kernel that ships.
void require_clean(const Recording& counted) {
  const traffic::KernelCounts kernels = counted.totals().kernels;
  CHECK(kernels.launches == 1);
  CHECK(kernels.estimated_requests == 0);
  CHECK(kernels.shared_wavefronts == kernels.shared_ideal_wavefronts);
  CHECK(counted.totals().declared.undeclared_launches == 0);
}

}  // namespace

TEST_CASE("a matrix product reads each weight once and asks for it in full requests",
          "[ch00][traffic]") {
  Recording counted;
  for (const int n_rows : {1, 8, 24}) {
    for (const int in_dim : {256, 640, 8192}) {
      for (const int out_dim : {32, 128}) {
        CAPTURE(n_rows, in_dim, out_dim);
        const auto x = floats(size_t(n_rows) * in_dim, "x");
        const auto w = halves(size_t(out_dim) * in_dim, "w");
        auto out = floats(size_t(n_rows) * out_dim, "out");
        counted.count(
            [&] { under_test::matmul(out.data(), x.data(), w.data(), n_rows, in_dim, out_dim); });
        require_bytes(counted, under_test::matmul_bytes(n_rows, in_dim, out_dim));
        require_clean(counted);
        CHECK(counted.tensor("w").vram_read_bytes == 2u * in_dim * out_dim);
        // A warp asks for 512 bytes of a column at a time; each tile of rows does so anew.
        const uint64_t tiles = n_rows == 1 ? 1 : ceil_div(n_rows, 8);
        CHECK(counted.tensor("w").load_requests == tiles * out_dim * ceil_div(in_dim, 256));
        CHECK(counted.tensor("w").l1_load_bytes == tiles * out_dim * in_dim * 2);
        // A block of 32 columns stages the tile's rows: written once, read by each of its 8 warps.
        const uint64_t tile_rows = n_rows == 1 ? 1 : 8, blocks = tiles * (out_dim / 32);
        const traffic::KernelCounts kernels = counted.totals().kernels;
        CHECK(kernels.shared_write_bytes == blocks * tile_rows * in_dim * 4);
        CHECK(kernels.shared_read_bytes == 8 * kernels.shared_write_bytes);
        CHECK(counted.totals().declared.fp32_multiply_adds == double(n_rows) * in_dim * out_dim);
      }
    }
  }
}

TEST_CASE("the small kernels move each value once", "[ch00][traffic]") {
  Recording counted;
  for (const int n_rows : {1, 16}) {
    for (const int dim : {64, 256, 2048}) {
      CAPTURE(n_rows, dim);
      const size_t count = size_t(n_rows) * dim;
      auto x = floats(count, "x"), y = floats(count, "y"), out = floats(count, "out");
      const auto weight = floats(dim, "weight");
      counted.count([&] { under_test::add(x.data(), y.data(), count); });
      require_bytes(counted, under_test::add_bytes(count));
      require_clean(counted);
      counted.count([&] { under_test::swiglu(x.data(), y.data(), count); });
      require_bytes(counted, under_test::swiglu_bytes(count));
      require_clean(counted);
      counted.count([&] { under_test::add_bias(x.data(), weight.data(), n_rows, dim); });
      require_bytes(counted, under_test::add_bias_bytes(n_rows, dim));
      require_clean(counted);
      counted.count(
          [&] { under_test::rmsnorm(out.data(), x.data(), weight.data(), n_rows, dim, 1e-5f); });
      require_bytes(counted, under_test::rmsnorm_bytes(n_rows, dim));
      require_clean(counted);
      // The row is asked for twice, and the second time it is in L1.
      CHECK(counted.tensor("x").l1_load_bytes == 2 * 4 * count);
      CHECK(counted.tensor("x").l1_hit_bytes == 4 * count);
    }
  }
}

TEST_CASE("embedding reads only the rows of its tokens", "[ch00][traffic]") {
  Recording counted;
  const auto table = halves(size_t{100} * 128, "table");
  const std::vector<int> tokens = {3, 99, 0, 57, 4, 5, 6, 7};  // 32 bytes: a whole sector
  const auto device_tokens = gpu::upload(tokens, "tokens");
  auto out = floats(tokens.size() * 128, "out");
  counted.count(
      [&] { under_test::embedding(out.data(), device_tokens.data(), table.data(), 8, 128); });
  require_bytes(counted, under_test::embedding_bytes(8, 128));
  require_clean(counted);
  CHECK(counted.tensor("table").vram_read_bytes == 8 * 128 * 2);
}

TEST_CASE("rotary and the store of K and V touch only their rows", "[ch00][traffic]") {
  Recording counted;
  for (const int head_dim : {16, 64, 128}) {
    for (const int n_rows : {1, 9}) {
      CAPTURE(head_dim, n_rows);
      const int n_heads = 4, copies = 3, room = 20, start = 7;
      const auto table = floats(size_t(room) * head_dim, "table");
      auto x = floats(size_t(n_rows) * n_heads * head_dim, "x");
      counted.count(
          [&] { under_test::rotary(x.data(), table.data(), n_rows, n_heads, head_dim, start); });
      require_bytes(counted, under_test::rotary_bytes(n_rows, n_heads, head_dim));
      require_clean(counted);
      auto out = halves(size_t(n_heads) * copies * room * head_dim, "kv");
      counted.count([&] {
        under_test::store_heads(out.data(), x.data(), n_rows, n_heads, copies, head_dim, start,
                                room);
      });
      require_bytes(counted, under_test::store_heads_bytes(n_rows, n_heads, copies, head_dim));
      require_clean(counted);
    }
  }
}

TEST_CASE("attention reads each key, value and score once, whatever the head size",
          "[ch00][traffic]") {
  Recording counted;
  for (const int head_dim : {16, 32, 64, 80, 128, 256}) {
    // One new token that sees 64 keys: rows of scores are whole sectors.
    const AttentionShape a{4, head_dim, 1, 63, 64};
    CAPTURE(head_dim);
    const auto q = floats(size_t(4) * head_dim, "q");
    const auto keys = halves(size_t(4) * 64 * head_dim, "keys");
    const auto values = halves(size_t(4) * 64 * head_dim, "values");
    auto scores = floats(size_t(4) * a.stride(), "scores");
    auto out = floats(size_t(4) * head_dim, "out");
    counted.count([&] { under_test::scores(scores.data(), q.data(), keys.data(), a, 1.0f); });
    require_bytes(counted, under_test::scores_bytes(a));
    require_clean(counted);
    CHECK(counted.tensor("keys").l1_load_bytes == 2u * 4 * 64 * head_dim);  // full sectors only
    CHECK(counted.totals().declared.fp32_multiply_adds == 4.0 * 64 * head_dim);
    counted.count([&] { under_test::softmax(scores.data(), a); });
    require_bytes(counted, under_test::softmax_bytes(a));
    require_clean(counted);
    CHECK(counted.tensor("scores").l1_hit_bytes ==
          2u * 4 * 64 * 4);  // the second and third reading
    counted.count(
        [&] { under_test::weighted_values(out.data(), scores.data(), values.data(), a); });
    require_bytes(counted, under_test::weighted_values_bytes(a));
    require_clean(counted);
    CHECK(counted.tensor("values").l1_load_bytes == 2u * 4 * 64 * head_dim);
  }
}

TEST_CASE("no kernel diverges or meets a bank conflict at awkward sizes", "[ch00][traffic]") {
  Recording counted;
  for (const int n_rows : {1, 2, 31, 33}) {
    for (const int head_dim : {8, 24, 40, 72, 80, 136, 256}) {
      CAPTURE(n_rows, head_dim);
      const int heads = 3, start = 5, room = start + n_rows + 3;
      const AttentionShape a{heads, head_dim, n_rows, start, room};
      const size_t count = size_t(n_rows) * heads * head_dim;
      auto q = floats(count, "q"), out = floats(count, "out");
      auto keys = halves(size_t(heads) * room * head_dim, "keys");
      auto scores = floats(size_t(heads) * n_rows * a.stride(), "scores");
      const auto w = halves(size_t(37) * heads * head_dim, "w");
      auto product = floats(size_t(n_rows) * 37, "product");
      const auto weight = floats(heads * head_dim, "weight");
      const auto check = [&](const auto& run) {
        counted.count(run);
        require_clean(counted);
      };
      const int dim = heads * head_dim;
      check([&] { under_test::matmul(product.data(), q.data(), w.data(), n_rows, dim, 37); });
      check([&] { under_test::rmsnorm(out.data(), q.data(), weight.data(), n_rows, dim, 1e-5f); });
      check([&] {
        under_test::store_heads(keys.data(), q.data(), n_rows, heads, 1, head_dim, start, room);
      });
      check([&] { under_test::scores(scores.data(), q.data(), keys.data(), a, 1.0f); });
      check([&] { under_test::softmax(scores.data(), a); });
      check([&] { under_test::weighted_values(out.data(), scores.data(), keys.data(), a); });
      check([&] { under_test::swiglu(out.data(), q.data(), count); });
    }
  }
}

// What chapter 04's kernels for K and V move, held against closed forms: VRAM bytes with cold
// caches that hold everything, warp requests, shared memory, operations.
#include <algorithm>

#include "tests/catch.h"
#include "tests/ch04/kernels_under_test.h"
#include "tests/ch04/require.h"  // require_bytes, require_clean
#include "tests/decode/recording.h"
#include "tests/decode/values.h"

namespace {

using under_test::AttentionShape;

// A cache in 8 bits and the same in bf16 for chapter 03, with any finite values.
struct Caches {
  explicit Caches(const AttentionShape& a)
      : q(values::on_device(std::vector<float>(size_t(a.n_rows) * a.n_heads * a.head_dim, 0.5f),
                            "q")),
        out(values::poisoned(q.size(), "out")),
        partials(values::poisoned(under_test::partial_floats(a), "partials")),
        keys(values::on_device_bf16(
            std::vector<float>(size_t(a.n_kv_heads) * a.max_seq_len * a.head_dim, 0.5f), "keys")),
        int8(a) {
    const auto x =
        values::on_device(std::vector<float>(size_t(a.n_keys()) * a.n_kv_heads * a.head_dim, 0.5f));
    int8.store_keys(x.data(), a.n_keys(), 0);
    int8.store_values(x.data(), a.n_keys(), 0);
  }
  gpu::DeviceBuffer<float> q, out, partials;
  gpu::DeviceBuffer<gpu::bf16> keys;
  under_test::Cache int8;
};

// What chapter 03's kernel does in shared memory, and `tiles` times more: the weights of `pairs`
// pairs read, multiplied by their values' scales, and written back. In the kernel for many rows the
// scales lie in shared memory too: written by each of `staged` blocks and tiles, read by each warp.
void require_shared(const Recording& counted, const traffic::KernelCounts& grouped, uint64_t tiles,
                    uint64_t pairs, uint64_t staged, bool scales_are_shared) {
  const traffic::KernelCounts kernels = counted.totals().kernels;
  const uint64_t rows = tiles * pairs, scales = scales_are_shared ? 1 : 0;
  CHECK(kernels.shared_read_bytes == grouped.shared_read_bytes + 128 * (rows + 2 * scales * tiles));
  CHECK(kernels.shared_write_bytes == grouped.shared_write_bytes + 128 * (rows + 2 * staged));
  CHECK(kernels.shared_wavefronts ==
        grouped.shared_wavefronts + 2 * rows + 2 * scales * tiles + 2 * staged);
  CHECK(kernels.shared_wavefronts == kernels.shared_ideal_wavefronts);
  CHECK(kernels.estimated_requests == 0);
}

}  // namespace

TEST_CASE("K and V are stored with a byte a value and two for a scale", "[ch04][traffic]") {
  Recording counted;
  for (const int head_dim : {32, 64, 128}) {
    const AttentionShape a{4, 2, head_dim, 32, 0, 32};
    CAPTURE(head_dim);
    under_test::Cache cache(a);
    const auto x = values::on_device(std::vector<float>(size_t(32) * 2 * head_dim, 0.5f), "x");
    counted.count([&] { cache.store_keys(x.data(), 32, 0); });
    require_bytes(counted, under_test::store_bytes(a));
    require_clean(counted);
    CHECK(counted.tensor("kv_cache.k").vram_write_bytes == 64u * head_dim);
    CHECK(counted.tensor("kv_cache.k.scales").vram_write_bytes == 64u * 2);
  }
}

TEST_CASE("a decode step's attention reads each int8 key and value once, for the whole group",
          "[ch04][traffic]") {
  Recording counted;
  for (const int head_dim : {16, 32, 64, 128, 256}) {
    for (const int n_keys : {32, 256, 512}) {
      for (const int group : {1, 4, 8}) {
        const AttentionShape a{2 * group, 2, head_dim, 1, n_keys - 1, n_keys};
        CAPTURE(head_dim, n_keys, group);
        Caches c(a);
        counted.count([&] {
          under_test::grouped_decode(c.out.data(), c.partials.data(), c.q.data(), c.keys.data(),
                                     c.keys.data(), a, 1.0f);
        });
        const traffic::KernelCounts grouped = counted.totals().kernels;
        counted.count([&] { c.int8.decode(c.out.data(), c.q.data(), a, 1.0f); });
        const uint64_t rows = uint64_t(2) * n_keys;
        CHECK(counted.tensor("kv_cache.k").vram_read_bytes == rows * head_dim);
        CHECK(counted.tensor("kv_cache.v").vram_read_bytes == rows * head_dim);
        CHECK(counted.tensor("kv_cache.k.scales").vram_read_bytes == rows * 2);
        CHECK(counted.tensor("kv_cache.v.scales").vram_read_bytes == rows * 2);
        CHECK(counted.totals().memory.vram_read_bytes == under_test::decode_bytes(a).read());
        // Full sectors only.
        CHECK(counted.tensor("kv_cache.k").l1_load_bytes == rows * head_dim);
        CHECK(counted.tensor("kv_cache.k.scales").l1_load_bytes == rows * 2);
        const under_test::Plan plan = under_test::decode_plan(a);
        const uint64_t splits = ceil_div(n_keys, 256);
        require_shared(counted, grouped, 2 * splits * plan.blocks * plan.warps, plan.pairs, 0,
                       false);
        CHECK(counted.totals().declared.fp32_multiply_adds ==
              under_test::attention_multiply_adds(a));
      }
    }
  }
}

TEST_CASE(
    "each sector of the int8 cache is asked for once at every head size up to 128, and above "
    "at multiples of 32",
    "[ch04][traffic]") {
  Recording counted;
  for (int head_dim = 8; head_dim <= 256; head_dim += 8) {
    for (const int n_heads : {2, 4, 6, 16}) {
      const AttentionShape a{n_heads, 2, head_dim, 1, 255, 256};
      CAPTURE(head_dim, n_heads);
      Caches c(a);
      counted.count([&] { c.int8.decode(c.out.data(), c.q.data(), a, 1.0f); });
      require_clean(counted);
      const uint64_t useful = 2 * 256 * head_dim;
      for (const char* name : {"kv_cache.k", "kv_cache.v"}) {
        const traffic::MemoryCounts memory = counted.tensor(name);
        CHECK(memory.vram_read_bytes == useful);
        if (head_dim <= 128 || head_dim % 32 == 0) {
          CHECK(memory.l1_load_bytes == useful);
        } else {  // chunks of 64 dims begin in the middle of a sector; 136 is the worst size
          CHECK(memory.l1_load_bytes > useful);
          CHECK(memory.l1_load_bytes * 17 <= useful * 26);
        }
      }
    }
  }
}

TEST_CASE("the kernel for many rows asks for each sector of an int8 tile once", "[ch04][traffic]") {
  Recording counted;
  for (int head_dim = 8; head_dim <= 256; head_dim += 8) {
    for (const int warps : {2, 8}) {
      const AttentionShape a{4, 2, head_dim, 2, 94, 96};  // a block for each head of K and V
      CAPTURE(head_dim, warps);
      Caches c(a);
      counted.count([&] { c.int8.prefill(c.out.data(), c.q.data(), a, 1.0f, warps); });
      require_clean(counted);
      CHECK(counted.tensor("kv_cache.k").l1_load_bytes == uint64_t(2) * 96 * head_dim);
      CHECK(counted.tensor("kv_cache.v").l1_load_bytes == uint64_t(2) * 96 * head_dim);
    }
  }
}

TEST_CASE("attention of many rows stages int8 tiles, and reads each from VRAM once",
          "[ch04][traffic]") {
  Recording counted;
  for (const int head_dim : {16, 32, 64, 128, 256}) {
    for (const int warps : {2, 8}) {
      const AttentionShape a{8, 2, head_dim, 64, 32, 96};
      CAPTURE(head_dim, warps);
      Caches c(a);
      counted.count([&] {
        under_test::grouped_prefill(c.out.data(), c.q.data(), c.keys.data(), c.keys.data(), a, 1.0f,
                                    warps);
      });
      const traffic::KernelCounts grouped = counted.totals().kernels;
      counted.count([&] { c.int8.prefill(c.out.data(), c.q.data(), a, 1.0f, warps); });
      require_bytes(counted, under_test::prefill_bytes(a));
      const under_test::Plan plan = under_test::prefill_plan(a, warps);
      const int group = 4, pairs = 64 * group, warp_pairs = plan.pairs / warps;
      uint64_t staged = 0, tiles = 0;  // by blocks; by warps
      for (int first = 0; first < pairs; first += plan.pairs) {
        const auto seen = [&](int last) {
          return ceil_div(32 + std::min(last, pairs - 1) / group + 1, 32);
        };
        staged += 2 * seen(first + plan.pairs - 1);
        for (int at = first; at < std::min(first + plan.pairs, pairs); at += warp_pairs) {
          tiles += 2 * seen(at + warp_pairs - 1);
        }
      }
      require_shared(counted, grouped, tiles, warp_pairs, staged, true);
      CHECK(counted.totals().declared.fp32_multiply_adds == under_test::attention_multiply_adds(a));
    }
  }
}

TEST_CASE("no kernel of the int8 cache diverges or meets a bank conflict at awkward sizes",
          "[ch04][traffic]") {
  Recording counted;
  for (const int head_dim : {8, 24, 40, 48, 72, 80, 136, 256}) {
    for (const int n_rows : {1, 3, 31, 33}) {
      const AttentionShape a{6, 2, head_dim, n_rows, 7, n_rows + 10};
      CAPTURE(head_dim, n_rows);
      Caches c(a);
      const auto x = values::on_device(std::vector<float>(size_t(n_rows) * 2 * head_dim, 0.5f));
      counted.count([&] { c.int8.store_keys(x.data(), n_rows, 7); });
      require_clean(counted);
      counted.count([&] { c.int8.prefill(c.out.data(), c.q.data(), a, 1.0f, 2); });
      require_clean(counted);
      if (n_rows > 8) continue;
      counted.count([&] { c.int8.decode(c.out.data(), c.q.data(), a, 1.0f); });
      require_clean(counted);
    }
  }
}

// What chapter 03's attention moves, held against closed forms: VRAM bytes by tensor with cold
// caches that hold everything, bytes from L2 into shared memory, shared bytes and wavefronts,
// operations; and K and V against chapter 02's.
#include <algorithm>

#include "tests/catch.h"
#include "tests/ch03/grouped_under_test.h"
#include "tests/decode/recording.h"
#include "tests/decode/values.h"

namespace {

using under_test::GroupedShape;

uint64_t ceil_div(uint64_t value, uint64_t by) { return (value + by - 1) / by; }

// The tensors of one attention, with any finite values.
struct Tensors {
  explicit Tensors(const GroupedShape& g, int copies = 1)
      : q(values::on_device(std::vector<float>(g.q_count(), 0.5f), "q")),
        out(values::poisoned(q.size(), "out")),
        partials(values::poisoned(under_test::partial_floats(g), "partials")),
        keys(values::on_device_bf16(std::vector<float>(copies * g.cache_count(), 0.5f), "keys")),
        values(values::on_device_bf16(std::vector<float>(keys.size(), 0.25f), "values")) {}
  gpu::DeviceBuffer<float> q, out, partials;
  gpu::DeviceBuffer<gpu::bf16> keys, values;
};

struct Shared {
  uint64_t read = 0, written = 0, wavefronts = 0;

  // A tile's scores for a warp of `pairs` pairs: each lane its key, and q as a broadcast of float4.
  void add_scores(int dims, int pairs) {
    read += 32 * (dims / 8) * (16 + pairs * 32);
    wavefronts += dims / 8 * (4 + pairs * 2);
  }
  // Rows of 32 floats, one a lane: weights, or sums between two chunks.
  void write_rows(int pairs) {
    written += pairs * 128;
    wavefronts += pairs;
  }
  void read_rows(int pairs) {
    read += pairs * 128;
    wavefronts += pairs;
  }
  // Values for `dims` dims, `per_lane` a lane: each key's values, and the weights as broadcasts.
  void add_values(int dims, int per_lane, int pairs) {
    read += uint64_t(dims / per_lane) * 32 * (2 * per_lane + 4 * pairs);
    wavefronts += 32 * ceil_div(2 * dims, 128) + pairs * 8;
  }
  void times(uint64_t blocks) { read *= blocks, written *= blocks, wavefronts *= blocks; }
};

// grouped_prefill_kernel with that many warps a block.
Shared prefill_shared(const GroupedShape& g, int warps) {
  const int d = g.head_dim, per_lane = d <= 32 ? 1 : d <= 64 ? 2 : d <= 128 ? 4 : 8;
  const int block_pairs = under_test::prefill_plan(g, warps).pairs;
  const int warp_pairs = block_pairs / warps, pairs = g.n_rows * g.group();
  const auto keys_to = [&](int last_pair) {  // that the pairs up to it see
    return uint64_t(g.start) + std::min(last_pair, pairs - 1) / g.group() + 1;
  };
  Shared s;
  for (int first = 0; first < pairs; first += block_pairs) {
    s.written += 4 * block_pairs * d;  // q
    s.wavefronts += ceil_div(4 * block_pairs * d, 128);
    const uint64_t tiles = ceil_div(keys_to(first + block_pairs - 1), 32);
    s.written += tiles * 2 * 32 * 2 * d;  // K and V, filled up with zeros
    s.wavefronts += tiles * d;
    for (int at = first; at < std::min(first + block_pairs, pairs); at += warp_pairs) {
      const uint64_t seen = ceil_div(keys_to(at + warp_pairs - 1), 32);
      for (uint64_t t = 0; t < seen; ++t) {
        s.add_scores(d, warp_pairs);
        s.write_rows(warp_pairs);
        s.add_values(d, per_lane, warp_pairs);
      }
    }
  }
  s.times(g.n_kv_heads);
  return s;
}

// grouped_decode_kernel, for numbers of keys that are whole splits or less than one, and pairs that
// fill their slices.
Shared decode_shared(const GroupedShape& g, size_t limit) {
  const under_test::Split split = under_test::decode_split(g, limit);
  const int d = g.head_dim, slice = split.slice, slices = split.block_pairs / slice;
  REQUIRE(split.block_pairs * split.blocks == g.n_rows * g.group());
  const uint64_t splits = ceil_div(g.n_keys(), 256);
  const uint64_t warps = std::min<uint64_t>(8, ceil_div(g.n_keys(), 32));
  Shared s;
  s.written += 4 * split.block_pairs * d;  // q
  s.wavefronts += ceil_div(4 * split.block_pairs * d, 128);
  s.written += warps * 2 * 32 * 2 * d;  // K and V, once for all slices
  s.wavefronts += warps * d;
  Shared of_slice;
  for (uint64_t w = 0; w < warps; ++w) {
    of_slice.add_scores(d, slice);
    for (int at = 64; at < d; at += 64) of_slice.write_rows(slice), of_slice.read_rows(slice);
    of_slice.write_rows(slice);     // the weights
    of_slice.written += slice * 8;  // the largest score and the sum, a store each
    of_slice.wavefronts += 2;
    for (int at = 0; at < d; at += 64) {
      const int dims = std::min(64, d - at);
      of_slice.add_values(dims, 2, slice);
      of_slice.written += slice * dims * 4;  // what the tile gave
      of_slice.wavefronts += slice * ceil_div(dims * 4, 128);
    }
  }
  for (int at = 0; at < d; at += 64) {
    const int dims = std::min(64, d - at);
    // For each (pair, dim) and tile: its value, the two sums.
    of_slice.read += slice * dims * warps * 12;
    of_slice.wavefronts += ceil_div(slice * dims, 32) * warps * 3;
  }
  if (splits > 1) {
    of_slice.read += slice * warps * 8;
    of_slice.wavefronts += warps * 2;
  }
  of_slice.times(slices);
  s.read += of_slice.read, s.written += of_slice.written, s.wavefronts += of_slice.wavefronts;
  s.times(splits * g.n_kv_heads * split.blocks);
  return s;
}

void require_shared(const Recording& counted, const Shared& expected) {
  const traffic::KernelCounts kernels = counted.totals().kernels;
  CHECK(kernels.shared_read_bytes == expected.read);
  CHECK(kernels.shared_write_bytes == expected.written);
  CHECK(kernels.shared_wavefronts == expected.wavefronts);
  CHECK(kernels.shared_ideal_wavefronts == expected.wavefronts);
  CHECK(kernels.estimated_requests == 0);
  CHECK(counted.totals().declared.undeclared_launches == 0);
}

struct Heads {
  int n_heads, n_kv_heads;
};

}  // namespace

TEST_CASE("prefill reads q, K and V once from VRAM, and K and V of a group once",
          "[ch03][traffic]") {
  Recording counted;
  for (const int head_dim : {16, 64, 80, 128}) {
    for (const auto& [n_heads, n_kv_heads] : {Heads{2, 2}, Heads{6, 2}, Heads{4, 1}, Heads{8, 1}}) {
      for (const int n_rows : {16, 33, 128}) {
        for (const int warps : {2, 8}) {
          const GroupedShape g{n_heads, n_kv_heads, head_dim, n_rows, 32, 32 + n_rows};
          CAPTURE(head_dim, n_heads, n_kv_heads, n_rows, warps);
          Tensors t(g);
          counted.count([&] {
            under_test::grouped_prefill(t.out.data(), t.q.data(), t.keys.data(), t.values.data(), g,
                                        1, warps);
          });
          const gpu::KernelBytes bytes = under_test::grouped_bytes(g);
          CHECK(bytes.kv.read == 4ull * n_kv_heads * g.n_keys() * head_dim);
          CHECK(counted.totals().memory.vram_read_bytes == bytes.read());
          CHECK(counted.totals().memory.vram_write_bytes == bytes.written());
          CHECK(counted.tensor("keys").vram_read_bytes == bytes.kv.read / 2);
          CHECK(counted.tensor("values").vram_read_bytes == bytes.kv.read / 2);
          // What the blocks ask for, in whole sectors, and nothing beyond the diagonal.
          const uint64_t staged = under_test::prefill_plan(g, warps).staged_bytes;
          CHECK(counted.tensor("keys").l1_load_bytes == staged / 2);
          CHECK(counted.tensor("values").l1_load_bytes == staged / 2);
          CHECK(counted.tensor("q").l1_load_bytes == bytes.activations.read);
          require_shared(counted, prefill_shared(g, warps));
          CHECK(counted.totals().declared.fp32_multiply_adds == under_test::multiply_adds(g));
        }
      }
    }
  }
}

TEST_CASE("a decode step reads each key and value once for all rows and heads of a group",
          "[ch03][traffic]") {
  Recording counted;
  for (const int head_dim : {16, 64, 80, 128}) {
    for (const auto& [n_heads, n_kv_heads] :
         {Heads{2, 2}, Heads{4, 1}, Heads{8, 1}, Heads{8, 2}, Heads{12, 1}, Heads{48, 2}}) {
      for (const int n_rows : {1, 2}) {
        for (const int n_keys : {32, 96, 256, 1024}) {
          const GroupedShape g{n_heads, n_kv_heads, head_dim, n_rows, n_keys - n_rows, n_keys};
          CAPTURE(head_dim, n_heads, n_kv_heads, n_rows, n_keys);
          Tensors t(g);
          const size_t limit = 200 * 1024;  // one block takes all pairs
          counted.count([&] {
            under_test::grouped_decode(t.out.data(), t.partials.data(), t.q.data(), t.keys.data(),
                                       t.values.data(), g, 1, limit);
          });
          const gpu::KernelBytes bytes = under_test::grouped_decode_bytes(g);
          const bool merged = n_keys > 256;
          CHECK(bytes.kv.read == 4ull * n_kv_heads * n_keys * head_dim);
          CHECK(counted.totals().kernels.launches == (merged ? 2u : 1u));
          CHECK(counted.totals().memory.vram_read_bytes == bytes.read());
          const uint64_t result = merged ? under_test::merge_splits_bytes(g).written() : 0;
          CHECK(counted.totals().memory.vram_write_bytes == bytes.written() + result);
          CHECK(counted.tensor("keys").vram_read_bytes == bytes.kv.read / 2);
          // Asked for once, by one warp, in whole sectors.
          CHECK(counted.tensor("keys").l1_load_bytes == bytes.kv.read / 2);
          CHECK(counted.tensor("values").l1_load_bytes == bytes.kv.read / 2);
          CHECK(counted.tensor("partials").vram_read_bytes == 0);
          require_shared(counted, decode_shared(g, limit));
          CHECK(counted.totals().declared.fp32_multiply_adds == under_test::multiply_adds(g));
        }
      }
    }
  }
}

TEST_CASE("K and V are n_kv_heads / n_heads of what chapter 02 reads", "[ch03][traffic]") {
  Recording counted;
  for (const auto& [n_heads, n_kv_heads] :
       {Heads{4, 4}, Heads{6, 2}, Heads{8, 2}, Heads{8, 1}, Heads{9, 3}}) {
    for (const int n_rows : {1, 8, 64}) {
      CAPTURE(n_heads, n_kv_heads, n_rows);
      const GroupedShape g{n_heads, n_kv_heads, 64, n_rows, 512 - n_rows, 512};
      Tensors ours(g), theirs(g, g.group());
      const auto kv_bytes = [&] {
        return counted.tensor("keys").vram_read_bytes + counted.tensor("values").vram_read_bytes;
      };
      counted.count([&] {
        under_test::grouped_attention(ours.out.data(), ours.partials.data(), ours.q.data(),
                                      ours.keys.data(), ours.values.data(), g, 1);
      });
      const uint64_t grouped = kv_bytes();
      counted.count([&] {
        under_test::tiled_attention(theirs.out.data(), theirs.partials.data(), theirs.q.data(),
                                    theirs.keys.data(), theirs.values.data(), g, 1);
      });
      CHECK(grouped * n_heads == kv_bytes() * n_kv_heads);
      CHECK(grouped == 4ull * n_kv_heads * 512 * 64);
    }
  }
}

TEST_CASE("no warp diverges, meets a bank conflict or asks twice, whatever the shape",
          "[ch03][traffic]") {
  Recording counted;
  for (const int head_dim : {8, 24, 40, 64, 80, 96, 128, 256}) {
    for (const auto& [n_heads, n_kv_heads] :
         {Heads{3, 1}, Heads{9, 1}, Heads{8, 2}, Heads{71, 1}}) {
      for (const int n_rows : {1, 5, 8, 9, 33}) {
        for (const int start : {0, 250}) {
          CAPTURE(head_dim, n_heads, n_kv_heads, n_rows, start);
          const GroupedShape g{n_heads, n_kv_heads, head_dim, n_rows, start, start + n_rows + 3};
          Tensors t(g);
          counted.count([&] {
            under_test::grouped_attention(t.out.data(), t.partials.data(), t.q.data(),
                                          t.keys.data(), t.values.data(), g, 1);
          });
          const traffic::Totals totals = counted.totals();
          CHECK(totals.kernels.estimated_requests == 0);
          CHECK(totals.kernels.shared_wavefronts == totals.kernels.shared_ideal_wavefronts);
          if (n_rows > 8) continue;  // several blocks read the same keys
          const uint64_t blocks = under_test::decode_split(g).blocks;
          const double useful = 2.0 * g.n_keys() * head_dim * n_kv_heads * double(blocks);
          CHECK(useful >= 0.95 * double(counted.tensor("keys").l1_load_bytes) - 32.0 * 3 * 2);
        }
      }
    }
  }
}

TEST_CASE(
    "each sector of K and V is asked for once at every head size up to 128, and above at "
    "multiples of 16",
    "[ch03][traffic]") {
  Recording counted;
  for (int head_dim = 8; head_dim <= 256; head_dim += 8) {
    for (const auto& [n_heads, n_rows] : {Heads{2, 1}, Heads{4, 1}, Heads{6, 1}, Heads{6, 5}}) {
      const GroupedShape g{n_heads, 2, head_dim, n_rows, 256 - n_rows, 256};
      CAPTURE(head_dim, n_heads, n_rows);
      Tensors t(g);
      counted.count([&] {
        under_test::grouped_decode(t.out.data(), t.partials.data(), t.q.data(), t.keys.data(),
                                   t.values.data(), g, 1, 200 * 1024);
      });
      const uint64_t useful = 2 * 2 * 256 * head_dim;
      for (const char* name : {"keys", "values"}) {
        const traffic::MemoryCounts memory = counted.tensor(name);
        CHECK(memory.vram_read_bytes == useful);
        if (head_dim <= 128 || head_dim % 16 == 0) {
          CHECK(memory.l1_load_bytes == useful);
        } else {  // chunks of 64 dims begin in the middle of a sector; 136 is the worst size
          CHECK(memory.l1_load_bytes > useful);
          CHECK(memory.l1_load_bytes * 85 <= useful * 100);
        }
      }
      const traffic::KernelCounts kernels = counted.totals().kernels;
      CHECK(kernels.shared_wavefronts == kernels.shared_ideal_wavefronts);
    }
  }
}

TEST_CASE("K and V in host RAM cross PCIe once for a group", "[ch03][traffic]") {
  Recording counted;
  const GroupedShape g{8, 2, 64, 1, 511, 512};
  Tensors t(g);
  gpu::PinnedBuffer<gpu::bf16> keys(t.keys.size(), "host_keys"), values(t.keys.size(), "host_v");
  std::fill_n(keys.data(), keys.size(), gpu::bf16{0x3f00});
  std::fill_n(values.data(), values.size(), gpu::bf16{0x3e80});
  counted.count([&] {
    under_test::grouped_attention(t.out.data(), t.partials.data(), t.q.data(), keys.device_data(),
                                  values.device_data(), g, 1);
  });
  const gpu::KernelBytes bytes = under_test::grouped_decode_bytes(g);
  CHECK(counted.totals().memory.host_read_bytes == bytes.kv.read);
  CHECK(counted.totals().memory.vram_read_bytes == bytes.activations.read);
  for (const float x : gpu::download(t.out)) CHECK(x == 0.25f);
}

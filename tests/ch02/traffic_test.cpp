// What chapter 02's attention moves, held against closed forms: VRAM bytes by tensor with cold
// caches that hold everything, bytes from L2 into shared memory, shared bytes and wavefronts,
// operations.
#include "tests/catch.h"
#include "tests/ch02/kernels_under_test.h"
#include "tests/decode/recording.h"
#include "tests/decode/sectors.h"  // asked_bytes
#include "tests/decode/values.h"

namespace {

using under_test::AttentionShape;

uint64_t ceil_div(uint64_t value, uint64_t by) { return (value + by - 1) / by; }

// The tensors of one attention, with any finite values.
struct Tensors {
  explicit Tensors(const AttentionShape& a)
      : q(values::on_device(std::vector<float>(size_t(a.n_rows) * a.n_heads * a.head_dim, 0.5f),
                            "q")),
        out(values::poisoned(q.size(), "out")),
        partials(values::poisoned(under_test::partial_floats(a), "partials")),
        keys(values::on_device_bf16(
            std::vector<float>(size_t(a.n_heads) * a.max_seq_len * a.head_dim, 0.5f), "keys")),
        values(values::on_device_bf16(std::vector<float>(keys.size(), 0.25f), "values")) {}
  gpu::DeviceBuffer<float> q, out, partials;
  gpu::DeviceBuffer<gpu::bf16> keys, values;
};

struct Shared {
  uint64_t read = 0, written = 0, wavefronts = 0;
};

// A tile's scores for a warp of `rows` rows: each lane its key, and q as a broadcast of float4.
void add_scores(Shared& s, int dims, int rows) {
  s.read += 32 * (dims / 8) * (16 + rows * 32);
  s.wavefronts += dims / 8 * (4 + rows * 2);
}
// Its weights, written once.
void add_weights(Shared& s, int rows) {
  s.written += rows * 32 * 4;
  s.wavefronts += rows;
}
// Its values for `dims` dims, `per_lane` a lane: each key's values, and the weights as broadcasts.
void add_values(Shared& s, int dims, int per_lane, int rows) {
  const uint64_t lanes = dims / per_lane;
  s.read += lanes * 32 * (2 * per_lane + 4 * rows);
  s.wavefronts += 32 * ceil_div(2 * dims, 128) + rows * 8;
}

// flash_attention_kernel with that many warps a block.
Shared prefill_shared(const AttentionShape& a, int warps) {
  const int d = a.head_dim, per_lane = d <= 32 ? 1 : d <= 64 ? 2 : d <= 128 ? 4 : 8;
  const int block_rows = under_test::flash_plan(a, warps).rows, warp_rows = block_rows / warps;
  Shared s;
  for (int first = 0; first < a.n_rows; first += block_rows) {
    s.written += 4 * block_rows * d;  // q
    s.wavefronts += ceil_div(4 * block_rows * d, 128);
    const uint64_t tiles = ceil_div(a.start + std::min(first + block_rows, a.n_rows), 32);
    s.written += tiles * 2 * 32 * 2 * d;  // K and V, filled up with zeros
    s.wavefronts += tiles * d;
    for (int row = first; row < std::min(first + block_rows, a.n_rows); row += warp_rows) {
      const uint64_t seen = ceil_div(a.start + std::min(row + warp_rows, a.n_rows), 32);
      for (uint64_t t = 0; t < seen; ++t) {
        add_scores(s, d, warp_rows);
        add_weights(s, warp_rows);
        add_values(s, d, per_lane, warp_rows);
      }
    }
  }
  s.read *= a.n_heads, s.written *= a.n_heads, s.wavefronts *= a.n_heads;
  return s;
}

// flash_decode_kernel, for numbers of keys that are whole splits or less than one, and n_rows a
// power of two (then no row of the kernel is idle).
Shared decode_shared(const AttentionShape& a) {
  const int rows = a.n_rows, d = a.head_dim;
  const uint64_t splits = ceil_div(a.n_keys(), 256);
  const uint64_t warps = std::min<uint64_t>(8, ceil_div(a.n_keys(), 32));
  Shared s;
  s.written += 4 * rows * d;  // q
  s.wavefronts += ceil_div(4 * rows * d, 128);
  for (uint64_t w = 0; w < warps; ++w) {
    add_scores(s, d, rows);
    add_weights(s, rows);
    s.written += 2 * 32 * 2 * d;  // K and V
    s.wavefronts += d;
    s.written += rows * 8;  // the largest score and the sum, by a lane a row
    s.wavefronts += 2;
    for (int at = 0; at < d; at += 64) {
      const int dims = std::min(64, d - at);
      add_values(s, dims, 2, rows);
      s.written += rows * dims * 4;  // what the tile gave
      s.wavefronts += rows * ceil_div(dims * 4, 128);
    }
  }
  for (int at = 0; at < d; at += 64) {
    const int dims = std::min(64, d - at);
    // For each (row, dim) and tile: its value, the two sums.
    s.read += rows * dims * warps * 12;
    s.wavefronts += ceil_div(rows * dims, 32) * warps * 3;
  }
  if (splits > 1) {
    s.read += rows * warps * 8;
    s.wavefronts += warps * 2;
  }
  const uint64_t blocks = splits * a.n_heads;
  s.read *= blocks, s.written *= blocks, s.wavefronts *= blocks;
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

}  // namespace

TEST_CASE("prefill reads q, K and V once from VRAM and writes the result only", "[ch02][traffic]") {
  Recording counted;
  for (const int head_dim : {16, 32, 64, 80, 128, 256}) {
    for (const int n_rows : {16, 33, 128}) {
      for (const int warps : {2, 4, 8}) {
        const AttentionShape a{2, head_dim, n_rows, 32, 32 + n_rows};
        CAPTURE(head_dim, n_rows, warps);
        Tensors t(a);
        counted.count([&] {
          under_test::flash_attention(t.out.data(), t.q.data(), t.keys.data(), t.values.data(), a,
                                      1, warps);
        });
        const gpu::KernelBytes bytes = under_test::flash_attention_bytes(a);
        CHECK(counted.totals().memory.vram_read_bytes == bytes.read());
        CHECK(counted.totals().memory.vram_write_bytes == bytes.written());
        CHECK(counted.tensor("keys").vram_read_bytes == bytes.kv.read / 2);
        CHECK(counted.tensor("values").vram_read_bytes == bytes.kv.read / 2);
        CHECK(counted.tensor("out").vram_read_bytes == 0);
        // What the blocks ask for, in whole sectors: the formula, and nothing beyond the diagonal.
        const uint64_t staged = under_test::flash_attention_staged_bytes(a, warps);
        CHECK(counted.tensor("keys").l1_load_bytes == staged / 2);
        CHECK(counted.tensor("values").l1_load_bytes == staged / 2);
        CHECK(counted.tensor("q").l1_load_bytes == bytes.activations.read);
        require_shared(counted, prefill_shared(a, warps));
        CHECK(counted.totals().declared.fp32_multiply_adds == under_test::tiled_multiply_adds(a));
      }
    }
  }
}

TEST_CASE("a decode step reads each key and value once, whatever the number of rows and splits",
          "[ch02][traffic]") {
  Recording counted;
  for (const int head_dim : {16, 32, 64, 80, 128, 256}) {
    for (const int n_rows : {1, 2, 4, 8}) {
      for (const int n_keys : {32, 96, 256, 512, 1024}) {
        const AttentionShape a{2, head_dim, n_rows, n_keys - n_rows, n_keys};
        CAPTURE(head_dim, n_rows, n_keys);
        Tensors t(a);
        counted.count([&] {
          under_test::flash_decode(t.out.data(), t.partials.data(), t.q.data(), t.keys.data(),
                                   t.values.data(), a, 1);
        });
        const gpu::KernelBytes bytes = under_test::flash_decode_bytes(a);
        const bool merged = n_keys > 256;
        CHECK(counted.totals().kernels.launches == (merged ? 2u : 1u));
        CHECK(counted.totals().memory.vram_read_bytes == bytes.read());
        const uint64_t result = merged ? under_test::merge_splits_bytes(a).written() : 0;
        CHECK(counted.totals().memory.vram_write_bytes == bytes.written() + result);
        CHECK(counted.tensor("keys").vram_read_bytes == bytes.kv.read / 2);
        CHECK(counted.tensor("keys").l1_load_bytes == bytes.kv.read / 2);
        CHECK(counted.tensor("values").l1_load_bytes == bytes.kv.read / 2);
        // The merge finds what the splits wrote in L2.
        CHECK(counted.tensor("partials").vram_read_bytes == 0);
        require_shared(counted, decode_shared(a));
        CHECK(counted.totals().declared.fp32_multiply_adds == under_test::tiled_multiply_adds(a));
      }
    }
  }
}

TEST_CASE("no warp diverges, meets a bank conflict or asks twice at awkward sizes",
          "[ch02][traffic]") {
  Recording counted;
  for (const int head_dim : {8, 24, 40, 48, 64, 72, 80, 96, 128, 136, 160, 256}) {
    for (const int n_rows : {1, 3, 5, 8, 9, 31, 33}) {
      for (const int start : {0, 5, 250}) {
        CAPTURE(head_dim, n_rows, start);
        const AttentionShape a{3, head_dim, n_rows, start, start + n_rows + 3};
        Tensors t(a);
        counted.count([&] {
          under_test::tiled_attention(t.out.data(), t.partials.data(), t.q.data(), t.keys.data(),
                                      t.values.data(), a, 1);
        });
        const traffic::Totals totals = counted.totals();
        CHECK(totals.kernels.estimated_requests == 0);
        CHECK(totals.kernels.shared_wavefronts == totals.kernels.shared_ideal_wavefronts);
      }
    }
  }
}

namespace {
// Bytes of K that a decode step asks L1 for, of a tensor that VRAM gives once.
uint64_t asked_of_keys(Recording& counted, const AttentionShape& a) {
  Tensors t(a);
  counted.count([&] {
    under_test::flash_decode(t.out.data(), t.partials.data(), t.q.data(), t.keys.data(),
                             t.values.data(), a, 1);
  });
  const traffic::MemoryCounts keys = counted.tensor("keys"), values = counted.tensor("values");
  CHECK(keys.vram_read_bytes == uint64_t(4) * a.n_keys() * a.head_dim);
  CHECK(values.vram_read_bytes == keys.vram_read_bytes);
  CHECK(values.l1_load_bytes == keys.l1_load_bytes);
  CHECK(counted.totals().kernels.shared_wavefronts ==
        counted.totals().kernels.shared_ideal_wavefronts);
  CHECK(counted.totals().kernels.estimated_requests == 0);
  return keys.l1_load_bytes;
}
}  // namespace

TEST_CASE("each sector of K and V is asked for once at every head size up to 128",
          "[ch02][traffic]") {
  Recording counted;
  for (int head_dim = 8; head_dim <= 128; head_dim += 8) {
    for (const int n_rows : {1, 2, 3, 8}) {
      const AttentionShape a{2, head_dim, n_rows, 256 - n_rows, 256};
      CAPTURE(head_dim, n_rows);
      const uint64_t asked = asked_of_keys(counted, a), useful = uint64_t(4) * 256 * head_dim;
      if (head_dim == 120 &&
          n_rows > 2) {  // whole heads take more shared memory than every GPU has
        CHECK(asked > useful);
      } else {
        CHECK(asked == useful);
      }
    }
  }
}

// Chunks of 64 dims begin in the middle of a sector where a key is not whole sectors. Useful are
// then head_dim / (head_dim + 8 * chunks) of the bytes that are asked for, where the last chunk is
// 8 dims: 85% at 136, the least of all head sizes.
TEST_CASE("above 128 dims, chunks that begin amid a sector ask for it twice, but not of VRAM",
          "[ch02][traffic]") {
  Recording counted;
  for (int head_dim = 136; head_dim <= 256; head_dim += 8) {
    const AttentionShape a{2, head_dim, 1, 255, 256};
    CAPTURE(head_dim);
    const uint64_t useful = 2 * 2 * 256 * head_dim, asked = asked_of_keys(counted, a);
    CHECK(asked * 85 <= useful * 100);
    if (head_dim % 16 == 0) CHECK(asked == useful);
    if (head_dim % 64 == 8) {
      CHECK(asked * head_dim == useful * (head_dim + 8 * ceil_div(head_dim, 64)));
      CHECK(asked == 2 * asked_bytes(256, 2 * head_dim, 128));
    }
  }
}

TEST_CASE("K and V in host RAM cross PCIe once in a decode step", "[ch02][traffic]") {
  Recording counted;
  const AttentionShape a{2, 64, 1, 511, 512};
  Tensors t(a);
  gpu::PinnedBuffer<gpu::bf16> keys(t.keys.size(), "host_keys"), values(t.keys.size(), "host_v");
  std::fill_n(keys.data(), keys.size(), gpu::bf16{0x3f00});
  std::fill_n(values.data(), values.size(), gpu::bf16{0x3e80});
  counted.count([&] {
    under_test::flash_decode(t.out.data(), t.partials.data(), t.q.data(), keys.device_data(),
                             values.device_data(), a, 1);
  });
  const gpu::KernelBytes bytes = under_test::flash_decode_bytes(a);
  CHECK(counted.totals().memory.host_read_bytes == bytes.kv.read);
  CHECK(counted.totals().memory.vram_read_bytes == bytes.activations.read);
  for (const float x : gpu::download(t.out)) CHECK(x == 0.25f);
}

// A whole decode step of chapter 04 against its closed form, against chapter 03's, and with the
// default model against the least that any decoder with these numbers has to move.
#include "common/decode/loaded_model.h"  // LoadedModel
#include "tests/catch.h"
#include "tests/decode/decoding.h"
#include "tests/decode/random_model.h"
#include "tests/decode/recording.h"

namespace {

using decoding::make;

// Dimensions that sectors and tiles divide, so that the forms are exact.
ModelShape even_shape() {
  ModelShape s;
  s.head_dim = 32, s.n_heads = 8, s.n_kv_heads = 2;
  s.dim = 256, s.hidden_dim = 512, s.n_layers = 3, s.vocab_size = 256, s.max_seq_len = 1024;
  return s;
}

constexpr const char* kRows[] = {"04:weights", "04:cache", "04:int4", "04:host"};

// Bytes of one new token from cold caches that hold everything.
struct Forms {
  Forms(const std::string& row, const model::Config& c, uint64_t n_keys) {
    const uint64_t q = c.q_dim(), kv = c.kv_dim(), dim = c.dim, hidden = c.hidden_dim;
    const uint64_t block = row == "04:int4" ? 16 + 2 : 32 + 2;
    const bool int8_cache = row == "04:cache" || row == "04:host";
    const uint64_t layer = dim * (2 * q + 2 * kv) + 3 * dim * hidden;
    matrices = (c.n_layers * layer + c.vocab_size * dim) / 32 * block;
    bf16_matrices = 2 * (c.n_layers * layer + c.vocab_size * dim);
    norms = 4 * dim * (2 * c.n_layers + 1);
    // A row of the embedding, its scales with those of three neighbours; a row of angles.
    tables = dim / 32 * (block - 2 + 8) + 4 * c.head_dim;
    const uint64_t heads = uint64_t(2) * c.n_layers * c.n_kv_heads;  // of K and of V
    values = heads * c.head_dim * (int8_cache ? 1 : 2);              // of one token
    scales = int8_cache ? heads * 2 : 0;
    cached = values * (n_keys - 1) + scales * n_keys;  // the last sector of scales was half full
    added = values + (int8_cache ? heads * 32 : 0);    // it is written back whole
    // With caches that hold everything each buffer is written back once, at the end.
    activations = 4 * (3 * dim + 2 * q + 2 * kv + 2 * hidden + c.vocab_size);
    quantized = hidden / 32 * (32 + 4);  // the widest input's
    const uint64_t splits = (n_keys + 255) / 256;
    partials = splits > 1 ? 4 * c.n_heads * splits * (c.head_dim + 2) : 0;
  }
  // Each value that a kernel produces once: the least where no buffer stays in the cache till the
  // next layer writes it anew.
  static uint64_t produced(const model::Config& c) {
    const uint64_t q = c.q_dim(), kv = c.kv_dim(), dim = c.dim, hidden = c.hidden_dim;
    const uint64_t layer = 4 * (3 * q + 3 * kv + 6 * dim + 3 * hidden);
    const uint64_t quantized = (2 * dim + q + hidden) / 32 * 36;
    return c.n_layers * (layer + quantized) + 4 * (2 * dim + c.vocab_size) + dim / 32 * 36;
  }
  uint64_t matrices, bf16_matrices, norms, tables, values, scales, cached, added, activations;
  uint64_t quantized, partials;
};

// Sums the tensors whose names begin with `prefix`.
uint64_t read_bytes(const Recording& counted, const std::string& prefix, const model::Config& c) {
  std::vector<std::string> names = {"token_embd", "output"};
  for (int l = 0; l < c.n_layers; ++l) {
    for (const char* part :
         {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}) {
      names.push_back("blk." + std::to_string(l) + "." + part);
    }
  }
  uint64_t bytes = 0;
  for (const std::string& name : names) {
    bytes += counted.tensor(prefix + name).vram_read_bytes;
    bytes += counted.tensor(prefix + name + ".scales").vram_read_bytes;
  }
  return bytes;
}

uint64_t kv_bytes(const Recording& counted) {
  uint64_t bytes = 0;
  for (const char* name : {"kv_cache.k", "kv_cache.v", "kv_cache.k.scales", "kv_cache.v.scales"}) {
    bytes += counted.tensor(name).vram_bytes();
  }
  return bytes;
}

}  // namespace

TEST_CASE("chapter 04's step reads 34/64 of the weights' bytes, or 18/64, and K and V once",
          "[ch04][traffic]") {
  values::Source source(95);
  const ModelShape s = even_shape();
  const UploadedModel model(random_model(s, source));
  const auto tokens = random_tokens(512, s.vocab_size, source);
  for (const std::string row : kRows) {
    const auto decoder = make(row, model);
    decoder->forward(tokens.data(), 511, 0);  // not counted
    for (const int n_keys : {512, 256, 32}) {
      CAPTURE(row, n_keys);
      const bool host = row == "04:host";
      decoder->truncate(n_keys - 1);
      Recording counted;
      counted.count([&] { decoder->forward(tokens.data() + n_keys - 1, 1, 1); });

      const model::Config& c = model.host.config;
      const Forms step(row, c, n_keys);
      const uint64_t token = 32;  // the sector of its id, which a copy writes in part
      const traffic::Totals totals = counted.totals();
      const traffic::MemoryCounts& memory = totals.memory;
      CHECK(memory.vram_read_bytes ==
            step.matrices + step.norms + step.tables + token + (host ? 0 : step.cached));
      CHECK(memory.vram_write_bytes ==
            step.activations + step.quantized + step.partials + token + (host ? 0 : step.added));
      if (host) {  // over PCIe: the token's id, and each key and value, the new too
        CHECK(memory.host_read_bytes == 4 + step.values * n_keys + step.scales * n_keys);
        CHECK(memory.host_write_bytes >= step.values + step.scales);
      }
      const uint64_t row_of_table = step.tables - 4 * c.head_dim;
      CHECK(read_bytes(counted, "weights.quantized.", c) == step.matrices + row_of_table);
      CHECK(step.matrices * 64 == step.bf16_matrices * (row == "04:int4" ? 18 : 34));
      CHECK(read_bytes(counted, "weights.", c) == 0);  // those of bf16 are not touched

      CHECK(totals.kernels.estimated_requests == 0);
      CHECK(totals.kernels.shared_wavefronts == totals.kernels.shared_ideal_wavefronts);
      const unsigned attention = n_keys > 256 ? 2 : 1;  // the second joins the splits
      CHECK(totals.kernels.launches == 4u + (20u + attention) * s.n_layers);
      CHECK(totals.declared.undeclared_launches == 0);
      CHECK(totals.declared.int8_multiply_adds == double(step.bf16_matrices) / 2);
    }
  }
}

TEST_CASE("chapter 04's prefill reads each weight once and stores K and V once",
          "[ch04][traffic]") {
  values::Source source(96);
  const ModelShape s = even_shape();
  const UploadedModel model(random_model(s, source));
  const auto tokens = random_tokens(96, s.vocab_size, source);
  for (const std::string row : {"04:weights", "04:cache", "04:int4"}) {
    CAPTURE(row);
    Recording counted;
    const auto decoder = make(row, model);
    counted.count([&] { decoder->forward(tokens.data(), 96, 1); });
    const model::Config& c = model.host.config;
    const Forms forms(row, c, 96);
    const uint64_t read = read_bytes(counted, "weights.quantized.", c);
    CHECK(read >= forms.matrices);
    CHECK(read <= forms.matrices + 96 * (forms.tables - 4 * c.head_dim));
    CHECK(kv_bytes(counted) == 96 * (forms.values + forms.scales));  // read back from L2
    CHECK(counted.totals().kernels.estimated_requests == 0);
    CHECK(counted.totals().kernels.shared_wavefronts ==
          counted.totals().kernels.shared_ideal_wavefronts);
  }
}

// "Activations once" is each produced value once; what the splits hand on is among them.
TEST_CASE("a quantized step of the default model moves at most 2% more than it must",
          "[ch04][traffic]") {
  decode::LoadedModel loaded(LADDER_SOURCE_DIR "/common/models/austen-4m.gguf");
  loaded.upload();
  const std::vector<int> tokens(300, 7);
  const model::Config& c = loaded.host.config;
  for (const std::string row : {"04:weights", "04:cache", "04:int4"}) {
    const auto decoder = make(row, loaded.model());
    decoder->forward(tokens.data(), 256, 0);  // not counted
    for (const int n_keys : {257, 40}) {
      for (const char* gpu : {"h100", "classroom"}) {
        decoder->truncate(n_keys - 1);
        Recording counted(gpu, double(loaded.device_bytes));
        counted.count([&] { decoder->forward(tokens.data(), 1, 1); });
        const Forms step(row, c, n_keys);
        const double once = double(step.matrices + step.norms + step.tables + step.cached +
                                   step.added + c.n_layers * step.partials + Forms::produced(c));
        const double moved = double(counted.totals().memory.vram_bytes());
        CAPTURE(gpu, row, n_keys, moved, once, moved / once);
        CHECK(moved <= 1.02 * once);
        // The bound of this chapter: the weights' bytes within 2% of 34/64 (18/64) of bf16's.
        const double part = (row == "04:int4" ? 18.0 : 34.0) / 64 * double(step.bf16_matrices);
        const double read = double(read_bytes(counted, "weights.quantized.", c));
        CHECK(read <= 1.02 * part);
        CHECK(read >= 0.98 * part);
        CHECK(kv_bytes(counted) <= step.cached + step.added + 128u * c.n_layers * c.n_kv_heads);
      }
    }
  }
}

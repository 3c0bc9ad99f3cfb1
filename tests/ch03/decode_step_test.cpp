// A whole decode step and a whole prefill of chapter 03 against their closed forms, against chapter
// 02's, and with the default model against the least that any decoder has to move.
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
  s.dim = 128, s.hidden_dim = 320, s.n_layers = 3, s.vocab_size = 256, s.max_seq_len = 1024;
  return s;
}

// Bytes of `rows` new tokens from cold caches that hold everything.
struct Forms {
  Forms(const model::Config& c, uint64_t n_keys, uint64_t rows) {
    const uint64_t q = c.q_dim(), kv = c.kv_dim(), dim = c.dim, hidden = c.hidden_dim;
    const uint64_t layer = dim * (2 * q + 2 * kv) + 3 * dim * hidden;
    // Matrices, norms; and what rows of the embedding and of the rotary table are touched.
    weights = 2 * (c.n_layers * layer + c.vocab_size * dim) + 4 * dim * (2 * c.n_layers + 1);
    tables = rows * (2 * dim + 4 * c.head_dim);
    cached = 4 * c.n_layers * kv * (n_keys - rows);
    added = 4 * c.n_layers * kv * rows;
    // With caches that hold everything each buffer is written back once, at the end; layers use the
    // same ones.
    activations = 4 * (rows * (3 * dim + 2 * q + 2 * kv + 2 * hidden) + c.vocab_size);
    const uint64_t splits = (n_keys + 255) / 256;
    if (splits > 1 && rows <= 8) partials = 4 * rows * c.n_heads * splits * (c.head_dim + 2);
  }
  // Each value of an activation once that a kernel produces for one row: what must move, at the
  // least, where the cache does not keep a layer's buffers till the next layer writes them anew.
  static uint64_t produced(const model::Config& c) {
    const uint64_t attention = 2 * c.q_dim() + 2 * c.kv_dim();  // q, k, v, attended
    const uint64_t turned = c.q_dim() + c.kv_dim();             // q and k after rotary
    // normed, projected, x twice; gate, up, and swiglu's
    const uint64_t layer = attention + turned + 6ull * c.dim + 3ull * c.hidden_dim;
    return 4 * (c.n_layers * layer + 2ull * c.dim + c.vocab_size);
  }
  uint64_t weights, tables, cached, added, activations, partials = 0;
};

uint64_t kv_vram_bytes(const Recording& counted) {
  return counted.tensor("kv_cache.k").vram_bytes() + counted.tensor("kv_cache.v").vram_bytes();
}

}  // namespace

TEST_CASE("chapter 03's step reads weights once, and K and V of n_kv_heads once",
          "[ch03][traffic]") {
  values::Source source(90);
  const ModelShape s = even_shape();
  const UploadedModel model(random_model(s, source));
  const auto tokens = random_tokens(512, s.vocab_size, source);
  for (const char* row : {"03:vram", "03:host"}) {
    const auto decoder = make(row, model);
    decoder->forward(tokens.data(), 511, 0);  // not counted
    for (const int n_keys : {512, 256, 32}) {
      CAPTURE(row, n_keys);
      const bool host = std::string(row) == "03:host";
      decoder->truncate(n_keys - 1);
      Recording counted;
      counted.count([&] { decoder->forward(tokens.data() + n_keys - 1, 1, 1); });

      const Forms step(model.host.config, n_keys, 1);
      const uint64_t token = 32;  // the sector of its id, which a copy writes in part
      const traffic::Totals totals = counted.totals();
      const traffic::MemoryCounts& memory = totals.memory;
      CHECK(memory.vram_read_bytes ==
            step.weights + step.tables + token + (host ? 0 : step.cached));
      CHECK(memory.vram_write_bytes ==
            step.activations + step.partials + token + (host ? 0 : step.added));
      CHECK(memory.host_read_bytes == 4 + (host ? step.cached + step.added : 0));
      CHECK(memory.host_write_bytes == (host ? step.added : 0));
      CHECK(counted.tensor("kv_cache.k").vram_read_bytes == (host ? 0 : step.cached / 2));
      CHECK(counted.tensor("kv_cache.v").vram_read_bytes == (host ? 0 : step.cached / 2));
      CHECK(counted.tensor("partials").vram_read_bytes == 0);

      CHECK(totals.kernels.estimated_requests == 0);
      CHECK(totals.kernels.shared_wavefronts == totals.kernels.shared_ideal_wavefronts);
      const unsigned attention = n_keys > 256 ? 2 : 1;  // the second joins the splits
      CHECK(totals.kernels.launches == 3u + (16u + attention) * s.n_layers);
      CHECK(totals.declared.undeclared_launches == 0);
    }
  }
}

TEST_CASE("chapter 03's prefill stores and reads K and V of n_kv_heads only", "[ch03][traffic]") {
  values::Source source(91);
  const ModelShape s = even_shape();
  const UploadedModel model(random_model(s, source));
  const auto tokens = random_tokens(96, s.vocab_size, source);
  Recording counted;
  const auto decoder = make("03:vram", model);
  counted.count([&] { decoder->forward(tokens.data(), 96, 1); });
  const Forms forms(model.host.config, 96, 96);
  const traffic::Totals totals = counted.totals();
  // Some tokens come twice, and their row of the embedding is then read once.
  CHECK(totals.memory.vram_read_bytes <= forms.weights + forms.tables);
  CHECK(totals.memory.vram_read_bytes > forms.weights);
  // One more `normed` row than the activations have: that of the logits is among them already.
  CHECK(totals.memory.vram_write_bytes == forms.activations + forms.added + 4 * 96);
  CHECK(kv_vram_bytes(counted) == forms.added);  // read back from L2
  CHECK(totals.kernels.estimated_requests == 0);
  CHECK(totals.kernels.shared_wavefronts == totals.kernels.shared_ideal_wavefronts);
}

TEST_CASE("a step's K and V are n_kv_heads / n_heads of chapter 02's", "[ch02][ch03][traffic]") {
  values::Source source(92);
  const ModelShape s = even_shape();
  const UploadedModel model(random_model(s, source));
  const auto tokens = random_tokens(257, s.vocab_size, source);
  uint64_t bytes[2];
  for (int i = 0; i < 2; ++i) {
    const auto decoder = make(i == 0 ? "02:vram" : "03:vram", model);
    decoder->forward(tokens.data(), 256, 0);  // not counted
    Recording counted;
    counted.count([&] { decoder->forward(tokens.data() + 256, 1, 1); });
    bytes[i] = kv_vram_bytes(counted);
  }
  CHECK(bytes[1] * s.n_heads == bytes[0] * s.n_kv_heads);
}

// "Activations once" is each produced value once. Counting only the buffers, which layers share,
// the bound holds on h100, and classroom is 3% above (see tests/ch02).
TEST_CASE("a step of the default model moves at most 2% more than weights, cache and activations",
          "[ch03][traffic]") {
  decode::LoadedModel loaded(LADDER_SOURCE_DIR "/common/models/austen-4m.gguf");
  loaded.upload();
  const std::vector<int> tokens(300, 7);
  const model::Config& c = loaded.host.config;
  const auto decoder = make("03:vram", loaded.model());
  decoder->forward(tokens.data(), 256, 0);  // not counted
  for (const int n_keys : {257, 40}) {
    for (const char* gpu : {"h100", "classroom"}) {
      decoder->truncate(n_keys - 1);
      Recording counted(gpu, double(loaded.device_bytes));
      counted.count([&] { decoder->forward(tokens.data(), 1, 1); });
      const Forms step(c, n_keys, 1);
      const uint64_t kv = step.cached + step.added;
      const double once = double(step.weights + kv + Forms::produced(c));
      const double moved = double(counted.totals().memory.vram_bytes());
      const double buffers = double(step.weights + kv + step.activations + step.partials);
      CAPTURE(gpu, n_keys, moved, moved / once, moved / buffers);
      CHECK(moved <= 1.02 * once);
      CHECK(moved <= (std::string(gpu) == "h100" ? 1.02 : 1.03) * buffers);
      CHECK(moved >= double(step.weights + kv));
      // Of K and V alone: each byte once, also where L2 is small.
      CHECK(kv_vram_bytes(counted) <= kv + 64u * c.n_layers * c.n_kv_heads);
    }
  }
}

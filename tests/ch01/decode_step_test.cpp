// A whole decode step of chapter 01 against its closed form, and the same counts on any number of
// threads.
#include <map>

#include "common/decode/block_threads.h"  // set_block_threads
#include "common/decode/registry.h"       // select_chapters
#include "tests/catch.h"
#include "tests/decode/random_model.h"
#include "tests/decode/recording.h"

namespace {

using decode::Decoder;

// Dimensions that sectors and tiles divide, so that the forms are exact.
ModelShape even_shape() {
  ModelShape s;
  s.head_dim = 32, s.n_heads = 4, s.n_kv_heads = 2;
  s.dim = 128, s.hidden_dim = 320, s.n_layers = 3, s.vocab_size = 256, s.max_seq_len = 64;
  return s;
}

std::unique_ptr<Decoder> make(const char* variant, const decode::Model& weights) {
  return decode::select_chapters("01", variant).front().make(weights, {});
}

uint64_t matrix_bytes(const ModelShape& s) {
  const uint64_t q = s.n_heads * s.head_dim, kv = s.n_kv_heads * s.head_dim;
  const uint64_t layer = s.dim * (2 * q + 2 * kv) + 3ull * s.dim * s.hidden_dim;
  return 2 * (s.n_layers * layer + uint64_t(s.vocab_size) * s.dim);
}

}  // namespace

TEST_CASE("a decode step reads the weights once and each cached key and value once",
          "[ch01][traffic]") {
  values::Source source(30);
  const ModelShape s = even_shape();
  const UploadedModel weights(random_model(s, source));
  const auto tokens = random_tokens(32, s.vocab_size, source);
  for (const char* variant : {"vram", "host"}) {
    CAPTURE(variant);
    const bool host = std::string(variant) == "host";
    Recording counted;
    const auto decoder = make(variant, weights);
    decoder->forward(tokens.data(), 31, 0);
    counted.count([&] { decoder->forward(tokens.data() + 31, 1, 1); });

    const uint64_t n_keys = 32, row = s.n_heads * s.head_dim, kv_row = s.n_kv_heads * s.head_dim;
    // The embedding's row is read first; the output matrix is another one here (untied).
    const uint64_t norms = 4ull * s.dim * (2 * s.n_layers + 1);
    const uint64_t weight_reads = matrix_bytes(s) + norms + 2ull * s.dim;
    const uint64_t table = 4ull * s.head_dim, token = 32;  // one row; the token's sector
    const uint64_t cached = 2ull * 2 * s.n_layers * row * (n_keys - 1);
    const uint64_t added = 2ull * 2 * s.n_layers * row;  // the new token's K and V

    const traffic::Totals totals = counted.totals();
    const traffic::MemoryCounts& memory = totals.memory;
    CHECK(memory.vram_read_bytes == weight_reads + table + token + (host ? 0 : cached));
    // Over PCIe: the token's id, and with the cache in host RAM each key and value, the new too.
    CHECK(memory.host_read_bytes == 4 + (host ? cached + added : 0));
    CHECK(memory.host_write_bytes == (host ? added : 0));
    // Everything that the step writes is written back once, at the end.
    const uint64_t activations =
        4 * (3ull * s.dim + 2 * row + 2 * kv_row + 2ull * s.hidden_dim + s.vocab_size);
    const uint64_t scores = 4ull * s.n_heads * n_keys;
    // The token's id is a sector that a copy wrote in part.
    const uint64_t copied = 32;
    CHECK(memory.vram_write_bytes == activations + scores + copied + (host ? 0 : added));

    CHECK(totals.kernels.estimated_requests == 0);
    CHECK(totals.kernels.shared_wavefronts == totals.kernels.shared_ideal_wavefronts);
    CHECK(totals.kernels.launches == 3u + 19u * s.n_layers);
    CHECK(totals.declared.undeclared_launches == 0);
    const double products = matrix_bytes(s) / 2.0 + 2.0 * s.n_layers * row * n_keys;
    const double small = 3.0 * s.dim * (2 * s.n_layers + 1) +
                         s.n_layers * (2.0 * (row + kv_row) + 5.0 * s.n_heads * n_keys +
                                       2.0 * s.dim + 3.0 * s.hidden_dim);
    CHECK(totals.declared.fp32_multiply_adds == products + small);
  }
}

TEST_CASE("chapter 00's step moves the scores of all pairs through memory", "[ch00][traffic]") {
  values::Source source(31);
  const ModelShape s = even_shape();
  const UploadedModel weights(random_model(s, source));
  const auto tokens = random_tokens(32, s.vocab_size, source);
  Recording counted;
  const auto decoder = decode::select_chapters("00", "").front().make(weights, {});
  counted.count([&] { decoder->forward(tokens.data(), 32, 1); });
  const uint64_t pairs = uint64_t(s.n_heads) * 32 * 33 / 2;
  // Row r is r + 1 floats: asked for in whole sectors, of which the last may be partly masked.
  uint64_t sectors = 0;
  for (uint64_t r = 0; r < 32; ++r) sectors += s.n_heads * ((4 * (r + 1) + 31) / 32);
  const traffic::MemoryCounts scores = counted.tensor("scores");
  // Written by scores_kernel and by softmax; read three times by softmax.
  CHECK(scores.l1_store_bytes == s.n_layers * 2 * 32 * sectors);
  CHECK(scores.l1_load_bytes >= s.n_layers * 4 * 32 * sectors);
  CHECK(scores.vram_write_bytes == 32 * sectors);  // they stay in L2 till the end
  CHECK(counted.totals().kernels.estimated_requests == 0);
  const double attention = 2.0 * s.n_layers * double(pairs) * s.head_dim;
  CHECK(counted.totals().declared.fp32_multiply_adds > attention);
}

TEST_CASE("counts are the same on 1, 2 and 8 threads and on every run", "[ch01][traffic]") {
  values::Source source(32);
  ModelShape s = awkward_shapes()[1];
  const UploadedModel weights(random_model(s, source));
  const auto tokens = random_tokens(20, s.vocab_size, source);
  Recording counted("classroom");
  const auto decoder = make("vram", weights);
  traffic::Totals first;
  std::vector<float> first_logits;
  for (int run = 0; run < 20; ++run) {
    const unsigned threads = run % 3 == 0 ? 1 : run % 3 == 1 ? 2 : 8;
    CAPTURE(run, threads);
    decode::set_block_threads(threads);
    decoder->truncate(0);
    const float* rows = nullptr;
    counted.count([&] {
      decoder->forward(tokens.data(), 17, 1);
      for (int i = 17; i < 20; ++i) rows = decoder->forward(tokens.data() + i, 1, 1);
    });
    const traffic::Totals totals = counted.totals();
    const auto logits = gpu::download(rows, s.vocab_size);
    if (run == 0) {
      first = totals;
      first_logits = logits;
    }
    REQUIRE(totals == first);
    REQUIRE(values::same_bits(logits, first_logits));
  }
  decode::set_block_threads(0);
}

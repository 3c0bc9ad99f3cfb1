// What a round moves: the target's weights once for all rows, the draft's once for each proposed
// token, and rows of probabilities.
#include "chapters/05_speculative/accept.cuh"  // accept, spread, their bytes
#include "common/decode/registry.h"            // select_chapters, Generator
#include "common/decode/sampler.h"             // SamplerOptions
#include "common/gpu/buffer.h"                 // DeviceBuffer
#include "tests/catch.h"
#include "tests/ch05/pairs.h"
#include "tests/decode/random_model.h"
#include "tests/decode/recording.h"

namespace {

// Dimensions that sectors and tiles divide, so that the forms are exact.
ModelShape even_shape(int n_layers) {
  ModelShape s;
  s.head_dim = 32, s.n_heads = 4, s.n_kv_heads = 2;
  s.dim = 128, s.hidden_dim = 320, s.n_layers = n_layers, s.vocab_size = 256, s.max_seq_len = 64;
  return s;
}

// All but the embedding, of which a pass reads the rows of its tokens only.
uint64_t weight_bytes(const ModelShape& s) {
  const uint64_t q = s.n_heads * s.head_dim, kv = s.n_kv_heads * s.head_dim;
  const uint64_t layer = s.dim * (2 * q + 2 * kv) + 3ull * s.dim * s.hidden_dim;
  return 2 * (s.n_layers * layer + uint64_t(s.vocab_size) * s.dim) +
         4ull * s.dim * (2 * s.n_layers + 1);
}

// VRAM bytes read of tensors that begin with `name`, but for the embedding, in one phase.
uint64_t weights_read(const Recording& counted, const std::string& name, traffic::Phase phase) {
  uint64_t bytes = 0;
  for (const traffic::MemoryRow& row : counted.recorder.memory_rows()) {
    const bool embedding = row.tensor == name + ".token_embd";
    if (row.phase == phase && row.tensor.rfind(name + ".", 0) == 0 && !embedding) {
      bytes += row.memory.vram_read_bytes;
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("a pass over k + 1 rows reads the weights once", "[ch05][traffic]") {
  values::Source source(60);
  const ModelShape shape = even_shape(2);
  const auto tokens = random_tokens(32, shape.vocab_size, source);
  for (const char* gpu : {"h100", "classroom"}) {
    Recording counted(gpu);  // first, to hear the names of the weights
    const UploadedModel loaded(random_model(shape, source));
    for (int k = 0; k <= 8; ++k) {
      CAPTURE(gpu, k);
      decode::DecoderOptions options;
      options.max_logit_rows = k + 1;
      const auto decoder = decode::select_chapters("03:vram", "").front().make(loaded, options);
      decoder->forward(tokens.data(), 20, 0);
      counted.count([&] {
        gpu::begin_phase(gpu::Phase::kVerify, 1);
        decoder->forward(tokens.data() + 20, k + 1, k + 1);
      });
      CHECK(weights_read(counted, "weights", traffic::Phase::kVerify) == weight_bytes(shape));
      CHECK(counted.totals().kernels.estimated_requests == 0);
    }
  }
}

TEST_CASE("produced tokens share the bytes of the passes that gave them", "[ch05][traffic]") {
  values::Source source(61);
  const ModelShape big = even_shape(3), small = even_shape(1);
  const model::Tokenizer tokenizer = pairs::endless_tokenizer();
  const auto prompt = random_tokens(9, big.vocab_size, source);
  Recording counted("classroom");  // its L2 is too small to keep weights from pass to pass
  const UploadedModel target(random_model(big, source));
  const UploadedModel draft(random_model(small, source), "draft_weights");
  for (const float temperature : {0.0f, 0.9f}) {
    CAPTURE(temperature);
    decode::GeneratorOptions options;
    options.draft_tokens = 3;
    options.sampler.temperature = temperature;
    const auto generator =
        decode::select_chapters("05:03x03", "").front().make_generator(target, draft, {}, options);
    decode::Generated made;
    counted.count([&] { made = generator->generate(tokenizer, prompt, 10); });
    const uint64_t passes = generator->speculation().target_passes;
    CHECK(passes >= 3);  // at most four tokens each
    using traffic::Phase;
    CHECK(weights_read(counted, "weights", Phase::kVerify) == passes * weight_bytes(big));
    CHECK(weights_read(counted, "draft_weights", Phase::kDraft) ==
          passes * 3 * weight_bytes(small));
    CHECK(weights_read(counted, "weights", Phase::kDraft) == 0);
    CHECK(weights_read(counted, "draft_weights", Phase::kVerify) == 0);
    // Passes are marked with the number of the first token that they give.
    const std::vector<int> marks = counted.recorder.tokens(Phase::kVerify);
    CHECK(marks.size() == passes);
    CHECK(marks.front() == 1);
    CHECK(counted.recorder.tokens(Phase::kDraft) == marks);
    CHECK(counted.totals().kernels.estimated_requests == 0);
    CHECK(counted.totals().declared.undeclared_launches == 0);
  }
}

TEST_CASE("rows of probabilities are written and judged as the forms say", "[ch05][traffic]") {
  values::Source source(62);
  for (const int vocab : {32, 256, 2048, 4096}) {
    // p and q are far apart, so that the first token is refused, or equal, so that all stay.
    for (const bool equal : {false, true}) {
      CAPTURE(vocab, equal);
      constexpr int kCount = 3;
      std::vector<float> p(size_t(kCount + 1) * vocab, 0.0f), q(size_t(kCount) * vocab, 0.0f);
      ch05::Proposal proposal;
      proposal.count = kCount;
      for (int i = 0; i <= kCount; ++i) {
        const int token = 8 * source.below(vocab / 8);
        proposal.uniforms[i] = 0.5;
        p[size_t(i) * vocab + (equal ? token : vocab - 1)] = 1;
        if (i < kCount) q[size_t(i) * vocab + token] = 1, proposal.tokens[i] = token;
      }
      const auto p_device = values::on_device(p, "p"), q_device = values::on_device(q, "q");
      gpu::DeviceBuffer<ch05::Verdict> verdict(1, "verdict");
      Recording counted;
      counted.count([&] {
        ch05::accept(verdict.data(), p_device.data(), q_device.data(), proposal, vocab, nullptr);
      });
      const ch05::Verdict got = gpu::download(verdict).front();
      REQUIRE(got.accepted == (equal ? kCount : 0));
      REQUIRE(got.probability == 1);
      if (!equal) REQUIRE(got.next == vocab - 1);
      const gpu::KernelBytes bytes = ch05::accept_bytes(got.accepted, kCount, vocab);
      const traffic::Totals totals = counted.totals();
      // The entries of accepted tokens come as whole sectors; a refused row is read anyway.
      const uint64_t sectors = 2ull * 32 * got.accepted;
      const uint64_t rows = (equal ? 1 : 2) * 4ull * vocab;
      CHECK(totals.memory.vram_read_bytes == rows + sectors + 32);  // a sector written in part
      CHECK(bytes.read() == rows + 2ull * 4 * (got.accepted + (equal ? 0 : 1)));
      CHECK(totals.memory.vram_write_bytes == 32);  // a sector
      CHECK(bytes.written() == sizeof(ch05::Verdict));
      CHECK(totals.kernels.estimated_requests == 0);
      CHECK(totals.kernels.shared_wavefronts == totals.kernels.shared_ideal_wavefronts);
    }
    std::vector<int> ids(vocab);
    for (int i = 0; i < vocab; ++i) ids[i] = (i * 5 + 3) % vocab;
    const auto keys = values::on_device(std::vector<float>(vocab, 1.0f), "keys");
    const auto ids_device = gpu::upload(ids, "ids");
    auto row = values::poisoned(vocab, "row");
    Recording counted;
    counted.count([&] {
      ch05::spread(row.data(), keys.data(), ids_device.data(), vocab / 2, vocab / 2, vocab,
                   nullptr);
    });
    const gpu::KernelBytes bytes = ch05::spread_bytes(vocab);
    CHECK(counted.totals().memory.vram_read_bytes == bytes.read());
    CHECK(counted.totals().memory.vram_write_bytes == bytes.written());
    CHECK(counted.totals().kernels.estimated_requests == 0);
    const std::vector<float> spread = gpu::download(row);
    for (int i = 0; i < vocab; ++i) {
      REQUIRE(spread[ids[i]] == (i < vocab / 2 ? 1.0f / float(vocab / 2) : 0.0f));
    }
  }
}

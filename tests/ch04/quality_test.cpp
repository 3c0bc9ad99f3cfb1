// What 8 and 4 bits cost: perplexity on text that the default model was not trained on, divergence
// from bf16, and how often both prefer the same token. See common/decode/quality.h.
#include "common/decode/quality.h"  // measure_quality

#include <cstdlib>
#include <filesystem>

#include "common/decode/device_weights.h"  // upload_weights
#include "common/decode/registry.h"        // select_chapters
#include "common/model/config.h"           // read_config
#include "tests/catch.h"

namespace {

const std::string kRoot = LADDER_SOURCE_DIR;

struct Loaded {
  explicit Loaded(const std::string& path)
      : file(model::GgufFile::open(path)),
        tokenizer(model::Tokenizer::load(file)),
        host(model::load_weights(file, model::read_config(file))),
        device(decode::upload_weights(host)) {}

  model::GgufFile file;
  model::Tokenizer tokenizer;
  model::HostWeights host;
  decode::DeviceWeights device;
};

struct Found {
  decode::Quality bf16, weights, cache, int4;
};

// Over the first `count` tokens of the held-out text.
Found measure(const Loaded& model, int count) {
  decode::DecoderOptions options;
  options.max_seq_len = decode::kQualityWindow;
  options.max_logit_rows = 64;
  std::vector<std::unique_ptr<decode::Decoder>> made;
  std::vector<decode::Decoder*> decoders;
  for (const char* id : {"03:vram", "04:weights", "04:cache", "04:int4"}) {
    made.push_back(decode::select_chapters(id, "").front().make(
        {model.device, model.host, &model.file}, options));
    decoders.push_back(made.back().get());
  }
  const auto tokens =
      decode::read_tokens(model.tokenizer, kRoot + "/" + decode::kHeldOutText, count);
  const auto found = decode::measure_quality(decoders, tokens);
  for (size_t i = 0; i < found.size(); ++i) {
    std::printf("  %d tokens, decoder %zu: perplexity %.4f, KL %.6f nats, top-1 %.2f%%\n", count, i,
                found[i].perplexity(), found[i].divergence, 100 * found[i].agreement);
  }
  return {found[0], found[1], found[2], found[3]};
}

// The bounds that this chapter states.
void check(const Found& found) {
  const double bf16 = found.bf16.perplexity();
  for (const decode::Quality& q : {found.weights, found.cache}) {
    CHECK(std::abs(q.perplexity() / bf16 - 1) < 0.005);
    CHECK(q.divergence < 0.005);
    CHECK(q.agreement > 0.95);
  }
  // The check notices 4 bits: they do not pass.
  CHECK(std::abs(found.int4.perplexity() / bf16 - 1) > 0.005);
  CHECK(found.int4.perplexity() / bf16 < 1.25);
  CHECK(found.int4.divergence > 5 * found.weights.divergence);
  CHECK(found.int4.agreement < found.weights.agreement);
}

}  // namespace

TEST_CASE("on the default model 8 bits keep the perplexity within half a percent",
          "[ch04][quality]") {
  check(measure(Loaded(kRoot + "/common/models/austen-4m.gguf"), 2048));
}

TEST_CASE("on SmolLM2 8 bits keep the perplexity within half a percent", "[ch04][quality]") {
  const char* folder = std::getenv("LADDER_TEST_MODELS");
  const std::string path =
      (folder != nullptr ? std::string(folder) + "/" : kRoot + "/common/models/") +
      "SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!std::filesystem::exists(path)) {
    WARN(path << " is not here (LADDER_TEST_MODELS names a folder): skipped");
    return;
  }
  check(measure(Loaded(path), 128));
}

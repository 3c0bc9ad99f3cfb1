// What 8 and 4 bits cost: perplexity on text that the default model was not trained on, divergence
// from bf16, and how often both prefer the same token. See common/decode/quality.h.
#include "common/decode/quality.h"  // measure_quality

#include <cmath>
#include <cstdio>

#include "common/decode/loaded_model.h"  // LoadedModel
#include "tests/catch.h"
#include "tests/decode/decoding.h"
#include "tests/smollm2.h"

namespace {

const std::string kRoot = LADDER_SOURCE_DIR;

// Over the first `count` tokens of the held-out text; the first row is the reference.
std::vector<decode::Quality> measure(decode::LoadedModel& model,
                                     const std::vector<std::string>& rows, int count) {
  decode::DecoderOptions options;
  options.max_seq_len = decode::kQualityWindow;
  options.max_logit_rows = 64;
  model.upload();
  std::vector<std::unique_ptr<decode::Decoder>> made;
  std::vector<decode::Decoder*> decoders;
  for (const std::string& row : rows) {
    made.push_back(decoding::make(row, model.model(), options));
    decoders.push_back(made.back().get());
  }
  const auto tokens =
      decode::read_tokens(model.tokenizer, kRoot + "/" + decode::kHeldOutText, count);
  const auto found = decode::measure_quality(decoders, tokens);
  for (size_t i = 0; i < found.size(); ++i) {
    std::printf("  %s, %d tokens: perplexity %.4f (%+.3f%%), KL %.6f nats, top-1 %.2f%%\n",
                rows[i].c_str(), count, found[i].perplexity(),
                100 * (found[i].perplexity() / found[0].perplexity() - 1), found[i].divergence,
                100 * found[i].agreement);
  }
  return found;
}

}  // namespace

TEST_CASE("on the default model 8 bits keep the perplexity within half a percent",
          "[ch04][quality]") {
  decode::LoadedModel model(kRoot + "/common/models/austen-4m.gguf");
  const auto q = measure(model, {"03:vram", "04:weights", "04:cache", "04:int4"}, 1024);
  const double bf16 = q[0].perplexity();
  for (int i : {1, 2}) {
    CHECK(std::abs(q[i].perplexity() / bf16 - 1) < 0.005);
    CHECK(q[i].divergence < 0.0005);
    CHECK(q[i].agreement > 0.97);
  }
  // The check notices 4 bits: they are far from passing.
  CHECK(q[3].divergence > 5 * 0.0005);
  CHECK(q[3].perplexity() / bf16 < 1.05);
  CHECK(q[3].divergence > 10 * q[1].divergence);
  CHECK(q[3].agreement < q[1].agreement);
}

// Four windows of text, two minutes of two cores: the difference of two perplexities has a noise of
// about sqrt(2 KL / tokens), and on one window that is as large as the bound.
TEST_CASE("on SmolLM2 8 bits keep the perplexity within half a percent", "[ch04][quality]") {
  const std::string path = smollm2_path();
  if (path.empty()) {
    WARN(kNoSmollm2);
    return;
  }
  decode::LoadedModel model(path);
  const auto q = measure(model, {"03:vram", "04:weights", "04:cache"}, 1024);
  for (int i : {1, 2}) {
    CHECK(std::abs(q[i].perplexity() / q[0].perplexity() - 1) < 0.005);
    CHECK(q[i].divergence < 0.01);
    CHECK(q[i].agreement > 0.9);
  }
}

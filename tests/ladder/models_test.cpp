// The whole ladder on models that were trained: the default one, and SmolLM2-135M where it is at
// hand.
#include "common/decode/error.h"  // CannotRun
#include "common/model/config.h"  // read_config
#include "tests/catch.h"
#include "tests/ladder/rungs.h"
#include "tests/smollm2.h"

using namespace rungs;

namespace {

const std::string kModels = std::string(LADDER_SOURCE_DIR) + "/common/models/";

struct Loaded {
  explicit Loaded(const std::string& path)
      : file(model::GgufFile::open(path)),
        words(model::Tokenizer::load(file)),
        host(model::load_weights(file, model::read_config(file))),
        device(decode::upload_weights(host)) {}
  operator decode::Model() const { return {device, host, &file}; }

  model::GgufFile file;
  model::Tokenizer words;
  model::HostWeights host;
  decode::DeviceWeights device;
};

decode::Generated plain(const std::string& key, const Loaded& model, const std::vector<int>& prompt,
                        int n) {
  decode::DecoderOptions options;
  options.max_seq_len = static_cast<int>(prompt.size()) + n;
  const auto decoder = rung(key).make(model, options);
  decode::Sampler sampler(model.words.vocab_size(), {});
  return decode::generate(*decoder, sampler, model.words, prompt, n);
}

// Writes 16 tokens with 03, a token a step, and asks the others for the logits of that text: 00
// and 01 all rows at once, 02 as well, so that a verified row is held against a decoded one.
void check_logits(const Loaded& model, const std::vector<int>& prompt, double near) {
  const int vocab = model.host.config.vocab_size, n = 16;
  const auto made = plain("03:vram", model, prompt, n);
  REQUIRE(made.tokens.size() == size_t(n));
  std::vector<int> text = prompt;
  text.insert(text.end(), made.tokens.begin(), made.tokens.end() - 1);
  const int room = static_cast<int>(text.size());
  const auto of = [&](const char* key, const std::vector<int>& pieces) {
    return logits(*make(key, model, room), text, pieces);
  };
  const Logits naive = of("00:", {}), cached = of("01:vram", {}), tiled = of("02:vram", {});
  std::vector<int> steps(n, 1);
  steps[0] = static_cast<int>(prompt.size());
  const Logits grouped = of("03:vram", steps);
  CHECK(same_bits(cached, naive, vocab) == "");
  CHECK(equal_or_tie(tiled, cached, vocab, near) == "");
  CHECK(same_bits(grouped, tiled, vocab) == "");
}

// Every pair of 05 that can run writes the tokens of the chapter that its target decodes with.
void check_generators(const Loaded& target, const Loaded& draft, const std::vector<int>& prompt,
                      const std::vector<std::string>& pairs) {
  for (const std::string& pair : pairs) {
    CAPTURE(pair);
    const decode::Chapter& chapter = rung(pair);
    decode::DecoderOptions options;
    options.max_seq_len = static_cast<int>(prompt.size()) + 16;
    const auto made =
        chapter.make_generator(target, draft, options, {})->generate(target.words, prompt, 16);
    CHECK(made.tokens == plain(chapter.compare_with, target, prompt, 16).tokens);
  }
}

}  // namespace

TEST_CASE("the default model climbs the whole ladder", "[ladder]") {
  const Loaded model(kModels + "austen-4m.gguf"), draft(kModels + "austen-draft.gguf");
  const auto prompt = model.words.encode("It is a truth universally acknowledged", true);
  check_logits(model, prompt, kNear);
  check_generators(model, draft, prompt, {"05:03x03", "05:03x04", "05:04x04", "05:04x03"});
  // The checks are not blind: another model's text has other logits.
  const auto a = logits(*make("03:vram", model, 32), prompt, {});
  auto other = prompt;
  other.back() += 1;
  const auto b = logits(*make("03:vram", model, 32), other, {});
  REQUIRE(equal_or_tie(b, a, model.host.config.vocab_size) != "");
}

TEST_CASE("SmolLM2 climbs the whole ladder, where it is at hand", "[ladder]") {
  const std::string path = smollm2_path();
  if (path.empty()) {
    WARN(kNoSmollm2);
    return;
  }
  const Loaded model(path);
  const auto prompt = model.words.encode("The capital of France is", true);
  // Its 30 layers make up to 6e-3 of the rounding of K and V: tests/reference/smollm2.json.
  check_logits(model, prompt, 6e-3);
  check_generators(model, model, prompt, {"05:03x04"});  // drafted by itself in 8 bits
}

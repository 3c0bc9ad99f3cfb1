// The whole ladder on models that were trained: the default one, and SmolLM2-135M where it is at
// hand.
#include <algorithm>

#include "common/decode/loaded_model.h"  // LoadedModel
#include "tests/catch.h"
#include "tests/ladder/rungs.h"
#include "tests/smollm2.h"

using namespace rungs;

namespace {

using decode::LoadedModel;

const std::string kModels = std::string(LADDER_SOURCE_DIR) + "/common/models/";

// A greedy text, with the logits that it was made from.
struct Text {
  std::vector<int> tokens;  // the prompt's and n more
  Logits rows;              // of all but the last
};
Text write(const std::string& key, const LoadedModel& model, const std::vector<int>& prompt) {
  const int n = 16, vocab = model.host.config.vocab_size;
  const auto decoder = make_all_rows(key, model.model(), int(prompt.size()) + n);
  Text text{prompt, {}};
  for (int i = 0; i < n; ++i) {
    const Logits rows = logits(*decoder, text.tokens, {}, decoder->length());
    text.rows.insert(text.rows.end(), rows.begin(), rows.end());
    const auto last = rows.end() - vocab;
    text.tokens.push_back(static_cast<int>(std::max_element(last, rows.end()) - last));
  }
  return text;
}

// `grouped` was written by 03, a token a step. The others are asked for the logits of that text: 00
// and 01 all rows at once, 02 as well, so that a verified row is held against a decoded one.
void check_logits(const LoadedModel& model, const Text& grouped, double near) {
  const int vocab = model.host.config.vocab_size;
  const std::vector<int> text(grouped.tokens.begin(), grouped.tokens.end() - 1);
  const auto of = [&](const char* key) {
    return logits(*make_all_rows(key, model.model(), int(text.size())), text, {});
  };
  const Logits naive = of("00:"), cached = of("01:vram"), tiled = of("02:vram");
  CHECK(same_bits(cached, naive, vocab) == "");
  CHECK(equal_or_tie(tiled, cached, vocab, near) == "");
  CHECK(same_bits(grouped.rows, tiled, vocab) == "");
}

// A pair of 05 writes the text of the chapter that its target decodes with.
void check_generator(const std::string& pair, const LoadedModel& target, const LoadedModel& draft,
                     const std::vector<int>& prompt, const Text& own) {
  CAPTURE(pair);
  decode::DecoderOptions options;
  options.max_seq_len = static_cast<int>(own.tokens.size());
  const auto made = rung(pair)
                        .make_generator(target.model(), draft.model(), options, {})
                        ->generate(target.tokenizer, prompt, 16);
  CHECK(made.tokens == std::vector<int>(own.tokens.begin() + prompt.size(), own.tokens.end()));
}

}  // namespace

TEST_CASE("the default model climbs the whole ladder", "[ladder]") {
  LoadedModel model(kModels + "austen-4m.gguf"), draft(kModels + "austen-draft.gguf");
  model.upload(), draft.upload("draft_weights");
  const auto prompt = model.tokenizer.encode("It is a truth universally acknowledged", true);
  const Text grouped = write("03:vram", model, prompt), int8 = write("04:cache", model, prompt);
  check_logits(model, grouped, kNear);
  for (const char* pair : {"05:03x03", "05:03x04"}) {
    check_generator(pair, model, draft, prompt, grouped);
  }
  for (const char* pair : {"05:04x04", "05:04x03"}) {
    check_generator(pair, model, draft, prompt, int8);
  }
  // The checks are not blind: another model's text has other logits.
  auto other = prompt;
  other.back() += 1;
  const auto b = logits(*make_all_rows("03:vram", model.model(), 32), other, {});
  const Logits a(grouped.rows.begin(), grouped.rows.begin() + b.size());
  REQUIRE(equal_or_tie(b, a, model.host.config.vocab_size) != "");
}

TEST_CASE("SmolLM2 climbs the whole ladder, where it is at hand", "[ladder]") {
  const std::string path = smollm2_path();
  if (path.empty()) {
    WARN(kNoSmollm2);
    return;
  }
  LoadedModel model(path);
  model.upload();
  const auto prompt = model.tokenizer.encode("The capital of France is", true);
  const Text grouped = write("03:vram", model, prompt);
  // Its 30 layers make up to 6e-3 of the rounding of K and V: tests/reference/smollm2.json.
  check_logits(model, grouped, 6e-3);
  check_generator("05:03x04", model, model, prompt, grouped);  // drafted by itself in 8 bits
}

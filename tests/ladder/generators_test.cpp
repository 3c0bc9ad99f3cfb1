// 05 over the chapters below it: whatever drafts, the tokens are the target's own.
#include "common/decode/error.h"  // CannotRun
#include "tests/catch.h"
#include "tests/ladder/rungs.h"

using namespace rungs;

namespace {

model::Tokenizer tiny_tokenizer() {
  return model::Tokenizer::load(
      model::GgufFile::open(std::string(LADDER_SOURCE_DIR) + "/tests/reference/tiny-llama.gguf"));
}

ModelShape with_vocabulary(ModelShape shape, int vocab_size, int max_seq_len) {
  shape.vocab_size = vocab_size;
  shape.max_seq_len = max_seq_len;
  return shape;
}

decode::Generated plain(const std::string& key, const decode::Model& model,
                        const model::Tokenizer& words, const std::vector<int>& prompt, int n) {
  decode::DecoderOptions options;
  options.max_seq_len = static_cast<int>(prompt.size()) + n;
  const auto decoder = rung(key).make(model, options);
  decode::Sampler sampler(words.vocab_size(), {});
  return decode::generate(*decoder, sampler, words, prompt, n);
}

// Null when this pair needs another draft.
std::unique_ptr<decode::Generator> speculative(const decode::Chapter& chapter,
                                               const decode::Model& target,
                                               const decode::Model& draft, int room, int k) {
  decode::DecoderOptions options;
  options.max_seq_len = room;
  decode::GeneratorOptions more;
  more.draft_tokens = k;
  try {
    return chapter.make_generator(target, draft, options, more);
  } catch (const decode::CannotRun&) {
    return nullptr;
  }
}

long long sum(const std::vector<long long>& counts) {
  long long total = 0;
  for (const long long count : counts) total += count;
  return total;
}

}  // namespace

TEST_CASE("speculative decoding gives its target's tokens, whatever drafts", "[ladder][ch05]") {
  INFO_SEED();
  values::Source source(65);
  const model::Tokenizer words = tiny_tokenizer();
  const int vocab = words.vocab_size(), n = 20;
  const UploadedModel target(random_model(with_vocabulary(cases()[1].shape, vocab, 200), source));
  const UploadedModel poor(random_model(with_vocabulary(cases()[5].shape, vocab, 200), source));
  long long accepted = 0, refused = 0;
  int runs = 0;
  for (const decode::Chapter& chapter : decode::chapters()) {
    if (!chapter.make_generator) continue;
    for (const auto& [prompt_tokens, k] : {std::pair(1, 4), {33, 8}, {127, 1}}) {
      const std::vector<int> prompt = random_tokens(prompt_tokens, vocab, source);
      const auto expected = plain(chapter.compare_with, target, words, prompt, n);
      const UploadedModel* drafts[] = {&target, &poor};
      for (const UploadedModel* draft : drafts) {
        CAPTURE(key(chapter), prompt_tokens, k, draft == &poor);
        const auto generator = speculative(chapter, target, *draft, prompt_tokens + n, k);
        if (!generator) continue;
        ++runs;
        const auto made = generator->generate(words, prompt, n);
        REQUIRE(made.tokens == expected.tokens);
        REQUIRE(made.text == expected.text);
        REQUIRE(made.stop == expected.stop);
        REQUIRE(generator->decoder().length() ==
                prompt_tokens + static_cast<int>(made.tokens.size()) - 1);
        // Once more: nothing of the first text is left.
        REQUIRE(generator->generate(words, prompt, n).tokens == expected.tokens);
        const decode::Speculation& spec = generator->speculation();
        accepted += sum(spec.accepted);
        refused += sum(spec.proposed) - sum(spec.accepted);
      }
    }
  }
  // Both ends of a round were met, and a decoder with other tokens would have been noticed.
  REQUIRE(runs >= 12);
  REQUIRE(accepted > 20);
  REQUIRE(refused > 20);
  const std::vector<int> prompt = random_tokens(33, vocab, source);
  REQUIRE(plain("03:vram", poor, words, prompt, n).tokens !=
          plain("03:vram", target, words, prompt, n).tokens);
}

TEST_CASE("a text that fills the model's context ends alike with and without a draft",
          "[ladder][ch05]") {
  INFO_SEED();
  values::Source source(66);
  const model::Tokenizer words = tiny_tokenizer();
  const int vocab = words.vocab_size(), room = 40;
  const UploadedModel target(random_model(with_vocabulary(cases()[5].shape, vocab, room), source));
  const UploadedModel draft(random_model(with_vocabulary(cases()[0].shape, vocab, room), source));
  for (const decode::Chapter& chapter : decode::chapters()) {
    if (!chapter.make_generator) continue;
    CAPTURE(key(chapter));
    const std::vector<int> prompt = random_tokens(31, vocab, source);
    const auto expected = plain(chapter.compare_with, target, words, prompt, 100);
    const auto made = speculative(chapter, target, draft, 131, 4)->generate(words, prompt, 100);
    REQUIRE(made.tokens == expected.tokens);
    REQUIRE(made.stop == expected.stop);
  }
}

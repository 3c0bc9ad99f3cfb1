// The loop of chapter 05: greedy text is the target's own, caches hold the text and nothing else,
// and it ends where the plain loop ends.
#include "chapters/05_speculative/decoder.cuh"  // make_generator
#include "common/decode/generate.h"
#include "tests/catch.h"
#include "tests/ch05/decoders.h"
#include "tests/ch05/pairs.h"
#include "tests/decode/decoding.h"
#include "tests/decode/random_model.h"

namespace {

using decode::DecoderOptions;
using decode::Generated;
using decode::StopReason;

// A random model, and decoders of chapter 01 for it.
struct Random : UploadedModel {
  Random(const ModelShape& shape, values::Source& source)
      : UploadedModel(random_model(shape, source)) {}
  std::unique_ptr<decode::Decoder> decoder(const DecoderOptions& options) const {
    return decoding::make("01:vram", *this, options);
  }
  ch05::MakeDecoder make() const {
    return [this](const DecoderOptions& options) { return decoder(options); };
  }
};

ModelShape small_shape() {
  ModelShape s;
  s.dim = 24, s.n_layers = 1, s.vocab_size = 40, s.max_seq_len = 64;
  return s;
}

Generated plain_text(const Random& target, const model::Tokenizer& tokenizer,
                     const std::vector<int>& prompt, int n, int max_seq_len = 0) {
  DecoderOptions options;
  options.max_seq_len = max_seq_len;
  const auto decoder = target.decoder(options);
  decode::Sampler sampler(decoder->config().vocab_size, {});
  return decode::generate(*decoder, sampler, tokenizer, prompt, n);
}

std::unique_ptr<decode::Generator> generator(const Random& target, const Random& draft, int k,
                                             int max_seq_len = 0, float temperature = 0) {
  DecoderOptions options;
  options.max_seq_len = max_seq_len;
  decode::GeneratorOptions more;
  more.draft_tokens = k;
  more.sampler.temperature = temperature;
  return ch05::make_generator(target.make(), draft.make(), options, more);
}

// Says the next id each time, and `odd` says another one after every third.
class Counts : public decode::Decoder {
 public:
  Counts(int vocab_size, const DecoderOptions& options, int room, bool odd)
      : room_(options.max_seq_len > 0 ? std::min(room, options.max_seq_len) : room),
        rows_(options.max_logit_rows),
        odd_(odd),
        logits_(size_t(rows_) * vocab_size, "logits") {
    config_.vocab_size = vocab_size, config_.max_seq_len = room;
  }
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    decode::check_forward(*this, tokens, n_tokens, n_logits);
    std::vector<float> rows(size_t(n_logits) * config_.vocab_size);
    for (int i = 0; i < n_logits; ++i) {
      const int last = tokens[n_tokens - n_logits + i];
      const int next = odd_ && last % 3 == 0 ? last + 2 : last + 1;
      rows[size_t(i) * config_.vocab_size + next % config_.vocab_size] = 1;
    }
    gpu::upload(logits_, rows.data(), rows.size());
    length_ += n_tokens;
    return logits_.data();
  }
  int length() const override { return length_; }
  void truncate(int length) override {
    decode::check_truncate(*this, length);
    length_ = length;
  }
  uint64_t kv_bytes() const override { return 0; }
  int max_seq_len() const override { return room_; }
  int max_logit_rows() const override { return rows_; }
  const model::Config& config() const override { return config_; }

 private:
  model::Config config_;
  int room_, rows_, length_ = 0;
  bool odd_;
  gpu::DeviceBuffer<float> logits_;
};

ch05::MakeDecoder counts(int vocab_size, int room, bool odd) {
  return [=](const DecoderOptions& options) {
    return std::make_unique<Counts>(vocab_size, options, room, odd);
  };
}

model::Tokenizer austen() {
  return model::Tokenizer::load(
      model::GgufFile::open(std::string(LADDER_SOURCE_DIR) + "/common/models/austen-draft.gguf"));
}

}  // namespace

TEST_CASE("greedy text is the target's own for every k, prompt and draft", "[ch05]") {
  INFO_SEED();
  values::Source source(50);
  const model::Tokenizer tokenizer = pairs::endless_tokenizer();
  const Random target(small_shape(), source), other(small_shape(), source);
  for (const int prompt_tokens : {1, 31, 32, 33}) {
    const auto prompt = random_tokens(prompt_tokens, small_shape().vocab_size, source);
    const std::vector<int> expected = plain_text(target, tokenizer, prompt, 14).tokens;
    for (int k = 1; k <= 8; ++k) {
      CAPTURE(prompt_tokens, k);
      const auto with_other = generator(target, other, k);
      REQUIRE(with_other->generate(tokenizer, prompt, 14).tokens == expected);
      const auto with_itself = generator(target, target, k);
      REQUIRE(with_itself->generate(tokenizer, prompt, 14).tokens == expected);
      REQUIRE(with_itself->speculation().accepted == with_itself->speculation().proposed);
      REQUIRE(with_itself->speculation().target_passes == (13 + k) / (k + 1));
    }
  }
}

TEST_CASE("one token needs no proposal, and more tokens begin with the same", "[ch05]") {
  INFO_SEED();
  values::Source source(51);
  const model::Tokenizer tokenizer = pairs::endless_tokenizer();
  const Random target(small_shape(), source), draft(small_shape(), source);
  const auto prompt = random_tokens(5, small_shape().vocab_size, source);
  for (const float temperature : {0.0f, 1.0f}) {
    const auto made = generator(target, draft, 4, 0, temperature);
    const std::vector<int> whole = made->generate(tokenizer, prompt, 12).tokens;
    REQUIRE(whole.size() == 12);
    for (const int n : {1, 2, 5, 11}) {
      CAPTURE(temperature, n);
      const Generated part = made->generate(tokenizer, prompt, n);
      REQUIRE(part.tokens == std::vector<int>(whole.begin(), whole.begin() + n));
      REQUIRE(part.stop == StopReason::kCount);
      REQUIRE(made->decoder().length() == 5 + n - 1);
      if (n == 1) REQUIRE(made->speculation().target_passes == 0);
    }
  }
}

TEST_CASE("both caches hold the text and the proposal, and no refused token", "[ch05]") {
  INFO_SEED();
  values::Source source(52);
  const model::Tokenizer tokenizer = pairs::endless_tokenizer();
  const Random target(small_shape(), source), draft(small_shape(), source);
  const auto prompt = random_tokens(3, small_shape().vocab_size, source);
  constexpr int kDraftTokens = 3;
  for (const bool itself : {false, true}) {
    DecoderOptions options;
    options.max_logit_rows = kDraftTokens + 1;
    const auto big = target.decoder(options), small = (itself ? target : draft).decoder(options);
    std::vector<Watched::Call> reads, proposes;
    ch05::Generator made(std::make_unique<Watched>(*big, reads),
                         std::make_unique<Watched>(*small, proposes),
                         std::make_unique<ch05::GreedyRule>(40, decode::SamplerOptions{}, nullptr),
                         kDraftTokens, 64);
    std::vector<int> text = prompt;
    const Generated got = made.generate(tokenizer, prompt, 20, {});
    text.insert(text.end(), got.tokens.begin(), got.tokens.end());

    REQUIRE(reads[0].tokens == prompt);
    REQUIRE(reads[0].n_logits == 1);
    for (size_t i = 1; i < reads.size(); ++i) {
      // The text so far is in the cache but for its last token, which comes with the proposal.
      const std::vector<int>& held = reads[i].held;
      REQUIRE(held == std::vector<int>(text.begin(), text.begin() + held.size()));
      REQUIRE(reads[i].tokens.front() == text[held.size()]);
      REQUIRE(reads[i].tokens.size() == kDraftTokens + 1);
      REQUIRE(reads[i].n_logits == kDraftTokens + 1);
    }
    // The draft reads one token a pass; two after all were accepted: its own last one first.
    int longest = 0;
    for (size_t i = 1; i < proposes.size(); ++i) {
      longest = std::max(longest, int(proposes[i].tokens.size()));
      if ((i - 1) % kDraftTokens > 0) REQUIRE(proposes[i].tokens.size() == 1);
      if ((i - 1) % kDraftTokens == 0) {
        std::vector<int> seen = proposes[i].held;
        seen.insert(seen.end(), proposes[i].tokens.begin(), proposes[i].tokens.end());
        REQUIRE(seen == std::vector<int>(text.begin(), text.begin() + seen.size()));
      }
    }
    if (itself) REQUIRE(longest == 2);
    REQUIRE(proposes.size() == 1 + kDraftTokens * (reads.size() - 1));
    REQUIRE(big->length() == int(text.size()) - 1);
    REQUIRE(small->length() <= int(text.size()) - 1);
  }
}

TEST_CASE("text ends with the model's end, dropping what was accepted after it", "[ch05]") {
  const model::Tokenizer words = austen();
  const int vocab = words.vocab_size(), end = words.eos_id();
  REQUIRE(end > 0);
  for (const bool odd : {false, true}) {
    for (int k = 1; k <= 8; ++k) {
      CAPTURE(odd, k);
      decode::GeneratorOptions more;
      more.draft_tokens = k;
      const auto made =
          ch05::make_generator(counts(vocab, 60, false), counts(vocab, 60, odd), {}, more);
      // Two ids before the end of the vocabulary's round trip: ..., vocab - 1, 0, 1, end.
      const Generated got = made->generate(words, {vocab - 3}, 40);
      REQUIRE(got.stop == StopReason::kEnd);
      std::vector<int> expected = {vocab - 2, vocab - 1};
      for (int id = 0; id <= end; ++id) expected.push_back(id);
      REQUIRE(got.tokens == expected);
      REQUIRE(made->decoder().length() == int(expected.size()));
    }
  }
}

TEST_CASE("no pass goes beyond the room of either model", "[ch05]") {
  INFO_SEED();
  const model::Tokenizer tokenizer = pairs::endless_tokenizer();
  for (const int draft_room : {2, 5, 9, 12, 40}) {
    for (int k = 1; k <= 8; ++k) {
      CAPTURE(draft_room, k);
      decode::GeneratorOptions more;
      more.draft_tokens = k;
      // Contexts of 12 and draft_room tokens. What has no room throws.
      const auto made =
          ch05::make_generator(counts(200, 12, false), counts(200, draft_room, true), {}, more);
      const Generated got = made->generate(tokenizer, {10, 11, 12}, 40);
      REQUIRE(got.stop == StopReason::kContext);
      REQUIRE(got.tokens == std::vector<int>{13, 14, 15, 16, 17, 18, 19, 20, 21, 22});
      REQUIRE(made->decoder().length() == 12);
      // Room that was asked for, not the model's: the plain loop stops there too.
      DecoderOptions options;
      options.max_seq_len = 7;
      const auto less = ch05::make_generator(counts(200, 12, false), counts(200, draft_room, true),
                                             options, more);
      REQUIRE(less->generate(tokenizer, {10, 11, 12}, 40).tokens ==
              std::vector<int>{13, 14, 15, 16, 17});
    }
  }
}

TEST_CASE("text comes a token at a time, and adds up", "[ch05]") {
  const model::Tokenizer words = austen();
  decode::GeneratorOptions more;
  more.draft_tokens = 5;
  const auto made = ch05::make_generator(counts(words.vocab_size(), 60, false),
                                         counts(words.vocab_size(), 60, true), {}, more);
  std::string streamed;
  std::vector<int> produced;
  int prefills = 0;
  decode::GenerateCallbacks callbacks;
  callbacks.text = [&](const std::string& text) { streamed += text; };
  callbacks.progress = [&](int done, int of) {
    produced.push_back(done);
    REQUIRE(of == 9);
  };
  callbacks.prefill_done = [&] { ++prefills; };
  const Generated got = made->generate(words, {700}, 9, callbacks);
  REQUIRE(produced == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9});
  REQUIRE(prefills == 1);
  REQUIRE(streamed == got.text);
  REQUIRE(!got.text.empty());
}

TEST_CASE("each verdict says what was proposed, what stays and what comes behind it", "[ch05]") {
  const model::Tokenizer words = austen();
  decode::GeneratorOptions more;
  more.draft_tokens = 5;
  const auto made = ch05::make_generator(counts(words.vocab_size(), 60, false),
                                         counts(words.vocab_size(), 60, true), {}, more);
  std::vector<decode::Judged> verdicts;
  decode::GenerateCallbacks callbacks;
  callbacks.verdict = [&](const decode::Judged& judged) { verdicts.push_back(judged); };
  const std::vector<int> tokens = made->generate(words, {700}, 16, callbacks).tokens;
  REQUIRE(int(verdicts.size()) == made->speculation().target_passes);
  size_t at = 1;  // the prefill gave the first
  for (const decode::Judged& v : verdicts) {
    REQUIRE(v.token == int(at));
    REQUIRE(v.proposed.size() == 5);
    REQUIRE(v.accepted < 5);  // the draft is wrong after every third id
    for (int i = 0; i < v.accepted && at + i < tokens.size(); ++i) {
      REQUIRE(v.proposed[i] == tokens[at + i]);
    }
    REQUIRE(v.proposed[v.accepted] != v.next);
    at += v.accepted;
    if (at < tokens.size()) REQUIRE(tokens[at] == v.next);
    ++at;
  }
  REQUIRE(at >= tokens.size());
}

TEST_CASE("what cannot be drafted or generated is refused", "[ch05]") {
  const model::Tokenizer tokenizer = pairs::endless_tokenizer();
  decode::GeneratorOptions more;
  for (const int k : {0, -1, ch05::kMaxDraftTokens + 1}) {
    more.draft_tokens = k;
    REQUIRE_THROWS_AS(ch05::make_generator(counts(9, 9, true), counts(9, 9, true), {}, more),
                      decode::DecodeError);
  }
  more.draft_tokens = 2;
  REQUIRE_THROWS_AS(ch05::make_generator(counts(9, 9, true), counts(8, 9, true), {}, more),
                    decode::DecodeError);
  const auto made = ch05::make_generator(counts(9, 4, true), counts(9, 4, true), {}, more);
  REQUIRE_THROWS_AS(made->generate(tokenizer, {}, 3), decode::DecodeError);
  REQUIRE_THROWS_AS(made->generate(tokenizer, {1}, 0), decode::DecodeError);
  REQUIRE_THROWS_AS(made->generate(tokenizer, {1, 2, 3, 4, 5}, 3), decode::DecodeError);
}

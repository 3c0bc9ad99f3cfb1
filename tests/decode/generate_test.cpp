// The generate loop: what it gives to the decoder and why it stops.
#include "common/decode/generate.h"

#include "common/decode/error.h"  // DecodeError
#include "tests/catch.h"

namespace {

// Says the next id each time: token t is followed by t + 1.
class Counting : public decode::Decoder {
 public:
  Counting(int vocab_size, int room) : room_(room), logits_(vocab_size, "logits") {
    config_.vocab_size = vocab_size;
  }
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    decode::check_forward(*this, tokens, n_tokens, n_logits);
    calls.push_back({tokens, tokens + n_tokens});
    std::vector<float> row(logits_.size());
    row[(tokens[n_tokens - 1] + 1) % config_.vocab_size] = 1;
    gpu::upload(logits_, row.data(), row.size());
    length_ += n_tokens;
    return logits_.data();
  }
  int length() const override { return length_; }
  void truncate(int length) override { length_ = length; }
  uint64_t kv_bytes() const override { return 0; }
  int max_seq_len() const override { return room_; }
  int max_logit_rows() const override { return 1; }
  const model::Config& config() const override { return config_; }

  std::vector<std::vector<int>> calls;

 private:
  model::Config config_;
  int room_, length_ = 0;
  gpu::DeviceBuffer<float> logits_;
};

model::Tokenizer tokenizer() {
  return model::Tokenizer::load(
      model::GgufFile::open(std::string(LADDER_SOURCE_DIR) + "/common/models/austen-draft.gguf"));
}

}  // namespace

TEST_CASE("the prompt comes at once, then one token a step", "[decode]") {
  const model::Tokenizer words = tokenizer();
  Counting decoder(words.vocab_size(), 50);
  decode::Sampler sampler(words.vocab_size(), {});
  std::string streamed;
  decode::GenerateCallbacks callbacks;
  callbacks.text = [&](const std::string& text) { streamed += text; };
  const auto made = decode::generate(decoder, sampler, words, {700, 800, 900}, 4, callbacks);
  REQUIRE(made.tokens == std::vector<int>{901, 902, 903, 904});
  REQUIRE(made.stop == decode::StopReason::kCount);
  REQUIRE(made.decode_steps() == 3);
  REQUIRE(decoder.calls == std::vector<std::vector<int>>{{700, 800, 900}, {901}, {902}, {903}});
  REQUIRE(streamed == made.text);
  REQUIRE(!made.text.empty());
}

TEST_CASE("generation ends with the text, the room or the count", "[decode]") {
  const model::Tokenizer words = tokenizer();
  decode::Sampler sampler(words.vocab_size(), {});
  Counting full(words.vocab_size(), 5);
  const auto cut = decode::generate(full, sampler, words, {700, 701, 702}, 40);
  REQUIRE(cut.stop == decode::StopReason::kContext);
  REQUIRE(cut.tokens.size() == 3);  // two positions, and the token after the last
  REQUIRE(decode::stop_text(cut.stop, full) == "the sequence is full at 5 tokens");
  Counting ending(words.vocab_size(), 50);
  const auto ended = decode::generate(ending, sampler, words, {words.eos_id() - 1}, 40);
  REQUIRE(ended.stop == decode::StopReason::kEnd);
  REQUIRE(ended.tokens == std::vector<int>{words.eos_id()});
  REQUIRE(ended.text.empty());
}

TEST_CASE("a prompt without tokens or without room is refused", "[decode]") {
  const model::Tokenizer words = tokenizer();
  decode::Sampler sampler(words.vocab_size(), {});
  Counting decoder(words.vocab_size(), 2);
  REQUIRE_THROWS_AS(decode::generate(decoder, sampler, words, {}, 4), decode::DecodeError);
  REQUIRE_THROWS_AS(decode::generate(decoder, sampler, words, {5, 6, 7}, 4), decode::DecodeError);
  REQUIRE_THROWS_AS(decode::generate(decoder, sampler, words, {5}, 0), decode::DecodeError);
}

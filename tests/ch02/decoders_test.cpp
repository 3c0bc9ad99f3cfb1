// Chapter 02's decoder against double precision, against chapter 01's, and against itself.
#include "common/decode/comparison.h"    // difference
#include "common/decode/loaded_model.h"  // LoadedModel
#include "tests/catch.h"
#include "tests/decode/decoding.h"
#include "tests/decode/random_model.h"

namespace {

using decode::Decoder;
using decoding::logits;
using decoding::make_all_rows;

constexpr int kPrompts[] = {1, 31, 32, 33, 127, 512};
constexpr int kRoom = 530;

// The longest prompt takes long: two shapes here, others in tests/ch03 and tests/ladder.
bool too_long(int prompt, const ModelShape& shape) {
  return prompt == 512 && shape.head_dim != 24 && shape.head_dim != 80;
}

std::vector<ModelShape> shapes() {
  std::vector<ModelShape> all = awkward_shapes();  // head sizes 8 to 128, groups of 1, 3, 4 and 8
  for (ModelShape& shape : all) shape.max_seq_len = kRoom;
  return all;
}

std::vector<int> greedy(Decoder& decoder, const std::vector<int>& prompt, int n) {
  std::vector<int> tokens;
  decoder.truncate(0);
  for (int i = 0; i < n; ++i) {
    const float* row = i == 0 ? decoder.forward(prompt.data(), static_cast<int>(prompt.size()), 1)
                              : decoder.forward(&tokens.back(), 1, 1);
    const auto logits = gpu::download(row, decoder.config().vocab_size);
    tokens.push_back(
        static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
  }
  return tokens;
}

// Equal, or a tie at the first difference, which is printed.
void require_equal_or_tie(Decoder& decoder, const std::vector<int>& prompt,
                          const std::vector<int>& tokens, const std::vector<int>& others) {
  const nlohmann::ordered_json difference = decode::difference(decoder, prompt, tokens, others);
  if (difference.is_null()) return;
  WARN("a tie: " << difference.dump());
  REQUIRE(difference["tie"].get<bool>());
}

}  // namespace

TEST_CASE("chapter 02's logits are those of a double-precision decoder", "[ch02]") {
  INFO_SEED();
  values::Source source(60);
  for (const ModelShape& shape : shapes()) {
    INFO(describe(shape));
    const model::HostWeights host = random_model(shape, source);
    const UploadedModel model(host);
    const std::vector<int> tokens = random_tokens(50, shape.vocab_size, source);
    constexpr double kBound = 1e-3;  // as for chapters 00 and 01
    const std::vector<float> got = logits(*make_all_rows("02", model), tokens, {40, 9});
    REQUIRE(relative_l2(got, reference_logits(host, tokens)) < kBound);
    std::vector<int> other = tokens;
    other[0] = (other[0] + 1) % shape.vocab_size;
    REQUIRE(relative_l2(got, reference_logits(host, other)) > kBound);
  }
}

TEST_CASE("chapter 02's logits are the same bits however its tokens come, from VRAM or host RAM",
          "[ch02]") {
  INFO_SEED();
  values::Source source(61);
  for (const ModelShape& shape : shapes()) {
    const UploadedModel model(random_model(shape, source));
    const auto vram = make_all_rows("02:vram", model), host = make_all_rows("02:host", model);
    for (const int prompt : kPrompts) {
      if (too_long(prompt, shape)) continue;
      CAPTURE(describe(shape), prompt);
      const std::vector<int> tokens = random_tokens(prompt + 12, shape.vocab_size, source);
      const auto run = [&](Decoder& decoder, const std::vector<int>& pieces) {
        decoder.truncate(0);
        return logits(decoder, tokens, pieces);
      };
      const std::vector<float> whole = run(*vram, {});
      REQUIRE(values::same_bits(run(*vram, {prompt, 1, 1, 1, 5}), whole));
      if (prompt == 512) continue;
      if (prompt == 33) REQUIRE(values::same_bits(run(*host, {prompt, 1, 2}), whole));
      const int some = 1 + source.below(prompt);
      REQUIRE(values::same_bits(run(*vram, {some, 2, 8, 9, 1}), whole));
    }
  }
}

TEST_CASE("chapter 02 writes chapter 01's tokens, or there is a tie", "[ch02]") {
  INFO_SEED();
  values::Source source(62);
  for (const ModelShape& shape : shapes()) {
    const UploadedModel model(random_model(shape, source));
    const auto one = make_all_rows("01:vram", model), two = make_all_rows("02:vram", model);
    for (const int length : kPrompts) {
      if (too_long(length, shape)) continue;
      CAPTURE(describe(shape), length);
      const std::vector<int> prompt = random_tokens(length, shape.vocab_size, source);
      const std::vector<int> expected = greedy(*one, prompt, 12), got = greedy(*two, prompt, 12);
      require_equal_or_tie(*two, prompt, got, expected);
    }
  }
}

TEST_CASE("chapter 02 writes chapter 01's text with the default model", "[ch02]") {
  decode::LoadedModel loaded(LADDER_SOURCE_DIR "/common/models/austen-4m.gguf");
  loaded.upload();
  const auto one = make_all_rows("01:vram", loaded.model()),
             two = make_all_rows("02:vram", loaded.model());
  for (const char* text : {"It is a truth",
                           "She was not a woman of many words; for, unlike people "
                           "in general, she proportioned them to the number of "
                           "her ideas."}) {
    const std::vector<int> prompt = loaded.tokenizer.encode(text);
    const std::vector<int> expected = greedy(*one, prompt, 48), got = greedy(*two, prompt, 48);
    require_equal_or_tie(*two, prompt, got, expected);
    REQUIRE(got.size() == 48);
  }
}

TEST_CASE("chapter 02's decoder that was cut goes on as a fresh one", "[ch02]") {
  INFO_SEED();
  values::Source source(63);
  for (const ModelShape& shape : shapes()) {
    if (shape.head_dim != 24 && shape.head_dim != 80) continue;  // all chapters: tests/ladder
    const UploadedModel model(random_model(shape, source));
    for (const char* row : {"02:vram", "02:host"}) {
      if (std::string(row) == "02:host" && shape.head_dim != 24) continue;
      CAPTURE(describe(shape), row);
      const auto first = random_tokens(270, shape.vocab_size, source);
      for (const int cut : {17, 257}) {
        std::vector<int> second(first.begin(), first.begin() + cut);
        for (const int token : random_tokens(20, shape.vocab_size, source)) {
          second.push_back(token);
        }
        const std::vector<float> fresh = logits(*make_all_rows(row, model), second, {});
        const auto used = make_all_rows(row, model);
        logits(*used, first, {265, 1});
        used->truncate(cut);
        REQUIRE(used->length() == cut);
        const std::vector<int> rest(second.begin() + cut, second.end());
        const std::vector<float> expected(fresh.begin() + size_t(cut) * shape.vocab_size,
                                          fresh.end());
        REQUIRE(values::same_bits(logits(*used, rest, {1, 5}), expected));
      }
    }
  }
}

// Chapters 00 and 01 against double precision and against each other, to the last bit.
#include "common/decode/error.h"  // DecodeError
#include "tests/catch.h"
#include "tests/decode/decoding.h"
#include "tests/decode/random_model.h"

namespace {

using decode::Decoder;
using decoding::logits;

constexpr int kPrompts[] = {1, 31, 32, 33, 127};

std::unique_ptr<Decoder> make(const std::string& id, const std::string& variant,
                              const decode::Model& weights) {
  return decoding::make_all_rows(variant.empty() ? id : id + ":" + variant, weights);
}

}  // namespace

TEST_CASE("both chapters' logits are those of a double-precision decoder", "[ch00][ch01]") {
  INFO_SEED();
  values::Source source(20);
  for (const ModelShape& shape : awkward_shapes()) {
    INFO(describe(shape));
    const model::HostWeights host = random_model(shape, source);
    const UploadedModel weights(host);
    const std::vector<int> tokens = random_tokens(33, shape.vocab_size, source);
    const auto expected = reference_logits(host, tokens);
    // Keys and values near the border of two bf16 numbers may round the other way.
    constexpr double kBound = 1e-3;
    for (const char* id : {"00", "01"}) {
      INFO("chapter " << id);
      const std::vector<float> got = logits(*make(id, "", weights), tokens, {31, 1});
      REQUIRE(relative_l2(got, expected) < kBound);
      // The check notices a wrong decoder: one that never rotates, one with another token.
      model::HostWeights wrong = host;
      wrong.config.rope_theta = 500;
      REQUIRE(relative_l2(got, reference_logits(wrong, tokens)) > kBound);
      std::vector<int> other = tokens;
      other[0] = (other[0] + 1) % shape.vocab_size;
      REQUIRE(relative_l2(got, reference_logits(host, other)) > kBound);
    }
  }
}

TEST_CASE("chapter 01 has chapter 00's logits bit for bit, however its tokens come",
          "[ch00][ch01]") {
  INFO_SEED();
  values::Source source(21);
  for (const ModelShape& shape : awkward_shapes()) {
    const UploadedModel weights(random_model(shape, source));
    for (const int prompt : kPrompts) {
      CAPTURE(describe(shape), prompt);
      const std::vector<int> tokens = random_tokens(prompt + 4, shape.vocab_size, source);
      const std::vector<float> whole = logits(*make("00", "", weights), tokens, {});
      // 00 again, as a program uses it: the prompt, then a token at a time.
      REQUIRE(
          values::same_bits(logits(*make("00", "", weights), tokens, {prompt, 1, 1, 1}), whole));
      for (const char* variant : {"vram", "host"}) {
        if (std::string(variant) == "host" && prompt != 33) continue;  // others: tests/ladder
        CAPTURE(variant);
        REQUIRE(values::same_bits(
            logits(*make("01", variant, weights), tokens, {prompt, 1, 1, 1, 1}), whole));
        const int some = 1 + source.below(prompt);
        REQUIRE(
            values::same_bits(logits(*make("01", variant, weights), tokens, {some, 2, 1}), whole));
      }
    }
  }
}

TEST_CASE("a decoder that was cut goes on as a fresh one", "[ch00][ch01]") {
  INFO_SEED();
  values::Source source(22);
  for (const ModelShape& shape : awkward_shapes()) {
    const UploadedModel weights(random_model(shape, source));
    for (const auto& [id, variant] : {std::pair("00", ""), {"01", "vram"}, {"01", "host"}}) {
      CAPTURE(describe(shape), id, variant);
      const auto first = random_tokens(40, shape.vocab_size, source);
      std::vector<int> second(first.begin(), first.begin() + 17);
      for (const int token : random_tokens(20, shape.vocab_size, source)) second.push_back(token);
      const std::vector<float> fresh = logits(*make(id, variant, weights), second, {});
      const auto used = make(id, variant, weights);
      logits(*used, first, {33, 1});
      used->truncate(17);
      REQUIRE(used->length() == 17);
      const std::vector<int> rest(second.begin() + 17, second.end());
      const std::vector<float> expected(fresh.begin() + 17 * shape.vocab_size, fresh.end());
      REQUIRE(values::same_bits(logits(*used, rest, {1, 5}), expected));
      used->truncate(0);
      REQUIRE(values::same_bits(logits(*used, second, {}), fresh));
    }
  }
}

TEST_CASE("a decoder keeps as many bytes of K and V as its shape says", "[ch00][ch01]") {
  values::Source source(23);
  ModelShape shape = awkward_shapes()[1];
  const UploadedModel weights(random_model(shape, source));
  const auto tokens = random_tokens(9, shape.vocab_size, source);
  for (const char* variant : {"vram", "host"}) {
    const auto decoder = make("01", variant, weights);
    REQUIRE(decoder->kv_bytes() == 0);
    logits(*decoder, tokens, {});
    REQUIRE(decoder->kv_bytes() == 2u * 2 * 9 * shape.n_layers * shape.n_heads * shape.head_dim);
    decoder->truncate(3);
    REQUIRE(decoder->kv_bytes() == 2u * 2 * 3 * shape.n_layers * shape.n_heads * shape.head_dim);
  }
  const auto naive = make("00", "", weights);
  logits(*naive, tokens, {});
  REQUIRE(naive->kv_bytes() == 0);
}

TEST_CASE("a decoder refuses what it has no room for and stays as it was", "[ch00][ch01]") {
  values::Source source(24);
  const ModelShape shape = awkward_shapes()[0];
  const UploadedModel weights(random_model(shape, source));
  for (const char* id : {"00", "01"}) {
    decode::DecoderOptions options;
    options.max_seq_len = 10;
    const auto decoder = decode::select_chapters(id, "").front().make(weights, options);
    REQUIRE(decoder->max_seq_len() == 10);
    const auto tokens = random_tokens(10, shape.vocab_size, source);
    const float* rows = decoder->forward(tokens.data(), 7, 1);
    const auto before = gpu::download(rows, shape.vocab_size);
    const int outside = shape.vocab_size;
    REQUIRE_THROWS_AS(decoder->forward(&outside, 1, 1), decode::DecodeError);
    REQUIRE_THROWS_AS(decoder->forward(tokens.data(), 4, 1), decode::DecodeError);
    REQUIRE_THROWS_AS(decoder->forward(tokens.data(), 2, 2), decode::DecodeError);
    REQUIRE_THROWS_AS(decoder->forward(tokens.data(), 0, 0), decode::DecodeError);
    REQUIRE_THROWS_AS(decoder->truncate(8), decode::DecodeError);
    REQUIRE(decoder->length() == 7);
    decoder->truncate(6);
    rows = decoder->forward(tokens.data() + 6, 1, 1);
    REQUIRE(values::same_bits(gpu::download(rows, shape.vocab_size), before));
  }
}

// Chapter 04's decoders: how far from double precision (each states its bound), and the same bits
// however the tokens come.
#include <cmath>

#include "tests/catch.h"
#include "tests/decode/decoding.h"
#include "tests/decode/random_model.h"

namespace {

using decode::Decoder;
using decoding::logits;

constexpr const char* kVariants[] = {"weights", "cache", "int4", "host"};

// The relative L2 distance of logits from those of bf16 weights in double precision that each
// variant stays below, on random models: weights and activations whose values have one scale are
// the hardest for 4 bits.
double bound(const std::string& variant) { return variant == "int4" ? 0.7 : 0.08; }

struct Made : UploadedModel {
  Made(const ModelShape& shape, values::Source& source)
      : UploadedModel(random_model(shape, source)) {}
  std::unique_ptr<Decoder> decoder(const std::string& variant, int max_seq_len = 0) const {
    return decoding::make_all_rows("04:" + variant, *this, max_seq_len);
  }
};

}  // namespace

TEST_CASE("quantized logits stay within their bound of double precision", "[ch04]") {
  INFO_SEED();
  values::Source source(60);
  for (const ModelShape& shape : awkward_shapes()) {
    INFO(describe(shape));
    const Made made(shape, source);
    const std::vector<int> tokens = random_tokens(33, shape.vocab_size, source);
    const auto expected = reference_logits(made.host, tokens);
    double distance[4];
    for (int i = 0; i < 4; ++i) {
      INFO("04:" << kVariants[i]);
      const std::vector<float> got = logits(*made.decoder(kVariants[i]), tokens, {31, 1});
      distance[i] = relative_l2(got, expected);
      REQUIRE(distance[i] < bound(kVariants[i]));
      REQUIRE(distance[i] > 1e-4);  // it is quantized
      // The check notices a wrong decoder: one that rotates otherwise.
      model::HostWeights wrong = made.host;
      wrong.config.rope_theta = 500;
      REQUIRE(relative_l2(got, reference_logits(wrong, tokens)) > distance[i]);
    }
    REQUIRE(distance[2] > 3 * distance[0]);  // 4 bits cost more than 8
  }
}

TEST_CASE("a quantized decoder has the same bits however its tokens come", "[ch04]") {
  INFO_SEED();
  values::Source source(61);
  for (const ModelShape& shape : awkward_shapes()) {
    const Made made(shape, source);
    for (const int prompt : {1, 31, 32, 33, 127}) {
      CAPTURE(describe(shape), prompt);
      const std::vector<int> tokens = random_tokens(prompt + 9, shape.vocab_size, source);
      for (const char* variant : kVariants) {
        CAPTURE(variant);
        const std::vector<float> whole = logits(*made.decoder(variant), tokens, {});
        REQUIRE(values::same_bits(logits(*made.decoder(variant), tokens, {prompt, 1, 1, 1, 2, 4}),
                                  whole));
        const int some = 1 + source.below(prompt);
        REQUIRE(values::same_bits(logits(*made.decoder(variant), tokens, {some, 2, 8, 1}), whole));
      }
    }
  }
}

TEST_CASE("with its cache in host RAM a quantized decoder gives the same bits", "[ch04]") {
  INFO_SEED();
  values::Source source(62);
  for (const ModelShape& shape : awkward_shapes()) {
    INFO(describe(shape));
    const Made made(shape, source);
    const std::vector<int> tokens = random_tokens(40, shape.vocab_size, source);
    REQUIRE(values::same_bits(logits(*made.decoder("host"), tokens, {33, 1, 1}),
                              logits(*made.decoder("cache"), tokens, {33, 1, 1})));
  }
}

TEST_CASE("a quantized decoder that was cut goes on as a fresh one", "[ch04]") {
  INFO_SEED();
  values::Source source(63);
  for (const ModelShape& shape : awkward_shapes()) {
    const Made made(shape, source);
    for (const char* variant : kVariants) {
      CAPTURE(describe(shape), variant);
      const auto first = random_tokens(40, shape.vocab_size, source);
      std::vector<int> second(first.begin(), first.begin() + 17);
      for (const int token : random_tokens(20, shape.vocab_size, source)) second.push_back(token);
      const std::vector<float> fresh = logits(*made.decoder(variant), second, {});
      const auto used = made.decoder(variant);
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

TEST_CASE("a decoder of 03 and one of 04 beside each other do not disturb each other",
          "[ch03][ch04]") {
  INFO_SEED();
  values::Source source(64);
  const Made made(awkward_shapes()[1], source);
  const int vocab_size = made.host.config.vocab_size;
  const auto tokens = random_tokens(30, vocab_size, source);
  const auto other = random_tokens(30, vocab_size, source);
  const auto make03 = [&] { return decoding::make_all_rows("03:vram", made); };
  for (const char* variant : kVariants) {
    CAPTURE(variant);
    const auto alone03 = logits(*make03(), tokens, {});
    const auto alone04 = logits(*made.decoder(variant), tokens, {});
    // As a draft and a verifier: turn by turn, with proposals that are taken back on either side.
    const auto a = make03();
    const auto b = made.decoder(variant);
    std::vector<float> got03, got04;
    for (int at = 0; at < 30; at += 5) {
      for (Decoder* decoder : {a.get(), b.get()}) {
        decoder->forward(other.data() + at, 3, 1);
        decoder->truncate(at);
        const float* rows = decoder->forward(tokens.data() + at, 5, 5);
        const auto part = gpu::download(rows, size_t(5) * vocab_size);
        auto& got = decoder == a.get() ? got03 : got04;
        got.insert(got.end(), part.begin(), part.end());
      }
    }
    REQUIRE(values::same_bits(got03, alone03));
    REQUIRE(values::same_bits(got04, alone04));
  }
}

TEST_CASE("the int8 cache keeps a byte a value and two for each scale", "[ch04]") {
  values::Source source(65);
  const ModelShape shape = awkward_shapes()[1];
  const Made made(shape, source);
  const auto tokens = random_tokens(9, shape.vocab_size, source);
  const uint64_t heads = uint64_t(2) * shape.n_layers * shape.n_kv_heads;
  for (const char* variant : kVariants) {
    CAPTURE(variant);
    const auto decoder = made.decoder(variant);
    REQUIRE(decoder->kv_bytes() == 0);
    logits(*decoder, tokens, {});
    const bool int8 = std::string(variant) == "cache" || std::string(variant) == "host";
    const uint64_t token = heads * (int8 ? shape.head_dim + 2 : 2 * shape.head_dim);
    REQUIRE(decoder->kv_bytes() == 9 * token);
    decoder->truncate(3);
    REQUIRE(decoder->kv_bytes() == 3 * token);
  }
}

TEST_CASE("a quantized decoder refuses what it has no room for and stays as it was", "[ch04]") {
  values::Source source(66);
  const ModelShape shape = awkward_shapes()[0];
  const Made made(shape, source);
  for (const char* variant : kVariants) {
    const auto decoder = made.decoder(variant, 10);
    REQUIRE(decoder->max_seq_len() == 10);
    const auto tokens = random_tokens(10, shape.vocab_size, source);
    const float* rows = decoder->forward(tokens.data(), 7, 1);
    const auto before = gpu::download(rows, shape.vocab_size);
    REQUIRE_THROWS(decoder->forward(tokens.data(), 4, 1));
    REQUIRE(decoder->length() == 7);
    decoder->truncate(6);
    rows = decoder->forward(tokens.data() + 6, 1, 1);
    REQUIRE(values::same_bits(gpu::download(rows, shape.vocab_size), before));
  }
}

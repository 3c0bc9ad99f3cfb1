// Chapter 03's decoder against chapter 02's, bit for bit, and against double precision.
#include <algorithm>

#include "common/decode/loaded_model.h"  // LoadedModel
#include "tests/catch.h"
#include "tests/decode/decoding.h"
#include "tests/decode/random_model.h"

namespace {

using decode::Decoder;
using decoding::fresh_logits;
using decoding::logits;
using decoding::make_all_rows;

constexpr int kPrompts[] = {1, 31, 32, 33, 127, 512};
constexpr int kRoom = 530;

// Head sizes 8, 24, 64, 80 and 128, groups of 1, 3, 4 and 8; and a group of 9.
std::vector<ModelShape> shapes() {
  std::vector<ModelShape> all = awkward_shapes();
  ModelShape nine;
  nine.head_dim = 16, nine.n_heads = 9, nine.n_kv_heads = 1;
  all.push_back(nine);
  for (ModelShape& shape : all) shape.max_seq_len = kRoom;
  return all;
}

// The same weights, but query head h sees head h % n_kv_heads of K and V: a wrong mapping, made by
// moving the heads of Q, and of the columns of attn_output, so that no other part changes.
model::HostWeights with_wrong_mapping(model::HostWeights w) {
  const model::Config& c = w.config;
  const int group = c.n_heads / c.n_kv_heads;
  for (model::HostLayer& layer : w.layers) {
    const model::HostLayer old = layer;
    for (int h = 0; h < c.n_heads; ++h) {
      // Place `to` is served by head to / group; put the head there that would ask for that one.
      const int to = h % c.n_kv_heads * group + h / c.n_kv_heads;
      const size_t rows = size_t(c.head_dim) * c.dim;
      std::copy_n(old.attn_q.data.begin() + h * rows, rows, layer.attn_q.data.begin() + to * rows);
      if (c.qkv_bias) {
        std::copy_n(old.attn_q_bias.data.begin() + h * c.head_dim, c.head_dim,
                    layer.attn_q_bias.data.begin() + to * c.head_dim);
      }
      for (int row = 0; row < c.dim; ++row) {
        const size_t at = size_t(row) * c.q_dim();
        std::copy_n(old.attn_output.data.begin() + at + h * c.head_dim, c.head_dim,
                    layer.attn_output.data.begin() + at + to * c.head_dim);
      }
    }
  }
  return w;
}

}  // namespace

TEST_CASE("chapter 03's logits are those of a double-precision decoder", "[ch03]") {
  INFO_SEED();
  values::Source source(80);
  for (const ModelShape& shape : shapes()) {
    INFO(describe(shape));
    const model::HostWeights host = random_model(shape, source);
    const UploadedModel model(host);
    const std::vector<int> tokens = random_tokens(50, shape.vocab_size, source);
    constexpr double kBound = 1e-3;  // as for the chapters before
    const std::vector<float> got = logits(*make_all_rows("03", model), tokens, {40, 9});
    REQUIRE(relative_l2(got, reference_logits(host, tokens)) < kBound);
    if (shape.n_kv_heads == 1 || shape.n_kv_heads == shape.n_heads) continue;
    REQUIRE(relative_l2(got, reference_logits(with_wrong_mapping(host), tokens)) > kBound);
  }
}

TEST_CASE("chapter 03 has chapter 02's logits bit for bit, however its tokens come",
          "[ch02][ch03]") {
  INFO_SEED();
  values::Source source(81);
  for (const ModelShape& shape : shapes()) {
    const UploadedModel model(random_model(shape, source));
    const auto two = make_all_rows("02:vram", model), three = make_all_rows("03:vram", model);
    const auto host = make_all_rows("03:host", model);
    for (const int prompt : kPrompts) {
      if (prompt == 512 && shape.head_dim != 8 && shape.head_dim != 64) continue;  // it takes long
      CAPTURE(describe(shape), prompt);
      const std::vector<int> tokens = random_tokens(prompt + 12, shape.vocab_size, source);
      const std::vector<float> whole = fresh_logits(*two, tokens, {prompt, 1, 1, 1, 5});
      REQUIRE(values::same_bits(fresh_logits(*three, tokens, {prompt, 1, 1, 1, 5}), whole));
      if (prompt == 33) {
        REQUIRE(values::same_bits(fresh_logits(*host, tokens, {prompt, 1, 2}), whole));
      }
      const int some = 1 + source.below(prompt);
      REQUIRE(values::same_bits(fresh_logits(*three, tokens, {some, 2, 8, 9, 1}), whole));
    }
  }
}

TEST_CASE("chapter 03 has chapter 02's logits with the default models", "[ch02][ch03]") {
  for (const char* name : {"austen-4m.gguf", "austen-draft.gguf"}) {
    decode::LoadedModel loaded(std::string(LADDER_SOURCE_DIR) + "/common/models/" + name);
    loaded.upload();
    const std::vector<int> tokens = loaded.tokenizer.encode(
        "She was not a woman of many words; for, unlike people in general, she proportioned them "
        "to the number of her ideas; and of the few syllables that did escape her, not one fell "
        "to the share of Miss Dashwood, whom she eyed with the spirited determination of "
        "disliking her at all events.");
    const auto two = make_all_rows("02:vram", loaded.model()),
               three = make_all_rows("03:vram", loaded.model());
    const std::vector<float> expected = logits(*two, tokens, {40, 1, 1, 5});
    REQUIRE(values::same_bits(logits(*three, tokens, {40, 1, 1, 5}), expected));
    REQUIRE(values::same_bits(fresh_logits(*three, tokens, {}), expected));
  }
}

TEST_CASE("chapter 03's decoder that was cut goes on as a fresh one", "[ch03]") {
  INFO_SEED();
  values::Source source(82);
  for (const ModelShape& shape : shapes()) {
    if (shape.head_dim != 24 && shape.head_dim != 80) continue;  // all chapters: tests/ladder
    const UploadedModel model(random_model(shape, source));
    for (const char* row : {"03:vram", "03:host"}) {
      if (row == std::string("03:host") && shape.head_dim != 24) continue;  // one shape shows it
      CAPTURE(describe(shape), row);
      const auto first = random_tokens(300, shape.vocab_size, source);
      for (const int cut : {17, 257}) {
        std::vector<int> second(first.begin(), first.begin() + cut);
        const auto more = random_tokens(20, shape.vocab_size, source);
        second.insert(second.end(), more.begin(), more.end());
        const std::vector<float> fresh = logits(*make_all_rows(row, model), second, {});
        const auto used = make_all_rows(row, model);
        logits(*used, first, {290, 1});
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

TEST_CASE("chapter 03 keeps n_kv_heads / n_heads of chapter 02's K and V", "[ch02][ch03]") {
  values::Source source(83);
  for (const ModelShape& shape : shapes()) {
    const UploadedModel model(random_model(shape, source));
    const auto tokens = random_tokens(9, shape.vocab_size, source);
    const auto two = make_all_rows("02:vram", model), three = make_all_rows("03:vram", model);
    logits(*two, tokens, {}), logits(*three, tokens, {});
    REQUIRE(three->kv_bytes() == 2u * 2 * 9 * shape.n_layers * shape.n_kv_heads * shape.head_dim);
    REQUIRE(three->kv_bytes() * shape.n_heads == two->kv_bytes() * shape.n_kv_heads);
    three->truncate(4);
    REQUIRE(three->kv_bytes() == 2u * 2 * 4 * shape.n_layers * shape.n_kv_heads * shape.head_dim);
  }
}

// Models with other heads of K and V: the numbers, the file, and what it costs.
#include "chapters/03_grouped_query/pool_heads.h"

#include <algorithm>
#include <cmath>

#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/quality.h"       // measure_quality
#include "common/decode/registry.h"      // select_chapters
#include "common/model/convert.h"        // bf16_to_float
#include "tests/catch.h"
#include "tests/decode/values.h"
#include "tests/model/test_files.h"

namespace {

using decode::LoadedModel;
using model::TensorType;

const std::string kDefaultModel = LADDER_SOURCE_DIR "/common/models/austen-4m.gguf";

std::vector<float> as_floats(const model::HostMatrix& matrix) {
  std::vector<float> out;
  for (const uint16_t bits : matrix.data) out.push_back(model::bf16_to_float(bits));
  return out;
}

}  // namespace

TEST_CASE("fewer heads are means of neighbours, more are copies", "[ch03][pool]") {
  const std::vector<float> four = {1, 2, 3, 4, 5, 6, 70, 80};  // heads of two values
  REQUIRE(ch03::pool_heads(four, 2, 4, 2) == std::vector<float>{2, 3, 37.5f, 43});
  REQUIRE(ch03::pool_heads(four, 2, 4, 1) == std::vector<float>{19.75f, 23});
  REQUIRE(ch03::pool_heads(four, 2, 4, 4) == four);
  REQUIRE(ch03::pool_heads({1, 2, 3, 4}, 2, 2, 4) == std::vector<float>{1, 2, 1, 2, 3, 4, 3, 4});
  model::Config config;
  config.n_heads = 8, config.n_kv_heads = 2;
  REQUIRE(ch03::possible_kv_heads(config) == std::vector<int>{8, 4, 2, 1});
  config.n_heads = 9, config.n_kv_heads = 3;
  REQUIRE(ch03::possible_kv_heads(config) == std::vector<int>{9, 3, 1});
  config.n_heads = 12, config.n_kv_heads = 12;
  REQUIRE(ch03::possible_kv_heads(config) == std::vector<int>{12, 6, 4, 3, 2, 1});
}

TEST_CASE("a converted file differs in K and V only", "[ch03][pool]") {
  const TempDir dir;
  LoadedModel original(kDefaultModel);
  for (const TensorType type : {TensorType::kBF16, TensorType::kF16, TensorType::kF32}) {
    ch03::convert_heads(original.file, 1, type, dir.file("one.gguf"));
    const LoadedModel one(dir.file("one.gguf"));
    REQUIRE(one.host.config.n_kv_heads == 1);
    REQUIRE(one.file.values().size() == original.file.values().size());
    REQUIRE(one.file.get_strings("tokenizer.ggml.tokens") ==
            original.file.get_strings("tokenizer.ggml.tokens"));
    for (const model::GgufTensor& tensor : original.file.tensors()) {
      CAPTURE(tensor.name, model::tensor_type_name(type));
      const model::GgufTensor* now = one.file.find_tensor(tensor.name);
      REQUIRE(now != nullptr);
      const bool pooled = tensor.name.find("attn_k.") != std::string::npos ||
                          tensor.name.find("attn_v.") != std::string::npos;
      if (!pooled) {
        REQUIRE(now->type == tensor.type);
        REQUIRE(one.file.read(*now) == original.file.read(tensor));
        continue;
      }
      REQUIRE(now->type == type);
    }
    // The first head of two, and the second, as means; exact but for the rounding of what is
    // stored.
    const auto before = as_floats(original.host.layers[2].attn_v);
    const auto after = as_floats(one.host.layers[2].attn_v);
    REQUIRE(after.size() * 2 == before.size());
    for (size_t i = 0; i < after.size(); ++i) {
      const double mean = (double(before[i]) + double(before[i + after.size()])) / 2;
      REQUIRE(double(after[i]) == Approx(mean).epsilon(0.005).margin(1e-6));
    }
  }
}

TEST_CASE("copies cost nothing, and pooling them gives the model back", "[ch03][pool]") {
  const TempDir dir;
  LoadedModel original(kDefaultModel);
  ch03::convert_heads(original.file, 8, TensorType::kBF16, dir.file("eight.gguf"));
  LoadedModel eight(dir.file("eight.gguf"));
  ch03::convert_heads(eight.file, 2, TensorType::kBF16, dir.file("two.gguf"));
  const LoadedModel two(dir.file("two.gguf"));
  for (size_t l = 0; l < two.host.layers.size(); ++l) {
    REQUIRE(two.host.layers[l].attn_k.data == original.host.layers[l].attn_k.data);
    REQUIRE(two.host.layers[l].attn_v.data == original.host.layers[l].attn_v.data);
  }
  ch03::convert_heads(original.file, 1, TensorType::kBF16, dir.file("one.gguf"));
  LoadedModel one(dir.file("one.gguf"));

  decode::DecoderOptions options;
  options.max_seq_len = 128, options.max_logit_rows = 32;
  std::vector<std::unique_ptr<decode::Decoder>> owners;
  std::vector<decode::Decoder*> decoders;
  for (LoadedModel* model : {&original, &eight, &one}) {
    model->upload();
    owners.push_back(decode::select_chapters("03", "").front().make(model->model(), options));
    decoders.push_back(owners.back().get());
  }
  const std::string text = std::string(LADDER_SOURCE_DIR) + "/" + decode::kHeldOutText;
  const auto tokens = decode::read_tokens(original.tokenizer, text, 256);
  const auto found = decode::measure_quality(decoders, tokens, 128);
  CHECK(found[1].loss == found[0].loss);  // MHA with equal heads: the same bits
  CHECK(found[1].divergence == 0);
  CHECK(found[1].agreement == 1);
  CHECK(found[0].perplexity() < 60);  // a trained model (2,048 would be a guess)
  CHECK(found[2].perplexity() > 1.05 * found[0].perplexity());  // an honest loss
  CHECK(found[2].divergence > 0.05);
  CHECK(found[2].agreement < 0.95);
}

TEST_CASE("convert-heads refuses what no model can be turned to", "[ch03][pool]") {
  const TempDir dir;
  const LoadedModel original(kDefaultModel);
  const auto convert = [&](int heads, const std::string& path) {
    ch03::convert_heads(original.file, heads, TensorType::kBF16, path);
  };
  REQUIRE_THROWS_WITH(convert(3, dir.file("a.gguf")),
                      Catch::Matchers::ContainsSubstring("one of 8, 4, 2, 1"));
  REQUIRE_THROWS_WITH(convert(1, kDefaultModel),
                      Catch::Matchers::ContainsSubstring("this very file"));
  REQUIRE_THROWS_AS(convert(1, "/nonexistent/x.gguf"), model::ModelError);
}

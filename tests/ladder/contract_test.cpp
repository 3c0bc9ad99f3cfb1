// The whole ladder on small random models: 00 = 01 and 02 = 03 to the last bit, 01 and 02 give
// the same tokens or a tie.
#include "tests/catch.h"
#include "tests/ladder/rungs.h"
#include "tests/ladder/wrong_decoders.h"

using namespace rungs;

namespace {

// A prompt at once, then a token a step.
std::vector<int> pieces(int prompt) { return {prompt, 1, 1, 1, 1}; }

}  // namespace

TEST_CASE("each rung gives the logits that the ladder promises", "[ladder]") {
  INFO_SEED();
  values::Source source(60);
  for (const Case& c : cases()) {
    CAPTURE(describe(c.shape), c.prompt);
    const UploadedModel model(random_model(c.shape, source));
    const std::vector<int> tokens = random_tokens(c.prompt + 4, c.shape.vocab_size, source);
    const int vocab = c.shape.vocab_size;
    const auto of = [&](const char* key) {
      return logits(*make_all_rows(key, model), tokens, pieces(c.prompt));
    };
    const Logits naive = logits(*make_all_rows("00:", model), tokens, {});
    const Logits cached = of("01:vram"), tiled = of("02:vram"), grouped = of("03:vram");
    REQUIRE(same_bits(cached, naive, vocab) == "");
    REQUIRE(equal_or_tie(tiled, cached, vocab) == "");
    REQUIRE(same_bits(grouped, tiled, vocab) == "");
    if (c.prompt > 33) continue;
    REQUIRE(same_bits(of("01:host"), cached, vocab) == "");
    REQUIRE(same_bits(of("02:host"), tiled, vocab) == "");
    REQUIRE(same_bits(of("03:host"), tiled, vocab) == "");
  }
}

TEST_CASE("the promises of the ladder are not kept by wrong decoders", "[ladder]") {
  INFO_SEED();
  values::Source source(61);
  ModelShape shape = cases()[5].shape;  // 4 heads of K and V
  const model::HostWeights host = random_model(shape, source);
  const UploadedModel model(host);
  const int prompt = 40, vocab = shape.vocab_size;
  const std::vector<int> tokens = random_tokens(prompt + 4, vocab, source);
  const Logits right = logits(*make_all_rows("03:vram", model), tokens, pieces(prompt));

  SECTION("another order of sums for single rows is within rounding, but not the same bits") {
    wrong::TwoOrders two(make_all_rows("02:vram", model), make_all_rows("01:vram", model));
    const Logits got = logits(two, tokens, pieces(prompt));
    REQUIRE(equal_or_tie(got, right, vocab) == "");
    REQUIRE(same_bits(got, right, vocab) != "");
  }
  SECTION("a wrong head of K and V is another model") {
    const UploadedModel other(wrong::next_kv_head(host));
    const Logits got = logits(*make_all_rows("03:vram", other), tokens, pieces(prompt));
    REQUIRE(equal_or_tie(got, right, vocab) != "");
  }
  SECTION("so is a slightly different rotary base") {
    model::HostWeights turned = host;
    turned.config.rope_theta *= 1.01f;
    const UploadedModel other(turned);
    const Logits got = logits(*make_all_rows("02:vram", other), tokens, pieces(prompt));
    REQUIRE(equal_or_tie(got, right, vocab) != "");
  }
  SECTION("one changed token is noticed in the rows from there on") {
    std::vector<int> changed = tokens;
    changed[prompt - 1] = (changed[prompt - 1] + 1) % vocab;
    const Logits got = logits(*make_all_rows("02:vram", model), changed, pieces(prompt));
    REQUIRE(equal_or_tie(got, right, vocab) != "");
    const size_t before = size_t(prompt - 1) * vocab;
    REQUIRE(same_bits({got.begin(), got.begin() + before}, {right.begin(), right.begin() + before},
                      vocab) == "");
  }
}

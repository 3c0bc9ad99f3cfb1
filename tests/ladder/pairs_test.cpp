// Pairs that could fight: chapters on one model in turns, caches that are cut, rows that come in
// other pieces, K and V in host RAM.
#include "tests/catch.h"
#include "tests/ladder/rungs.h"
#include "tests/ladder/wrong_decoders.h"

using namespace rungs;

namespace {

// 00 computes everything anew, so nothing of it can be stale; tests/ch01 cut it all the same.
std::vector<std::string> caching_decoders() {
  std::vector<std::string> keys = decoders();
  std::erase(keys, "00:");
  return keys;
}

bool is_host(const std::string& key) { return key.find("host") != std::string::npos; }

// `first` is cut to each of these lengths in turn (falling), and goes on with `rest`, which must
// have the logits of a decoder that never read anything else.
std::string goes_on_as_fresh(Decoder& used, const std::string& key, const decode::Model& model,
                             const std::vector<int>& first, const std::vector<int>& lengths,
                             const std::vector<int>& rest) {
  logits(used, first, {});
  for (const int kept : lengths) {
    std::vector<int> text(first.begin(), first.begin() + kept);
    const auto fresh = make_all_rows(key, model);
    logits(*fresh, text, {});
    text.insert(text.end(), rest.begin(), rest.end());
    const Logits expected = logits(*fresh, text, {}, kept);
    used.truncate(kept);
    const Logits got = logits(used, text, {1, 2, 9}, kept);
    const std::string wrong = same_bits(got, expected, used.config().vocab_size);
    if (!wrong.empty()) return "cut to " + std::to_string(kept) + ": " + wrong;
  }
  return "";
}

}  // namespace

TEST_CASE("every chapter goes on after a cut as a fresh one", "[ladder]") {
  INFO_SEED();
  values::Source source(62);
  ModelShape shape = cases()[5].shape;
  shape.n_heads = 4, shape.n_kv_heads = 2;
  const UploadedModel model(random_model(shape, source));
  // Around the border of two splits of 256 keys, of two tiles of 32, and the first token alone.
  const std::vector<int> lengths = {257, 255, 33, 1};
  const std::vector<int> first = random_tokens(260, shape.vocab_size, source);
  const std::vector<int> few(first.begin(), first.begin() + 40);
  const std::vector<int> rest = random_tokens(12, shape.vocab_size, source);
  for (const std::string& key : caching_decoders()) {
    CAPTURE(key);
    // A cache in host RAM is the same cache: the shorter text shows it.
    const auto decoder = make_all_rows(key, model);
    if (is_host(key)) {
      REQUIRE(goes_on_as_fresh(*decoder, key, model, few, {33, 1}, rest) == "");
    } else {
      REQUIRE(goes_on_as_fresh(*decoder, key, model, first, lengths, rest) == "");
    }
    wrong::Stale stale(make_all_rows(key, model));
    REQUIRE(goes_on_as_fresh(stale, key, model, few, {33}, rest) != "");
  }
}

TEST_CASE("a row has the same bits in whatever piece it comes, in every chapter", "[ladder]") {
  INFO_SEED();
  values::Source source(63);
  constexpr int kSizes[] = {1, 2, 7, 8, 9, 31, 33, 100};  // 02 has one kernel up to 8 rows
  for (const auto& [index, length] : {std::pair(1, 265), {9, 70}}) {
    const ModelShape shape = cases()[index].shape;
    const int vocab = shape.vocab_size;
    const UploadedModel model(random_model(shape, source));
    const std::vector<int> tokens = random_tokens(length, vocab, source);
    for (const std::string& key : caching_decoders()) {
      if (is_host(key) && length > 100) continue;
      CAPTURE(describe(shape), key);
      const Logits whole = logits(*make_all_rows(key, model), tokens, {});
      std::vector<int> pieces;
      for (int i = 0; i < 40; ++i) pieces.push_back(kSizes[source.below(std::size(kSizes))]);
      CAPTURE(pieces);
      const Logits got = logits(*make_all_rows(key, model), tokens, pieces);
      REQUIRE(same_bits(got, whole, vocab) == "");
    }
  }
}

TEST_CASE("chapters that take turns on one model do not disturb each other", "[ladder]") {
  INFO_SEED();
  values::Source source(64);
  const ModelShape shape = cases()[7].shape;
  const UploadedModel model(random_model(shape, source));
  const int n = 48;
  const std::vector<std::string> keys = decoders();
  std::vector<std::unique_ptr<Decoder>> together;
  std::vector<std::vector<int>> texts;  // each has one of its own
  for (const std::string& key : keys) {
    together.push_back(make_all_rows(key, model, n));
    texts.push_back(random_tokens(n, shape.vocab_size, source));
  }
  std::vector<Logits> got(keys.size());
  for (int end : {33, 34, 35, 36, n}) {
    for (size_t i = 0; i < keys.size(); ++i) {
      const std::vector<int> so_far(texts[i].begin(), texts[i].begin() + end);
      const Logits part = logits(*together[i], so_far, {}, together[i]->length());
      got[i].insert(got[i].end(), part.begin(), part.end());
    }
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    CAPTURE(keys[i]);
    const auto alone = make_all_rows(keys[i], model, n);
    REQUIRE(same_bits(got[i], logits(*alone, texts[i], {}), shape.vocab_size) == "");
  }
}

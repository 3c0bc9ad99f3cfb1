// Perplexity, divergence and agreement against values worked out by hand and against plain sums.
#include "common/decode/quality.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "common/decode/error.h"  // DecodeError
#include "tests/catch.h"
#include "tests/decode/values.h"

namespace {

// Gives the logits of a table: after token t the row t, or after all tokens since the last
// truncate(0) row (their sum mod vocab_size), so that it shows whether a window began afresh.
class Table : public decode::Decoder {
 public:
  Table(const std::vector<std::vector<float>>& rows, int logit_rows, int room, bool sums = false)
      : rows_(rows),
        logit_rows_(logit_rows),
        room_(room),
        sums_(sums),
        logits_(size_t(logit_rows) * rows[0].size(), "logits") {
    config_.vocab_size = static_cast<int>(rows[0].size());
  }
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    decode::check_forward(*this, tokens, n_tokens, n_logits);
    std::vector<float> out;
    for (int i = 0; i < n_tokens; ++i) {
      sum_ = sums_ ? (sum_ + tokens[i]) % config_.vocab_size : tokens[i];
      if (i >= n_tokens - n_logits) out.insert(out.end(), rows_[sum_].begin(), rows_[sum_].end());
    }
    gpu::upload(logits_, out.data(), out.size());
    length_ += n_tokens;
    most_ = std::max(most_, length_);
    return logits_.data();
  }
  int length() const override { return length_; }
  void truncate(int length) override {
    REQUIRE(length == 0);
    length_ = sum_ = 0;
  }
  uint64_t kv_bytes() const override { return 0; }
  int max_seq_len() const override { return room_; }
  int max_logit_rows() const override { return logit_rows_; }
  const model::Config& config() const override { return config_; }
  int most() const { return most_; }

 private:
  std::vector<std::vector<float>> rows_;
  int logit_rows_, room_;
  bool sums_;
  gpu::DeviceBuffer<float> logits_;
  model::Config config_;
  int length_ = 0, sum_ = 0, most_ = 0;
};

float ln(double p) { return static_cast<float>(std::log(p)); }

std::vector<std::vector<float>> random_rows(int vocab_size, values::Source& source) {
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < vocab_size; ++i) rows.push_back(source.normals(vocab_size, 3));
  return rows;
}

// log softmax of one row, the plain way.
std::vector<double> log_probabilities(const std::vector<float>& logits) {
  double sum = 0;
  for (const float logit : logits) sum += std::exp(double(logit));
  std::vector<double> out;
  for (const float logit : logits) out.push_back(double(logit) - std::log(sum));
  return out;
}

}  // namespace

TEST_CASE("the measures are those worked out by hand", "[decode][quality]") {
  // Two tokens. The reference is sure by 3 to 1, the other says 1 to 1, the third 1 to 3.
  Table reference({{ln(0.75), ln(0.25)}, {ln(0.75), ln(0.25)}}, 4, 8);
  Table even({{5, 5}, {-7, -7}}, 4, 8);
  Table opposite({{ln(0.25), ln(0.75)}, {ln(0.25) + 2, ln(0.75) + 2}}, 4, 8);
  // Predicted: 0, 1, 0 (the first token is not).
  const auto found = decode::measure_quality({&reference, &even, &opposite}, {1, 0, 1, 0}, 8);
  REQUIRE(found[0].positions == 3);
  const double loss = -(2 * std::log(0.75) + std::log(0.25)) / 3;
  CHECK(found[0].loss == Approx(loss));
  CHECK(found[0].perplexity() == Approx(std::pow(0.75 * 0.75 * 0.25, -1.0 / 3)));
  CHECK(found[0].divergence == 0);
  CHECK(found[0].agreement == 1);
  CHECK(found[1].perplexity() == Approx(2));
  CHECK(found[1].divergence == Approx(0.75 * std::log(1.5) + 0.25 * std::log(0.5)));
  CHECK(found[1].agreement == 1);  // of two equal logits the lower id counts
  CHECK(found[2].loss == Approx(-(2 * std::log(0.25) + std::log(0.75)) / 3));
  CHECK(found[2].divergence == Approx(0.5 * std::log(3)));  // .75 ln 3 + .25 ln 1/3
  CHECK(found[2].agreement == 0);
}

TEST_CASE("the measures are those of plain sums, however the logits come", "[decode][quality]") {
  INFO_SEED();
  values::Source source(70);
  const int vocab_size = 37, window = 33, count = 150;
  const auto rows = random_rows(vocab_size, source), others = random_rows(vocab_size, source);
  std::vector<int> tokens(count);
  for (int& token : tokens) token = source.below(vocab_size);

  double loss = 0, other_loss = 0, divergence = 0, agreement = 0;
  int positions = 0, sum = 0;
  for (int i = 0; i < count; ++i) {
    sum = i % window == 0 ? tokens[i] : (sum + tokens[i]) % vocab_size;
    if ((i + 1) % window == 0 || i + 1 == count) continue;  // the next token begins a window
    const auto p = log_probabilities(rows[sum]), q = log_probabilities(others[sum]);
    positions += 1;
    loss -= p[tokens[i + 1]];
    other_loss -= q[tokens[i + 1]];
    for (int t = 0; t < vocab_size; ++t) divergence += std::exp(p[t]) * (p[t] - q[t]);
    agreement += std::max_element(p.begin(), p.end()) - p.begin() ==
                 std::max_element(q.begin(), q.end()) - q.begin();
  }
  for (const int logit_rows : {1, 7, 32, 64}) {
    CAPTURE(logit_rows);
    Table reference(rows, logit_rows, window, true), other(others, 64, window, true);
    const auto found = decode::measure_quality({&reference, &other}, tokens, window);
    REQUIRE(found.size() == 2);
    REQUIRE(found[0].positions == positions);
    CHECK(found[0].loss == Approx(loss / positions).epsilon(1e-9));
    CHECK(found[1].loss == Approx(other_loss / positions).epsilon(1e-9));
    CHECK(found[1].divergence == Approx(divergence / positions).epsilon(1e-9));
    CHECK(found[1].agreement == Approx(agreement / positions));
    CHECK(reference.length() == 0);
    CHECK(reference.most() == window - 1);  // a window's last token is only compared
  }
}

TEST_CASE("huge logits stay finite, and a logit that is no number is named", "[decode][quality]") {
  Table large({{3e38f, -3e38f}, {3e38f, -3e38f}}, 1, 8),
      same = Table({{3e38f, -3e38f}, {3e38f, -3e38f}}, 1, 8);
  const auto found = decode::measure_quality({&large, &same}, {0, 0, 0}, 8);
  CHECK(found[0].loss == 0);
  CHECK(found[1].divergence == 0);
  Table broken({{0, std::numeric_limits<float>::quiet_NaN()}, {0, 0}}, 1, 8);
  REQUIRE_THROWS_WITH(decode::measure_quality({&broken}, {0, 0}, 8),
                      Catch::Matchers::ContainsSubstring("logit of token 1"));
}

TEST_CASE("quality refuses decoders and texts that it cannot compare", "[decode][quality]") {
  Table two({{0, 0}, {0, 0}}, 1, 8), three({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}, 1, 8);
  using decode::measure_quality;
  REQUIRE_THROWS_AS(measure_quality({}, {0, 1}), decode::DecodeError);
  REQUIRE_THROWS_AS(measure_quality({&two}, {0}), decode::DecodeError);
  REQUIRE_THROWS_AS(measure_quality({&two}, {0, 1}, 1), decode::DecodeError);
  REQUIRE_THROWS_WITH(measure_quality({&two, &three}, {0, 1}, 8),
                      Catch::Matchers::ContainsSubstring("vocabularies of 2 and 3"));
  REQUIRE_THROWS_WITH(measure_quality({&two}, std::vector<int>(20, 0), 10),
                      Catch::Matchers::ContainsSubstring("room for 8"));
}

TEST_CASE("a text's tokens are read up to the count asked for", "[decode][quality]") {
  const std::string root = LADDER_SOURCE_DIR;
  const auto words =
      model::Tokenizer::load(model::GgufFile::open(root + "/common/models/austen-draft.gguf"));
  const auto some = decode::read_tokens(words, root + "/" + decode::kHeldOutText, 100);
  REQUIRE(some.size() == 100);
  const auto all = decode::read_tokens(words, root + "/" + decode::kHeldOutText, 0);
  REQUIRE(all.size() > 30000);
  REQUIRE(std::equal(some.begin(), some.end(), all.begin()));
  REQUIRE_THROWS_AS(decode::read_tokens(words, "/nonexistent/text", 5), decode::DecodeError);
}

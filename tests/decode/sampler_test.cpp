// The sampler against distributions that the test computes itself.
#include "common/decode/sampler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "common/decode/error.h"  // DecodeError
#include "tests/catch.h"
#include "tests/decode/values.h"

namespace {

using decode::Sampler;
using decode::SamplerOptions;

SamplerOptions options(float temperature, int top_k, float top_p, uint64_t seed) {
  SamplerOptions o;
  o.temperature = temperature, o.top_k = top_k, o.top_p = top_p, o.seed = seed;
  return o;
}

// Probabilities after temperature, top-k and top-p, the plain way.
std::vector<double> distribution(const std::vector<float>& logits, const SamplerOptions& o) {
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  if (o.top_k > 0 && size_t(o.top_k) < order.size()) order.resize(o.top_k);
  std::vector<double> p(logits.size());
  double total = 0;
  for (const size_t id : order) {
    total += p[id] = std::exp(double(logits[id] - logits[order[0]]) / double(o.temperature));
  }
  double sum = 0;
  size_t kept = 0;
  while (kept < order.size() && sum < double(o.top_p) * total) sum += p[order[kept++]];
  for (size_t i = kept; i < order.size(); ++i) p[order[i]] = 0;
  for (double& value : p) value /= sum;
  return p;
}

// Upper tail of the chi-square distribution by Wilson and Hilferty's approximation, as a z score.
double z_of_chi_square(double chi_square, int freedom) {
  const double n = freedom;
  return (std::cbrt(chi_square / n) - (1 - 2 / (9 * n))) / std::sqrt(2 / (9 * n));
}

// How unlikely the counts are under p; tokens of probability 0 must not occur.
double z_of_counts(const std::vector<int>& counts, const std::vector<double>& p) {
  const double draws = std::accumulate(counts.begin(), counts.end(), 0.0);
  double chi_square = 0;
  int freedom = -1;
  for (size_t id = 0; id < p.size(); ++id) {
    if (p[id] == 0) {
      if (counts[id] > 0) return 1e9;
      continue;
    }
    chi_square += std::pow(counts[id] - draws * p[id], 2) / (draws * p[id]);
    ++freedom;
  }
  return freedom == 0 ? 0 : z_of_chi_square(chi_square, freedom);
}

std::vector<int> draw(const std::vector<float>& logits, const SamplerOptions& o, int draws) {
  const auto device = values::on_device(logits);
  Sampler sampler(static_cast<int>(logits.size()), o);
  std::vector<int> counts(logits.size());
  for (int i = 0; i < draws; ++i) ++counts[sampler.sample(device.data())];
  return counts;
}

}  // namespace

TEST_CASE("greedy takes the largest logit, and the lowest id of equal ones", "[decode]") {
  INFO_SEED();
  values::Source source(40);
  for (const int vocab : {1, 2, 31, 33, 2048}) {
    std::vector<float> logits = source.normals(vocab);
    Sampler sampler(vocab, {});
    auto device = values::on_device(logits);
    REQUIRE(sampler.sample(device.data()) ==
            std::max_element(logits.begin(), logits.end()) - logits.begin());
    const int a = source.below(vocab), b = source.below(vocab);
    logits[a] = logits[b] = 99;
    gpu::upload(device, logits.data(), logits.size());
    REQUIRE(sampler.sample(device.data()) == std::min(a, b));
  }
}

TEST_CASE("draws follow the filtered distribution", "[decode]") {
  INFO_SEED();
  values::Source source(41);
  // Evenly spread, so that each filter by itself cuts something off, in a random order.
  std::vector<float> logits = source.normals(12);
  for (size_t i = 0; i < logits.size(); ++i) logits[i] = 0.3f * float(i) + 0.02f * logits[i];
  for (int i = 11; i > 0; --i) std::swap(logits[i], logits[source.below(i + 1)]);
  // z scores above 5 happen once in 3 million.
  for (const auto& [temperature, top_k, top_p] : {std::tuple(1.0f, 0, 1.0f),
                                                  {0.7f, 0, 1.0f},
                                                  {1.5f, 5, 1.0f},
                                                  {1.0f, 0, 0.8f},
                                                  {0.9f, 6, 0.7f}}) {
    CAPTURE(temperature, top_k, top_p);
    const SamplerOptions o = options(temperature, top_k, top_p, values::seed());
    const std::vector<int> counts = draw(logits, o, 20000);
    REQUIRE(z_of_counts(counts, distribution(logits, o)) < 5);
    // The test notices a wrong temperature and a filter that was left out.
    REQUIRE(z_of_counts(counts,
                        distribution(logits, options(temperature * 1.5f, top_k, top_p, 0))) > 5);
    if (top_k > 0) {
      REQUIRE(z_of_counts(counts, distribution(logits, options(temperature, 0, top_p, 0))) > 5);
    }
  }
}

TEST_CASE("top-k of one and a tiny top-p are greedy", "[decode]") {
  INFO_SEED();
  values::Source source(42);
  const std::vector<float> logits = source.normals(300);
  const auto largest = std::max_element(logits.begin(), logits.end()) - logits.begin();
  REQUIRE(draw(logits, options(2, 1, 1, 7), 50)[largest] == 50);
  REQUIRE(draw(logits, options(2, 0, 1e-6f, 7), 50)[largest] == 50);
}

TEST_CASE("a seed draws the same tokens again, another seed others", "[decode]") {
  const std::vector<float> logits(64, 0.0f);
  const auto device = values::on_device(logits);
  const auto tokens = [&](uint64_t seed) {
    Sampler sampler(64, options(1, 0, 1, seed));
    std::vector<int> drawn;
    for (int i = 0; i < 40; ++i) drawn.push_back(sampler.sample(device.data()));
    return drawn;
  };
  REQUIRE(tokens(5) == tokens(5));
  REQUIRE(tokens(5) != tokens(6));
}

TEST_CASE("infinitely unlikely tokens never come, and no number is an error", "[decode]") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> logits(40, -kInfinity);
  logits[3] = logits[17] = 1;
  const std::vector<int> counts = draw(logits, options(1, 0, 1, 3), 400);
  REQUIRE(counts[3] + counts[17] == 400);
  REQUIRE(counts[3] > 120);
  logits.assign(40, std::numeric_limits<float>::quiet_NaN());
  REQUIRE_THROWS_AS(draw(logits, options(0, 0, 1, 3), 1), decode::DecodeError);
}

TEST_CASE("sampling options out of range are refused by name", "[decode]") {
  using Catch::Matchers::ContainsSubstring;
  for (const float t : {-1.0f, 1e-40f, 5e-5f, 101.0f, std::nanf("")}) {
    REQUIRE_THROWS_WITH(Sampler(4, options(t, 0, 1, 0)), ContainsSubstring("--temperature"));
  }
  REQUIRE_NOTHROW(Sampler(4, options(1e-4f, 0, 1, 0)));
  REQUIRE_THROWS_WITH(Sampler(4, options(1, -1, 1, 0)), ContainsSubstring("--top-k"));
  REQUIRE_THROWS_WITH(Sampler(4, options(1, 0, 0, 0)), ContainsSubstring("--top-p"));
  REQUIRE_THROWS_WITH(Sampler(4, options(1, 0, 1.5f, 0)), ContainsSubstring("--top-p"));
}

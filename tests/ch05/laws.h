// Distributions of short texts: what they should be, and how far counts are from them.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "common/decode/sampler.h"  // SamplerOptions

namespace laws {

using Row = std::vector<double>;

// Probabilities after temperature, top-k and top-p, written the plain way.
inline Row filtered(const std::vector<float>& logits, const decode::SamplerOptions& o) {
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  if (o.top_k > 0 && size_t(o.top_k) < order.size()) order.resize(o.top_k);
  Row p(logits.size());
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

// Options that only sample.
inline decode::SamplerOptions plain(const decode::SamplerOptions& o) {
  decode::SamplerOptions all;
  all.temperature = o.temperature;
  return all;
}

// The index that `uniform` in [0, 1) draws.
inline int draw(const Row& p, double uniform) {
  double sum = 0;
  int last = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i] > 0) last = int(i);
    sum += p[i];
    if (sum > uniform) return int(i);
  }
  return last;
}

// How unlikely the counts of cells are under `p`, as a z score (the chi-square distribution by
// Wilson and Hilferty's approximation). Cells with fewer than 8 expected counts are taken together.
// A count in a cell of probability 0 is infinitely unlikely.
inline double z_score(const std::vector<int>& counts, const Row& p) {
  const double draws = std::accumulate(counts.begin(), counts.end(), 0.0);
  double chi_square = 0, rest = 0, rest_expected = 0;
  int cells = 0;
  const auto add = [&](double count, double expected) {
    chi_square += (count - expected) * (count - expected) / expected;
    ++cells;
  };
  for (size_t i = 0; i < p.size(); ++i) {
    const double expected = draws * p[i];
    if (p[i] == 0) {
      if (counts[i] > 0) return 1e9;
    } else if (expected < 8) {
      rest += counts[i], rest_expected += expected;
    } else {
      add(counts[i], expected);
    }
  }
  if (rest_expected >= 8) add(rest, rest_expected);
  const double n = cells - 1;
  if (n < 1) return 0;
  return (std::cbrt(chi_square / n) - (1 - 2 / (9 * n))) / std::sqrt(2 / (9 * n));
}

// The seeds are fixed, so a test draws the same numbers on every run and its verdict never changes.
// A right sampler has z > kRight once in 30,000 choices of a seed; wrong ones must be above kWrong,
// which a right one never is (once in 10^15).
constexpr double kRight = 4;
constexpr double kWrong = 8;

}  // namespace laws

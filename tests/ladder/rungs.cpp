// Rungs by name, and the promises that they make.
#include "tests/ladder/rungs.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "common/decode/comparison.h"  // kTieBound

namespace rungs {
namespace {

int largest(const float* row, int vocab_size) {
  return static_cast<int>(std::max_element(row, row + vocab_size) - row);
}

double distance(const float* a, const float* b, int vocab_size) {
  double difference = 0, size = 0;
  for (int i = 0; i < vocab_size; ++i) {
    difference += std::pow(double(a[i]) - double(b[i]), 2);
    size += std::pow(double(b[i]), 2);
  }
  return std::sqrt(difference / size);
}

ModelShape shape(int head_dim, int n_heads, int n_kv_heads, bool tied, bool bias, bool freqs) {
  ModelShape s;
  s.head_dim = head_dim, s.n_heads = n_heads, s.n_kv_heads = n_kv_heads;
  s.tied = tied, s.qkv_bias = bias, s.rope_freqs = freqs;
  s.dim = 64, s.hidden_dim = 96, s.max_seq_len = 544;
  return s;
}

}  // namespace

std::string key(const decode::Chapter& chapter) { return chapter.id + ":" + chapter.variant; }

const decode::Chapter& rung(const std::string& wanted) {
  for (const decode::Chapter& chapter : decode::chapters()) {
    if (key(chapter) == wanted) return chapter;
  }
  throw std::runtime_error("no rung is " + wanted);
}

std::vector<std::string> decoders() {
  std::vector<std::string> keys;
  for (const decode::Chapter& chapter : decode::chapters()) {
    if (chapter.make) keys.push_back(key(chapter));
  }
  return keys;
}

std::string same_bits(const Logits& got, const Logits& expected, int vocab_size) {
  if (got.size() != expected.size()) return "another number of rows";
  if (values::same_bits(got, expected)) return "";
  size_t at = 0;
  while (values::same_bits({got[at]}, {expected[at]})) ++at;
  return "row " + std::to_string(at / vocab_size) + ", token " + std::to_string(at % vocab_size) +
         ": " + std::to_string(got[at]) + " instead of " + std::to_string(expected[at]);
}

std::string equal_or_tie(const Logits& got, const Logits& expected, int vocab_size, double near) {
  if (got.size() != expected.size()) return "another number of rows";
  for (size_t row = 0; row * vocab_size < got.size(); ++row) {
    const float* a = got.data() + row * vocab_size;
    const float* b = expected.data() + row * vocab_size;
    const std::string where = "row " + std::to_string(row) + ": ";
    const double off = distance(a, b, vocab_size);
    if (!(off < near)) return where + "off by " + std::to_string(off);
    const double best = b[largest(b, vocab_size)];
    const double gap = best - double(b[largest(a, vocab_size)]);
    if (gap > decode::kTieBound * std::abs(best)) {
      return where + "another token, by " + std::to_string(gap);
    }
  }
  return "";
}

std::vector<Case> cases() {
  return {
      {shape(8, 4, 4, false, false, false), 512},   // groups of 1
      {shape(24, 4, 1, true, false, true), 127},    // of 4
      {shape(64, 3, 1, false, true, false), 33},    // of 3
      {shape(80, 8, 1, true, true, false), 32},     // of 8
      {shape(128, 2, 2, false, false, true), 31},   // of 1
      {shape(8, 12, 4, true, false, false), 1},     // of 3
      {shape(64, 8, 1, false, true, true), 127},    // of 8
      {shape(128, 4, 1, true, true, true), 32},     // of 4
      {shape(24, 8, 1, false, false, false), 512},  // of 8
      {shape(80, 6, 2, false, true, false), 1},     // of 3
  };
}

}  // namespace rungs

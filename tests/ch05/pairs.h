// Targets and drafts for the tests of chapter 05.
#pragma once

#include <string>
#include <vector>

#include "common/decode/random.h"    // Random
#include "common/model/tokenizer.h"  // Tokenizer

namespace pairs {

// Two models whose next token depends on the last one only: logits[last][next].
struct Bigrams {
  std::string name;
  std::vector<std::vector<float>> target, draft;
  int vocab_size() const { return static_cast<int>(target.size()); }
};

inline std::vector<std::vector<float>> random_bigrams(int vocab_size, uint64_t seed) {
  decode::Random random(seed);
  std::vector<std::vector<float>> rows(vocab_size, std::vector<float>(vocab_size));
  for (auto& row : rows) {
    // Twelve uniform numbers make a normal one, on every machine alike.
    for (float& logit : row) {
      double sum = -6;
      for (int i = 0; i < 12; ++i) sum += random.next();
      logit = static_cast<float>(1.5 * sum);
    }
  }
  return rows;
}

// The shipped target and draft, between eight tokens that the target finds likely, and the draft
// that is the target, and a random one.
Bigrams shipped_bigrams();
inline Bigrams same_bigrams() {
  return {"the target itself", random_bigrams(8, 1), random_bigrams(8, 1)};
}
inline Bigrams unlike_bigrams() {
  return {"a random draft", random_bigrams(8, 1), random_bigrams(8, 2)};
}

// 256 tokens, of which none ends a text.
model::Tokenizer endless_tokenizer();

}  // namespace pairs

// How well a decoder predicts a text, and how far it is from another decoder that should say the
// same: perplexity, Kullback-Leibler divergence, and how often both prefer the same token.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/decode/decoder.h"   // Decoder
#include "common/model/tokenizer.h"  // Tokenizer

namespace decode {

// Text that neither of the default models was trained on; common/models/README.md says what it is.
constexpr const char* kHeldOutText = "common/models/heldout.txt";

// Tokens of a window: as long as those that the default models were trained on.
constexpr int kQualityWindow = 256;

// Means over all positions where a token was predicted. Logarithms are natural, so losses and
// divergences are in nats a token.
struct Quality {
  int64_t positions = 0;
  double loss = 0;  // -log of the probability that was given to the token that came
  // KL(reference || this), the sum over the vocabulary of p (log p - log q), p being the
  // reference's probabilities: what is lost, a token, by taking q for p. Never below 0. 0 for the
  // reference itself.
  double divergence = 0;
  // The share of positions, from 0 to 1, where the most likely token is the reference's (of equal
  // logits the lowest id counts).
  double agreement = 1;

  // exp(loss): as uncertain as a fair choice among so many tokens (Jelinek et al., 1977).
  double perplexity() const;
};

// Lets every decoder read `tokens` in windows of `window` tokens, each from an empty sequence, and
// compares what it gives to each token but a window's first with the token that comes. (The last
// window may be shorter.) decoders[0] is the reference for all. Logits are asked for in pieces of
// as many rows as all decoders have room for, and all sums are made on the host in double
// precision. `progress` hears of the tokens that are done.
// Throws DecodeError when decoders differ in vocabulary, when a window has fewer than 2 tokens or
// one decoder has no room for it, when there are fewer than 2 tokens, or at a logit that is not a
// number. The decoders' sequences are empty at the end.
std::vector<Quality> measure_quality(const std::vector<Decoder*>& decoders,
                                     const std::vector<int>& tokens, int window = kQualityWindow,
                                     const std::function<void(size_t done)>& progress = {});

// The first `count` tokens (0: all) of a text file. Throws DecodeError when it cannot be read or
// has fewer than 2.
std::vector<int> read_tokens(const model::Tokenizer& tokenizer, const std::string& path, int count);

}  // namespace decode

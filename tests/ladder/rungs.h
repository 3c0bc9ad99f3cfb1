// What the tests across chapters share: rungs by name, their logits, and what is promised of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/decode/registry.h"     // Chapter, Decoder
#include "tests/decode/decoding.h"      // logits, make_all_rows
#include "tests/decode/random_model.h"  // ModelShape

namespace rungs {

using decode::Decoder;
using Logits = std::vector<float>;  // (rows, vocab_size)

// "02:host"; "00:" for a chapter with one variant.
std::string key(const decode::Chapter& chapter);
const decode::Chapter& rung(const std::string& key);

// All rungs that are decoders; of these, those that give the same bits as the rung before.
std::vector<std::string> decoders();

using decoding::logits;
using decoding::make_all_rows;

// Relative L2 of a row: a key or value near the border of two bf16 numbers may round the other way
// in another chapter, and layers above make more of it.
constexpr double kNear = 1e-3;

// The promises. Each returns "" when it holds, or what does not.
//   same_bits      every logit is equal to the last bit
//   equal_or_tie   every row is near, and its largest logit is the other's too, unless the two
//                  are so close that the program prints a tie
std::string same_bits(const Logits& got, const Logits& expected, int vocab_size);
std::string equal_or_tie(const Logits& got, const Logits& expected, int vocab_size,
                         double near = kNear);

// Small models that have, together, every head size, group size and prompt that the ladder
// promises. Rows and columns are multiples of 32, so that all chapters take them.
struct Case {
  ModelShape shape;
  int prompt = 1;
};
std::vector<Case> cases();

}  // namespace rungs

// Compares the tokens of a chapter with those of another.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "common/decode/decoder.h"  // Decoder

namespace decode {

// Logits of two chapters that sum in different orders lie this close: where tokens first differ and
// the two largest logits are no further apart, the difference is a tie and not an error.
constexpr double kTieBound = 1e-3;

// Null when both are equal, else {at, top_two_gap, tie}: where `tokens`, which `decoder` produced
// after `prompt`, first differ from `others`, and how close the choice was. Decodes the tokens
// before that anew, as Phase::kLoad.
nlohmann::ordered_json difference(Decoder& decoder, const std::vector<int>& prompt,
                                  const std::vector<int>& tokens, const std::vector<int>& others);

}  // namespace decode

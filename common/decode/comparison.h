// Compares the tokens of a chapter with those of another.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "common/decode/decoder.h"  // Decoder

namespace decode {

// Where tokens first differ and the two largest logits are no further apart than this part of the
// largest, the difference is a tie and not an error: chapters that sum in different orders have
// logits that lie so close. (Chapters 01 and 02 differ by up to 1.5e-3 of the largest on
// SmolLM2-135M, whose 30 layers magnify single roundings of K and V to bf16, and by less than 1e-6
// on austen-4m.)
constexpr double kTieBound = 2e-3;

// Null when both are equal, else {at, top_two_gap, tie}: where `tokens`, which `decoder` produced
// after `prompt`, first differ from `others`, and how close the choice was. Decodes the tokens
// before that anew, as Phase::kLoad.
nlohmann::ordered_json difference(Decoder& decoder, const std::vector<int>& prompt,
                                  const std::vector<int>& tokens, const std::vector<int>& others);

}  // namespace decode

// The loop around a decoder: prompt in, tokens out, one at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/decode/decoder.h"   // Decoder
#include "common/decode/sampler.h"   // Sampler
#include "common/model/tokenizer.h"  // Tokenizer

namespace decode {

enum class StopReason {
  kCount,    // as many tokens as asked for
  kEnd,      // the model ended the text
  kContext,  // no room for another token
};
std::string stop_text(StopReason reason, const Decoder& decoder);  // for a reader

struct Generated {
  std::vector<int> tokens;  // produced; the first by the prefill, each other one by a decode step
  std::string text;         // of those tokens
  StopReason stop = StopReason::kCount;
  double prefill_seconds = 0;  // wall clock: from the prompt to the first token
  double decode_seconds = 0;   // of all decode steps
  int decode_steps() const { return static_cast<int>(tokens.size()) - 1; }
};

// What became of a draft's proposals, in a generator that has a draft.
struct Judged {
  int token = 0;              // the first proposed one's number among the produced tokens, from 0
  std::vector<int> proposed;  // token ids, at least one
  int accepted = 0;           // the first of them, that stay
  int next = 0;               // the target's own token behind them
};

struct GenerateCallbacks {
  std::function<void(const std::string& text)> text;   // as soon as it is whole
  std::function<void(int produced, int of)> progress;  // after each token
  std::function<void()> prefill_done;                  // the first token is there
  std::function<void(const Judged&)> verdict;          // before the tokens that stay are given
};

// Continues `prompt` (not empty) by up to n (> 0) tokens. The decoder must be empty (length() ==
// 0). Work is marked as Phase::kPrefill, token 0, and Phase::kDecode, token i for the i-th new
// token. Throws DecodeError when the prompt leaves no room.
Generated generate(Decoder& decoder, Sampler& sampler, const model::Tokenizer& tokenizer,
                   const std::vector<int>& prompt, int n, const GenerateCallbacks& callbacks = {});

}  // namespace decode

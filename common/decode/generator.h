// The contract of a chapter that is more than one decoder with the plain loop around it: a draft
// and a target, for example.
#pragma once

#include <string>
#include <vector>

#include "common/decode/generate.h"  // Generated, GenerateCallbacks
#include "common/decode/sampler.h"   // SamplerOptions

namespace decode {

struct GeneratorOptions {
  SamplerOptions sampler;
  int draft_tokens = 4;  // proposed before each pass of the target (--draft-tokens), at least 1
};

// How the proposals of one generate() fared.
struct Speculation {
  int draft_tokens = 0;             // k
  int target_passes = 0;            // of the target after the prefill
  std::vector<long long> proposed;  // by position 0 .. k-1 in a proposal: how many stood there and
                                    // were looked at, that is all before them were accepted
  std::vector<long long> accepted;  // and how many of these were accepted
};

class Generator {
 public:
  virtual ~Generator() = default;

  // As decode::generate(): continues `prompt` (not empty) by up to n (> 0) tokens, calls back for
  // each token in turn, and throws DecodeError when the prompt leaves no room. It may be called
  // again, for another text. The first token comes from the prefill. Work is marked as
  // Phase::kPrefill (of both models), kDraft, kVerify and kDecode, with the number of tokens
  // produced so far. The tokens do not depend on n, except that there are no more than n: what a
  // last pass gives beyond n is dropped.
  virtual Generated generate(const model::Tokenizer& tokenizer, const std::vector<int>& prompt,
                             int n, const GenerateCallbacks& callbacks = {}) = 0;

  virtual Decoder& decoder() = 0;                      // the target's
  virtual const Speculation& speculation() const = 0;  // of the latest generate()
};

}  // namespace decode

// The contract that every chapter's decoder keeps.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "common/model/config.h"  // Config

namespace decode {

struct DecoderOptions {
  int max_seq_len = 0;     // tokens to make room for; 0 is the model's context, more is cut to it
  int max_logit_rows = 1;  // the most rows of logits that one forward() is asked for
  cudaStream_t stream = nullptr;
};

// A sequence of tokens and the model's view of it. All memory is allocated when it is made.
//
// Kernels are batch invariant: a row of logits is the same, bit for bit, whether its tokens came in
// one call or in many, and whatever rows were asked for beside it.
class Decoder {
 public:
  virtual ~Decoder() = default;

  // Appends n_tokens (> 0) tokens to the sequence and computes the logits that follow each of the
  // last n_logits of them (0 <= n_logits <= n_tokens, max_logit_rows). Returns them in VRAM:
  // (n_logits, vocab_size), fp32, in the order of options.stream, valid until the next forward().
  // `tokens` is host memory. Throws DecodeError, changing nothing, when a token is outside the
  // vocabulary or the sequence would grow beyond max_seq_len().
  virtual const float* forward(const int* tokens, int n_tokens, int n_logits) = 0;

  virtual int length() const = 0;          // tokens in the sequence
  virtual void truncate(int length) = 0;   // forgets all tokens from position `length` on
  virtual uint64_t kv_bytes() const = 0;   // bytes of K and V that are kept for length() tokens
  virtual int max_seq_len() const = 0;     // tokens that there is room for
  virtual int max_logit_rows() const = 0;  // as in the options
  virtual const model::Config& config() const = 0;
};

// min(the model's context, options.max_seq_len), or the context when that is 0.
int sequence_room(const model::Config& config, const DecoderOptions& options);

// What forward() and truncate() check first. Throw DecodeError.
void check_forward(const Decoder& decoder, const int* tokens, int n_tokens, int n_logits);
void check_truncate(const Decoder& decoder, int length);

}  // namespace decode

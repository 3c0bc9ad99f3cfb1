// The checks that every decoder makes.
#include "common/decode/decoder.h"

#include <algorithm>
#include <string>

#include "common/decode/error.h"  // DecodeError

namespace decode {

int sequence_room(const model::Config& config, const DecoderOptions& options) {
  if (options.max_seq_len <= 0) return config.max_seq_len;
  return std::min(config.max_seq_len, options.max_seq_len);
}

void check_forward(const Decoder& decoder, const int* tokens, int n_tokens, int n_logits) {
  if (n_tokens <= 0) throw DecodeError("forward: no tokens");
  if (n_tokens > decoder.max_seq_len() - decoder.length()) {
    throw DecodeError("forward: " + std::to_string(decoder.length()) + " + " +
                      std::to_string(n_tokens) + " tokens, room for " +
                      std::to_string(decoder.max_seq_len()));
  }
  if (n_logits < 0 || n_logits > n_tokens || n_logits > decoder.max_logit_rows()) {
    throw DecodeError("forward: " + std::to_string(n_logits) + " rows of logits of " +
                      std::to_string(n_tokens) + " tokens, room for " +
                      std::to_string(decoder.max_logit_rows()));
  }
  for (int i = 0; i < n_tokens; ++i) {
    if (tokens[i] < 0 || tokens[i] >= decoder.config().vocab_size) {
      throw DecodeError("forward: token " + std::to_string(tokens[i]) +
                        " is outside the vocabulary of " +
                        std::to_string(decoder.config().vocab_size));
    }
  }
}

void check_truncate(const Decoder& decoder, int length) {
  if (length < 0 || length > decoder.length()) {
    throw DecodeError("truncate: to " + std::to_string(length) + " tokens of " +
                      std::to_string(decoder.length()));
  }
}

}  // namespace decode

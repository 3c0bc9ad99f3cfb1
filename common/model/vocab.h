// The vocabulary of a GGUF file, checked: token texts, types, scores and the named tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/gguf.h"

namespace model {

// Values of tokenizer.ggml.token_type.
enum class TokenType : int32_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,      // "<s>": never matched in plain text
  kUserDefined = 4,  // matched in plain text before anything else
  kUnused = 5,
  kByte = 6,  // "<0x0A>", of llama vocabularies
};

struct Vocab {
  std::string kind;  // "llama" or "gpt2"
  std::vector<std::string> tokens;
  std::vector<TokenType> types;  // one a token
  std::vector<float> scores;     // one a token for "llama", else empty
  int bos_id = -1;               // -1: the file names none
  int eos_id = -1;
  int unk_id = -1;
  int eot_id = -1;

  int size() const { return static_cast<int>(tokens.size()); }
  // The token with this text, or -1. Of equal texts the lowest id is found.
  int find(std::string_view text) const;

  std::vector<int> order;  // ids sorted by text, then id: a search that no file can make slow
};

// Reads and checks the tokenizer.ggml.* keys. Throws ModelError.
Vocab load_vocab(const GgufFile& file);

// What first tells two vocabularies apart, for a reader ("token 7 is ' the' in one and ' of' in the
// other"); empty when each id means the same text in both. Models can draft for each other then.
std::string vocab_difference(const Vocab& one, const Vocab& other);

// Value of a byte token's text "<0x00>" to "<0xFF>", or -1.
int byte_token_value(const std::string& text);

}  // namespace model

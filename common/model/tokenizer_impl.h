// What each kind of tokenizer implements; tokenizer.cpp does what they share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/model/vocab.h"

namespace model {

class TokenizerImpl {
 public:
  explicit TokenizerImpl(Vocab vocab) : vocab(std::move(vocab)) {}
  virtual ~TokenizerImpl() = default;

  // Appends the ids of plain text; nothing in it is a control token. `first`: no plain text has
  // come before.
  virtual void encode(std::string_view text, bool first, std::vector<int>& ids) const = 0;

  // The bytes of a token that is neither control nor unknown.
  virtual std::string text_of(int id) const = 0;

  Vocab vocab;
  std::string pre;                // pre-tokenizer of a gpt2 vocabulary
  bool add_bos = false;           // put BOS before a prompt
  bool add_space_prefix = false;  // a text begins with an added space
};

std::unique_ptr<TokenizerImpl> make_llama_tokenizer(const GgufFile& file, Vocab vocab);
std::unique_ptr<TokenizerImpl> make_gpt2_tokenizer(const GgufFile& file, Vocab vocab);

}  // namespace model

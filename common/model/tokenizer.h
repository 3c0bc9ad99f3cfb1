// Text to token ids and back, from the vocabulary in a GGUF file.
//
// Two kinds, named by tokenizer.ggml.model: "llama" (SentencePiece BPE with byte fallback) and
// "gpt2" (byte-level BPE after a pre-tokenizer: gpt-2, llama-bpe, smollm or qwen2).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/model/gguf.h"  // GgufFile

namespace model {

class TokenizerImpl;

// A run of text. Special runs must be the exact text of a control token ("<|im_end|>").
struct TextPart {
  std::string text;
  bool special = false;
};

class Tokenizer {
 public:
  // Throws ModelError when the vocabulary is not sound or not supported.
  static Tokenizer load(const GgufFile& file);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  // Token ids of any bytes. Text such as "</s>" is only text, unless parse_special is set.
  // Adds neither BOS nor EOS. Invalid UTF-8 becomes byte tokens.
  std::vector<int> encode(const std::string& text, bool parse_special = false) const;
  // The same for text with marked special runs: a stranger's text cannot forge a special token.
  std::vector<int> encode(const std::vector<TextPart>& parts) const;
  // encode(), after BOS when the file asks for it and the text does not begin with it.
  std::vector<int> encode_prompt(const std::string& text, bool parse_special = false) const;

  // Text of the ids. Control tokens are left out unless show_special is set.
  std::string decode(const std::vector<int>& ids, bool show_special = false) const;

  // Bytes that one token stands for in running text: " the", one byte of a byte token, "" for a
  // control token unless show_special is set. Throws ModelError when id is outside the vocabulary.
  std::string token_text(int id, bool show_special = false) const;

  int vocab_size() const;
  int bos_id() const;  // -1 when the file names none; likewise eos_id
  int eos_id() const;
  bool is_end(int id) const;      // ends a text or a chat turn: EOS, <|im_end|>, <|eot_id|>, ...
  bool is_special(int id) const;  // a control token
  bool add_bos() const;           // the file asks for BOS before a prompt
  int find_special(const std::string& text) const;  // id of that control token, or -1
  const std::string& kind() const;                  // "llama" or "gpt2"
  const std::string& pre() const;                   // pre-tokenizer of a gpt2 vocabulary

 private:
  friend class StreamDecoder;
  explicit Tokenizer(std::unique_ptr<TokenizerImpl> impl);
  std::unique_ptr<TokenizerImpl> impl_;
};

// Turns ids into text as they come, and never gives half a code point.
class StreamDecoder {
 public:
  // text_start: the first id begins a text, so that the space which a llama vocabulary puts there
  // is dropped. Pass false when the ids go on from a prompt. The tokenizer must outlive this.
  explicit StreamDecoder(const Tokenizer& tokenizer, bool text_start = true,
                         bool show_special = false);
  // The text that is complete now, possibly empty. Bytes that can never become valid UTF-8 are
  // given as they are.
  std::string feed(int id);
  std::string finish();  // the bytes still held back, if any

 private:
  const Tokenizer* tokenizer_;
  bool at_start_;
  bool show_special_;
  std::string held_;
};

}  // namespace model

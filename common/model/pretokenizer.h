// Cuts text into words before byte-level BPE, with the regular expressions of known models.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace model {

class PreTokenizer {
 public:
  // Names: "gpt-2", "llama-bpe", "smollm", "qwen2".
  static bool known(const std::string& name);
  explicit PreTokenizer(const std::string& name);
  ~PreTokenizer();

  bool composes() const { return composes_; }  // text is brought to NFC first
  // The words of valid UTF-8: consecutive ranges that cover it. Throws ModelError when the regular
  // expression gives up (its limits grow with the text, so this is not expected).
  std::vector<std::string_view> split(std::string_view text) const;

 private:
  struct Regex;

  bool composes_ = false;
  bool single_digits_ = false;  // each number character is a word, before the regex sees the rest
  std::unique_ptr<Regex> words_;
  std::unique_ptr<Regex> digits_;
};

}  // namespace model

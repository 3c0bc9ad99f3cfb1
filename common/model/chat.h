// Chat formats, by name: how messages are laid out for an instruction-tuned model.
#pragma once

#include <string>
#include <vector>

#include "common/model/tokenizer.h"  // TextPart, Tokenizer

namespace model {

struct ChatMessage {
  std::string role;  // "system", "user" or "assistant"
  std::string content;
};

// "smollm2" (ChatML; a default system message is added when none is given) and "llama3".
const std::vector<std::string>& chat_format_names();

// The conversation as text, ending where the assistant is to answer. Throws ModelError for an
// unknown format or role, or no messages.
std::vector<TextPart> format_chat(const std::string& format,
                                  const std::vector<ChatMessage>& messages);

// format_chat() and encode. Throws ModelError when the vocabulary lacks the format's tokens.
std::vector<int> encode_chat(const Tokenizer& tokenizer, const std::string& format,
                             const std::vector<ChatMessage>& messages);

// The format whose tokens this vocabulary has, or "" when it has none.
std::string guess_chat_format(const Tokenizer& tokenizer);

}  // namespace model

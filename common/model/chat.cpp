// The chat formats. Roles and contents are plain text; only the format's own marks are special
// tokens, so what a user types cannot end a turn.
//
// smollm2: ChatML with the default system message of SmolLM2-Instruct's chat template.
// llama3: Meta's Llama 3 instruct format.
#include "common/model/chat.h"

namespace model {

namespace {

constexpr char kSmolLm2System[] =
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

void add_chatml(std::vector<TextPart>& parts, const std::string& role, const std::string& content) {
  parts.push_back({"<|im_start|>", true});
  parts.push_back({role + "\n" + content, false});
  parts.push_back({"<|im_end|>", true});
  parts.push_back({"\n", false});
}

std::vector<TextPart> format_smollm2(const std::vector<ChatMessage>& messages) {
  std::vector<TextPart> parts;
  if (messages[0].role != "system") add_chatml(parts, "system", kSmolLm2System);
  for (const ChatMessage& message : messages) add_chatml(parts, message.role, message.content);
  parts.push_back({"<|im_start|>", true});
  parts.push_back({"assistant\n", false});
  return parts;
}

// White space at both ends of a message is dropped, as Llama 3's template does.
std::string trimmed(const std::string& text) {
  const char* const kWhite = " \t\n\v\f\r";
  size_t begin = text.find_first_not_of(kWhite);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

void add_llama3_header(std::vector<TextPart>& parts, const std::string& role) {
  parts.push_back({"<|start_header_id|>", true});
  parts.push_back({role, false});
  parts.push_back({"<|end_header_id|>", true});
  parts.push_back({"\n\n", false});
}

std::vector<TextPart> format_llama3(const std::vector<ChatMessage>& messages) {
  std::vector<TextPart> parts = {{"<|begin_of_text|>", true}};
  for (const ChatMessage& message : messages) {
    add_llama3_header(parts, message.role);
    parts.push_back({trimmed(message.content), false});
    parts.push_back({"<|eot_id|>", true});
  }
  add_llama3_header(parts, "assistant");
  return parts;
}

void check_messages(const std::vector<ChatMessage>& messages) {
  if (messages.empty()) throw ModelError("chat: found no messages, expected at least one");
  for (const ChatMessage& message : messages) {
    if (message.role != "system" && message.role != "user" && message.role != "assistant") {
      throw ModelError("chat role: found " + quoted(message.role) +
                       ", expected system, user or assistant");
    }
  }
}

}  // namespace

const std::vector<std::string>& chat_format_names() {
  static const std::vector<std::string> kNames = {"smollm2", "llama3"};
  return kNames;
}

std::vector<TextPart> format_chat(const std::string& format,
                                  const std::vector<ChatMessage>& messages) {
  check_messages(messages);
  if (format == "smollm2") return format_smollm2(messages);
  if (format == "llama3") return format_llama3(messages);
  throw ModelError("chat format: found " + quoted(format) + ", expected smollm2 or llama3");
}

std::vector<int> encode_chat(const Tokenizer& tokenizer, const std::string& format,
                             const std::vector<ChatMessage>& messages) {
  return tokenizer.encode(format_chat(format, messages));
}

std::string guess_chat_format(const Tokenizer& tokenizer) {
  auto has = [&](const char* token) { return tokenizer.find_special(token) >= 0; };
  if (has("<|start_header_id|>") && has("<|end_header_id|>") && has("<|eot_id|>")) return "llama3";
  if (has("<|im_start|>") && has("<|im_end|>")) return "smollm2";
  return "";
}

}  // namespace model

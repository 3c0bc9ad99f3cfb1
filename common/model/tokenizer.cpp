// What both kinds of tokenizer share: special tokens, BOS, decoding, streaming.
#include "common/model/tokenizer.h"

#include <utility>

#include "common/model/token_matcher.h"
#include "common/model/tokenizer_impl.h"
#include "common/model/utf8.h"

namespace model {

namespace {

constexpr size_t kMaxText = 1u << 30;  // byte offsets within a text are kept in 32 bits

// Tokens that chat models end a turn or a text with, beside the EOS that the file names.
const char* const kEndTokens[] = {"<|im_end|>",      "<|eot_id|>",    "<|eom_id|>",
                                  "<|end_of_text|>", "<|endoftext|>", "</s>"};

bool is_control(const Vocab& vocab, int id) {
  return vocab.types[static_cast<size_t>(id)] == TokenType::kControl;
}

bool is_unknown(const Vocab& vocab, int id) {
  return vocab.types[static_cast<size_t>(id)] == TokenType::kUnknown;
}

const std::string& token_of(const Vocab& vocab, int id) {
  if (id < 0 || id >= vocab.size()) {
    throw ModelError("token id: found " + std::to_string(id) + ", expected 0 to " +
                     std::to_string(vocab.size() - 1));
  }
  return vocab.tokens[static_cast<size_t>(id)];
}

// Cuts text at the control tokens in it.
std::vector<TextPart> cut_specials(const Vocab& vocab, const std::string& text) {
  TokenMatcher matcher;
  for (int id = 0; id < vocab.size(); ++id) {
    if (is_control(vocab, id) || is_unknown(vocab, id)) {
      matcher.add(vocab.tokens[static_cast<size_t>(id)], id);
    }
  }
  matcher.finish();
  std::vector<TextPart> parts;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    size_t length = matcher.longest(text, at).second;
    if (length == 0) {
      ++at;
      continue;
    }
    if (at > begin) parts.push_back({text.substr(begin, at - begin), false});
    parts.push_back({text.substr(at, length), true});
    at += length;
    begin = at;
  }
  if (begin < text.size()) parts.push_back({text.substr(begin), false});
  return parts;
}

}  // namespace

Tokenizer::Tokenizer(std::unique_ptr<TokenizerImpl> impl) : impl_(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

Tokenizer Tokenizer::load(const GgufFile& file) {
  Vocab vocab = load_vocab(file);
  bool llama = vocab.kind == "llama";
  auto impl = llama ? make_llama_tokenizer(file, std::move(vocab))
                    : make_gpt2_tokenizer(file, std::move(vocab));
  impl->add_bos = impl->add_bos && impl->vocab.bos_id >= 0;
  return Tokenizer(std::move(impl));
}

std::vector<int> Tokenizer::encode(const std::string& text, bool parse_special) const {
  if (parse_special) return encode(cut_specials(impl_->vocab, text));
  return encode(std::vector<TextPart>{{text, false}});
}

std::vector<int> Tokenizer::encode(const std::vector<TextPart>& parts) const {
  std::vector<int> ids;
  std::string plain;  // neighbouring plain parts are one text: words may cross their border
  bool first = true;
  auto flush = [&] {
    if (plain.size() > kMaxText) {
      throw ModelError("text: found " + std::to_string(plain.size()) + " bytes, expected at most " +
                       std::to_string(kMaxText));
    }
    if (plain.empty()) return;
    impl_->encode(plain, first, ids);
    first = false;
    plain.clear();
  };
  for (const TextPart& part : parts) {
    if (!part.special) {
      plain += part.text;
      continue;
    }
    flush();
    int id = find_special(part.text);
    if (id < 0) {
      throw ModelError("special token: found " + quoted(part.text) +
                       ", expected a control token of the vocabulary");
    }
    ids.push_back(id);
  }
  flush();
  return ids;
}

std::vector<int> Tokenizer::encode_prompt(const std::string& text, bool parse_special) const {
  std::vector<int> ids = encode(text, parse_special);
  int bos = bos_id();
  if (add_bos() && (ids.empty() || ids[0] != bos)) ids.insert(ids.begin(), bos);
  return ids;
}

std::string Tokenizer::decode(const std::vector<int>& ids, bool show_special) const {
  StreamDecoder decoder(*this, true, show_special);
  std::string text;
  for (int id : ids) text += decoder.feed(id);
  return text + decoder.finish();
}

std::string Tokenizer::token_text(int id, bool show_special) const {
  const std::string& token = token_of(impl_->vocab, id);
  if (is_control(impl_->vocab, id)) return show_special ? token : "";
  if (is_unknown(impl_->vocab, id)) return show_special ? token : " \xe2\x81\x87 ";  // U+2047
  return impl_->text_of(id);
}

int Tokenizer::vocab_size() const { return impl_->vocab.size(); }
int Tokenizer::bos_id() const { return impl_->vocab.bos_id; }
int Tokenizer::eos_id() const { return impl_->vocab.eos_id; }
bool Tokenizer::add_bos() const { return impl_->add_bos; }
const std::string& Tokenizer::kind() const { return impl_->vocab.kind; }
const std::string& Tokenizer::pre() const { return impl_->pre; }

bool Tokenizer::is_special(int id) const {
  token_of(impl_->vocab, id);
  return is_control(impl_->vocab, id);
}

bool Tokenizer::is_end(int id) const {
  const std::string& token = token_of(impl_->vocab, id);
  if (id == impl_->vocab.eos_id || id == impl_->vocab.eot_id) return true;
  if (!is_control(impl_->vocab, id)) return false;
  for (const char* end : kEndTokens) {
    if (token == end) return true;
  }
  return false;
}

int Tokenizer::find_special(const std::string& text) const {
  int id = impl_->vocab.find(text);
  return id >= 0 && (is_control(impl_->vocab, id) || is_unknown(impl_->vocab, id)) ? id : -1;
}

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool text_start, bool show_special)
    : tokenizer_(&tokenizer), at_start_(text_start), show_special_(show_special) {}

std::string StreamDecoder::feed(int id) {
  std::string text = tokenizer_->token_text(id, show_special_);
  const TokenizerImpl& impl = *tokenizer_->impl_;
  TokenType type = impl.vocab.types[static_cast<size_t>(id)];
  if (type != TokenType::kControl) {
    // Take back the space that encoding put before the text. A byte token was not put there.
    bool added = at_start_ && impl.add_space_prefix && type != TokenType::kByte && !text.empty() &&
                 text[0] == ' ';
    if (added) text.erase(0, 1);
    at_start_ = false;
  }
  held_ += text;
  size_t complete = held_.size() - utf8_unfinished(held_);
  std::string out = held_.substr(0, complete);
  held_.erase(0, complete);
  return out;
}

std::string StreamDecoder::finish() { return std::exchange(held_, std::string()); }

}  // namespace model

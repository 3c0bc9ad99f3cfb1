// Reading a vocabulary from untrusted metadata.
#include "common/model/vocab.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace model {

namespace {

constexpr char kTokens[] = "tokenizer.ggml.tokens";
constexpr char kTypes[] = "tokenizer.ggml.token_type";
constexpr char kScores[] = "tokenizer.ggml.scores";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void check_length(const GgufFile& file, const char* key, size_t length, size_t tokens) {
  if (length != tokens) {
    throw file.error(key, std::to_string(length) + " elements",
                     std::to_string(tokens) + ", as tokenizer.ggml.tokens has");
  }
}

void read_types(const GgufFile& file, Vocab& vocab) {
  std::vector<int32_t> types = file.get_ints(kTypes);
  check_length(file, kTypes, types.size(), vocab.tokens.size());
  for (size_t i = 0; i < types.size(); ++i) {
    std::string field = std::string(kTypes) + "[" + std::to_string(i) + "]";
    if (types[i] < 1 || types[i] > 6) throw file.error(field, std::to_string(types[i]), "1 to 6");
    TokenType type = static_cast<TokenType>(types[i]);
    if (type == TokenType::kByte && byte_token_value(vocab.tokens[i]) < 0) {
      throw file.error(std::string(kTokens) + "[" + std::to_string(i) + "]",
                       quoted(vocab.tokens[i]), "a byte token, <0x00> to <0xFF>");
    }
    vocab.types.push_back(type);
  }
}

void read_scores(const GgufFile& file, Vocab& vocab) {
  vocab.scores = file.get_floats(kScores);
  check_length(file, kScores, vocab.scores.size(), vocab.tokens.size());
  for (size_t i = 0; i < vocab.scores.size(); ++i) {
    if (!std::isfinite(vocab.scores[i])) {
      throw file.error(std::string(kScores) + "[" + std::to_string(i) + "]",
                       std::to_string(vocab.scores[i]), "a finite number");
    }
  }
}

int named_token(const GgufFile& file, const char* key, const Vocab& vocab) {
  if (!file.has(key)) return -1;
  uint64_t id = file.get_uint(key);
  if (id >= vocab.tokens.size()) {
    throw file.error(key, std::to_string(id), "an id below " + std::to_string(vocab.tokens.size()));
  }
  return static_cast<int>(id);
}

}  // namespace

int byte_token_value(const std::string& text) {
  if (text.size() != 6 || text.compare(0, 3, "<0x") != 0 || text[5] != '>') return -1;
  int high = hex_digit(text[3]);
  int low = hex_digit(text[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

int Vocab::find(std::string_view text) const {
  auto before = [this](int id, std::string_view wanted) {
    return std::string_view(tokens[static_cast<size_t>(id)]) < wanted;
  };
  auto at = std::lower_bound(order.begin(), order.end(), text, before);
  return at != order.end() && tokens[static_cast<size_t>(*at)] == text ? *at : -1;
}

Vocab load_vocab(const GgufFile& file) {
  Vocab vocab;
  vocab.kind = file.get_string("tokenizer.ggml.model");
  if (vocab.kind != "llama" && vocab.kind != "gpt2") {
    throw file.error("tokenizer.ggml.model", quoted(vocab.kind), "\"llama\" or \"gpt2\"");
  }
  vocab.tokens = file.get_strings(kTokens);
  if (vocab.tokens.empty() || vocab.tokens.size() > (1u << 24)) {
    throw file.error(kTokens, std::to_string(vocab.tokens.size()) + " tokens", "1 to 2^24");
  }
  vocab.order.resize(vocab.tokens.size());
  std::iota(vocab.order.begin(), vocab.order.end(), 0);
  std::stable_sort(vocab.order.begin(), vocab.order.end(), [&](int a, int b) {
    return vocab.tokens[static_cast<size_t>(a)] < vocab.tokens[static_cast<size_t>(b)];
  });
  read_types(file, vocab);
  if (vocab.kind == "llama") read_scores(file, vocab);
  vocab.bos_id = named_token(file, "tokenizer.ggml.bos_token_id", vocab);
  vocab.eos_id = named_token(file, "tokenizer.ggml.eos_token_id", vocab);
  vocab.unk_id = named_token(file, "tokenizer.ggml.unknown_token_id", vocab);
  vocab.eot_id = named_token(file, "tokenizer.ggml.eot_token_id", vocab);
  named_token(file, "tokenizer.ggml.padding_token_id", vocab);
  return vocab;
}

std::string vocab_difference(const Vocab& one, const Vocab& other) {
  if (one.kind != other.kind) {
    return "its kind is " + quoted(one.kind) + " in one and " + quoted(other.kind) +
           " in the other";
  }
  const size_t common = std::min(one.tokens.size(), other.tokens.size());
  for (size_t id = 0; id < common; ++id) {
    if (one.tokens[id] == other.tokens[id]) continue;
    return "token " + std::to_string(id) + " is " + quoted(one.tokens[id]) + " in one and " +
           quoted(other.tokens[id]) + " in the other";
  }
  if (one.tokens.size() == other.tokens.size()) return "";
  return "one has " + std::to_string(one.tokens.size()) + " tokens and the other " +
         std::to_string(other.tokens.size());
}

}  // namespace model

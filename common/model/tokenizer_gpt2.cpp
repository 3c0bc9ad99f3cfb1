// Byte-level BPE ("gpt2" vocabularies).
//
// Each byte is written as one printable character (GPT-2's alphabet), the pre-tokenizer cuts the
// text into words, and within a word neighbours are merged by the rank of their pair. A byte
// that the vocabulary lacks is left out, as Hugging Face's tokenizers do.
// Source: Radford et al. 2019 (GPT-2) and its published encoder.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "common/model/bpe_merge.h"
#include "common/model/pretokenizer.h"
#include "common/model/token_matcher.h"
#include "common/model/tokenizer_impl.h"
#include "common/model/utf8.h"

namespace model {

namespace {

// The alphabet: printable Latin-1 stands for itself, the 68 other bytes take U+0100 and up.
std::array<int, 256> byte_alphabet() {
  std::array<int, 256> code_points;
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    bool printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte != 0xad);
    code_points[static_cast<size_t>(byte)] = printable ? byte : next++;
  }
  return code_points;
}

std::string alphabet_char(int code_point) {
  if (code_point < 0x80) return std::string(1, static_cast<char>(code_point));
  return {static_cast<char>(0xc0 | (code_point >> 6)),
          static_cast<char>(0x80 | (code_point & 0x3f))};
}

struct RankedMerge {
  uint64_t pair;  // left id in the upper half, right id in the lower
  int rank;
  int id;
};

uint64_t pair_of(int left, int right) {
  return static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right);
}

class Gpt2Tokenizer final : public TokenizerImpl {
 public:
  Gpt2Tokenizer(const GgufFile& file, Vocab loaded, const std::string& pre_name)
      : TokenizerImpl(std::move(loaded)), pretokenizer_(pre_name) {
    pre = pre_name;
    whole_words_ = pre_name == "llama-bpe";
    add_bos = file.get_bool("tokenizer.ggml.add_bos_token", pre_name == "llama-bpe");
    add_space_prefix = file.get_bool("tokenizer.ggml.add_space_prefix", false);
    for (size_t byte = 0; byte < 256; ++byte) {
      std::string character = alphabet_char(alphabet_[byte]);
      byte_ids_[byte] = vocab.find(character);
      byte_of_[character] = static_cast<char>(byte);
    }
    for (int id = 0; id < vocab.size(); ++id) {
      if (vocab.types[static_cast<size_t>(id)] == TokenType::kUserDefined) {
        user_defined_.add(vocab.tokens[static_cast<size_t>(id)], id);
      }
    }
    user_defined_.finish();
    read_merges(file);
  }

  void encode(std::string_view text, bool first, std::vector<int>& ids) const override {
    std::string prefixed;
    if (first && add_space_prefix && !text.empty()) {
      prefixed.append(1, ' ').append(text);
      text = prefixed;
    }
    size_t begin = 0;  // of the text that no user-defined token covers
    for (size_t at = 0; at < text.size();) {
      auto [id, length] = user_defined_.longest(text, at);
      if (id < 0) {
        ++at;
        continue;
      }
      encode_plain(text.substr(begin, at - begin), ids);
      ids.push_back(id);
      at += length;
      begin = at;
    }
    encode_plain(text.substr(begin), ids);
  }

  std::string text_of(int id) const override {
    const std::string& token = vocab.tokens[static_cast<size_t>(id)];
    if (vocab.types[static_cast<size_t>(id)] == TokenType::kUserDefined) return token;
    std::string text;
    for (size_t at = 0; at < token.size();) {
      size_t length = std::max<size_t>(utf8_length(token, at), 1);
      auto found = byte_of_.find(token.substr(at, length));
      if (found == byte_of_.end()) return token;  // not in the byte alphabet: text as it is
      text += found->second;
      at += length;
    }
    return text;
  }

 private:
  void read_merges(const GgufFile& file) {
    const std::vector<std::string>& lines = file.get_strings("tokenizer.ggml.merges");
    merges_.reserve(lines.size());
    for (size_t rank = 0; rank < lines.size(); ++rank) {
      std::string field = "tokenizer.ggml.merges[" + std::to_string(rank) + "]";
      const std::string& line = lines[rank];
      size_t space = line.find(' ', 1);
      if (space == std::string::npos || space + 1 == line.size()) {
        throw file.error(field, quoted(line), "two tokens with a space between them");
      }
      int left = find_token(file, field, line.substr(0, space));
      int right = find_token(file, field, line.substr(space + 1));
      int both = find_token(file, field, line.substr(0, space) + line.substr(space + 1));
      merges_.push_back({pair_of(left, right), static_cast<int>(rank), both});
    }
    std::sort(merges_.begin(), merges_.end(), [](const RankedMerge& a, const RankedMerge& b) {
      return a.pair != b.pair ? a.pair < b.pair : a.rank < b.rank;
    });
  }

  int find_token(const GgufFile& file, const std::string& field, const std::string& text) const {
    int id = vocab.find(text);
    if (id < 0) throw file.error(field, quoted(text), "a token of the vocabulary");
    return id;
  }

  // Valid characters go through the pre-tokenizer; an invalid byte is a word of its own.
  void encode_plain(std::string_view text, std::vector<int>& ids) const {
    for (size_t at = 0; at < text.size();) {
      size_t end = utf8_valid_end(text, at);
      if (end == at) {
        encode_word(text.substr(at, 1), ids);
        ++at;
        continue;
      }
      std::string_view run = text.substr(at, end - at);
      std::string composed = pretokenizer_.composes() ? nfc(run) : std::string();
      if (pretokenizer_.composes()) run = composed;
      for (std::string_view word : pretokenizer_.split(run)) encode_word(word, ids);
      at = end;
    }
  }

  void encode_word(std::string_view word, std::vector<int>& ids) const {
    if (whole_words_ && encode_whole(word, ids)) return;
    std::vector<Symbol> symbols;
    symbols.reserve(word.size());
    for (size_t i = 0; i < word.size(); ++i) {
      int id = byte_ids_[static_cast<unsigned char>(word[i])];
      if (id >= 0) symbols.push_back({id, false, static_cast<uint32_t>(i), 1});
    }
    merge_symbols(symbols, [this](const Symbol& left, const Symbol& right) {
      return find_merge(left, right);
    });
    for (const Symbol& symbol : symbols) {
      if (symbol.length > 0) ids.push_back(symbol.id);
    }
  }

  // Llama 3 takes a word that is a token as that token, whatever the merges would give.
  bool encode_whole(std::string_view word, std::vector<int>& ids) const {
    std::string token;
    for (char c : word) token += alphabet_char(alphabet_[static_cast<unsigned char>(c)]);
    int id = vocab.find(token);
    if (id < 0 || vocab.types[static_cast<size_t>(id)] != TokenType::kNormal) return false;
    ids.push_back(id);
    return true;
  }

  Merge find_merge(const Symbol& left, const Symbol& right) const {
    uint64_t pair = pair_of(left.id, right.id);
    auto before = [](const RankedMerge& merge, uint64_t wanted) { return merge.pair < wanted; };
    auto at = std::lower_bound(merges_.begin(), merges_.end(), pair, before);
    if (at == merges_.end() || at->pair != pair) return {};
    return {at->id, static_cast<double>(at->rank)};
  }

  PreTokenizer pretokenizer_;
  bool whole_words_ = false;
  std::array<int, 256> alphabet_ = byte_alphabet();  // code point of each byte
  std::array<int, 256> byte_ids_;                    // token of each byte, or -1
  std::map<std::string, char> byte_of_;              // the alphabet, backwards
  TokenMatcher user_defined_;
  std::vector<RankedMerge> merges_;  // sorted by pair
};

}  // namespace

std::unique_ptr<TokenizerImpl> make_gpt2_tokenizer(const GgufFile& file, Vocab vocab) {
  std::string pre = file.get_string("tokenizer.ggml.pre", "gpt-2");
  if (pre == "default") pre = "gpt-2";
  if (!PreTokenizer::known(pre)) {
    throw file.error("tokenizer.ggml.pre", quoted(pre), "gpt-2, llama-bpe, smollm or qwen2");
  }
  return std::make_unique<Gpt2Tokenizer>(file, std::move(vocab), pre);
}

}  // namespace model

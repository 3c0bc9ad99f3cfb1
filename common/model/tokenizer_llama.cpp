// SentencePiece BPE ("llama" vocabularies).
//
// Spaces are written as U+2581, characters are merged by descending score of the merged piece, and
// what is no piece in the end falls back to one token a byte. As in SentencePiece, user-defined
// pieces are cut out first and never merged, and control, unknown and byte pieces never come
// out of merging. Source: Kudo and Richardson 2018 (arXiv 1808.06226),
// github.com/google/sentencepiece.
#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "common/model/bpe_merge.h"
#include "common/model/token_matcher.h"
#include "common/model/tokenizer_impl.h"
#include "common/model/utf8.h"

namespace model {

namespace {

constexpr std::string_view kSpace = "\xe2\x96\x81";  // U+2581

class LlamaTokenizer final : public TokenizerImpl {
 public:
  LlamaTokenizer(const GgufFile& file, Vocab loaded) : TokenizerImpl(std::move(loaded)) {
    add_bos = file.get_bool("tokenizer.ggml.add_bos_token", true);
    add_space_prefix = file.get_bool("tokenizer.ggml.add_space_prefix", true);
    byte_ids_.fill(-1);
    for (int id = 0; id < vocab.size(); ++id) index_token(id);
    user_defined_.finish();
  }

  void encode(std::string_view text, bool first, std::vector<int>& ids) const override {
    if (text.empty()) return;
    std::string escaped(first && add_space_prefix ? kSpace : std::string_view());
    for (char c : text) {
      if (c == ' ') {
        escaped += kSpace;
      } else {
        escaped += c;
      }
    }
    std::vector<Symbol> symbols = split(escaped);
    Halves halves;
    merge_symbols(symbols, [&](const Symbol& left, const Symbol& right) {
      return find_merge(escaped, left, right, halves);
    });
    for (const Symbol& symbol : symbols) {
      if (symbol.length > 0) emit(escaped, symbol.id, symbol.start, symbol.length, halves, ids);
    }
  }

  std::string text_of(int id) const override {
    const std::string& token = vocab.tokens[static_cast<size_t>(id)];
    if (type(id) == TokenType::kByte) {
      return std::string(1, static_cast<char>(byte_token_value(token)));
    }
    std::string text;
    for (size_t at = 0; at < token.size();) {
      bool space = token.compare(at, kSpace.size(), kSpace) == 0;
      text += space ? ' ' : token[at];
      at += space ? kSpace.size() : 1;
    }
    return text;
  }

 private:
  // For a merged text that is an unused piece: the length of its left half.
  using Halves = std::map<std::string_view, uint32_t>;

  TokenType type(int id) const { return vocab.types[static_cast<size_t>(id)]; }

  void index_token(int id) {
    const std::string& token = vocab.tokens[static_cast<size_t>(id)];
    if (type(id) == TokenType::kByte) byte_ids_[byte_token_value(token)] = id;
    if (type(id) == TokenType::kUserDefined) user_defined_.add(token, id);
    if (type(id) == TokenType::kUnknown && vocab.unk_id < 0) vocab.unk_id = id;
    if (is_piece(id)) longest_piece_ = std::max(longest_piece_, token.size());
  }

  bool is_piece(int id) const {
    return type(id) == TokenType::kNormal || type(id) == TokenType::kUserDefined ||
           type(id) == TokenType::kUnused;
  }

  int find_piece(std::string_view text) const {
    if (text.size() > longest_piece_) return -1;
    int id = vocab.find(text);
    return id >= 0 && is_piece(id) ? id : -1;
  }

  std::vector<Symbol> split(std::string_view text) const {
    std::vector<Symbol> symbols;
    for (size_t at = 0; at < text.size();) {
      auto [id, length] = user_defined_.longest(text, at);
      bool frozen = id >= 0;
      if (!frozen) {
        length = utf8_length(text, at);
        frozen = length == 0;  // an invalid byte stands alone
        length = std::max<size_t>(length, 1);
        if (!frozen) id = find_piece(text.substr(at, length));
      }
      symbols.push_back({id, frozen, static_cast<uint32_t>(at), static_cast<uint32_t>(length)});
      at += length;
    }
    return symbols;
  }

  Merge find_merge(std::string_view text, const Symbol& left, const Symbol& right,
                   Halves& halves) const {
    std::string_view both = text.substr(left.start, left.length + right.length);
    int id = find_piece(both);
    if (id < 0) return {};
    if (type(id) == TokenType::kUnused) halves.emplace(both, left.length);
    return {id, -static_cast<double>(vocab.scores[static_cast<size_t>(id)])};
  }

  void emit(std::string_view text, int id, uint32_t start, uint32_t length, const Halves& halves,
            std::vector<int>& ids) const {
    if (id >= 0 && type(id) == TokenType::kUnused) {
      auto half = halves.find(text.substr(start, length));
      if (half != halves.end()) {  // an unused piece is taken apart again
        uint32_t left = half->second;
        emit(text, find_piece(text.substr(start, left)), start, left, halves, ids);
        emit(text, find_piece(text.substr(start + left, length - left)), start + left,
             length - left, halves, ids);
        return;
      }
    }
    if (id >= 0) {
      ids.push_back(id);
      return;
    }
    for (uint32_t i = start; i < start + length; ++i) {
      int byte_id = byte_ids_[static_cast<unsigned char>(text[i])];
      if (byte_id >= 0) {
        ids.push_back(byte_id);
      } else if (vocab.unk_id >= 0 && (ids.empty() || ids.back() != vocab.unk_id)) {
        ids.push_back(vocab.unk_id);  // one for a run of unknown characters
      }
    }
  }

  std::array<int, 256> byte_ids_;
  TokenMatcher user_defined_;
  size_t longest_piece_ = 0;
};

}  // namespace

std::unique_ptr<TokenizerImpl> make_llama_tokenizer(const GgufFile& file, Vocab vocab) {
  return std::make_unique<LlamaTokenizer>(file, std::move(vocab));
}

}  // namespace model

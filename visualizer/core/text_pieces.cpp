// Cuts bytes into what can be shown.
#include "visualizer/core/text_pieces.h"

#include <algorithm>

namespace viz {
namespace {

// Bytes of the UTF-8 character that `text` begins with; 0 when it is none. Overlong forms,
// surrogates and what lies above U+10FFFF are none.
size_t character_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first < 0xC2   ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90)) return 0;
  return length;
}

std::string hexadecimal(unsigned char byte) {
  const char* const digits = "0123456789ABCDEF";
  return {digits[byte >> 4], digits[byte & 15]};
}

TextPiece piece_of(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character == " ") return {TextPiece::kSpaces, " "};
  if (character == "\t") return {TextPiece::kTab, "\t"};
  if (character == "\n") return {TextPiece::kNewline, "\n"};
  if (first < 0x20 || first == 0x7F) return {TextPiece::kByte, hexadecimal(first)};
  return {TextPiece::kVisible, std::string(character)};
}

}  // namespace

std::vector<TextPiece> text_pieces(std::string_view bytes) {
  std::vector<TextPiece> pieces;
  while (!bytes.empty()) {
    const size_t length = character_length(bytes);
    TextPiece next =
        length == 0 ? TextPiece{TextPiece::kByte, hexadecimal(static_cast<unsigned char>(bytes[0]))}
                    : piece_of(bytes.substr(0, length));
    const bool joins = next.kind == TextPiece::kVisible || next.kind == TextPiece::kSpaces;
    if (joins && !pieces.empty() && pieces.back().kind == next.kind) {
      pieces.back().text += next.text;
    } else {
      pieces.push_back(std::move(next));
    }
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return pieces;
}

std::string one_line(std::string_view bytes) {
  std::string line;
  for (const TextPiece& piece : text_pieces(bytes)) {
    if (piece.kind == TextPiece::kByte) {
      line += "<" + piece.text + ">";
    } else if (piece.kind == TextPiece::kNewline) {
      line += "↵";
    } else {
      line += piece.kind == TextPiece::kTab ? " " : piece.text;
    }
  }
  const size_t begin = line.find_first_not_of(' '), end = line.find_last_not_of(' ');
  return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
}

std::vector<std::string> whole_bytes(const std::vector<std::string>& pieces,
                                     const std::string& prompt) {
  constexpr std::string_view kLost = "\uFFFD";
  std::vector<std::string> whole;
  size_t at = 0;  // in the prompt
  for (const std::string& piece : pieces) {
    std::string text;
    for (size_t i = 0; i < piece.size();) {
      const bool lost = piece.compare(i, kLost.size(), kLost) == 0;
      // Many tokenizers put a space before all.
      const bool added = whole.empty() && i == 0 && piece[0] == ' ' && prompt[0] != ' ';
      if (!added && (at == prompt.size() || (!lost && prompt[at] != piece[i]))) return pieces;
      text += added ? ' ' : prompt[at++];
      i += lost ? kLost.size() : 1;
    }
    whole.push_back(std::move(text));
  }
  return at == prompt.size() ? whole : pieces;
}

}  // namespace viz

// Text as it can be shown: what is visible, and marks for what is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace viz {

struct TextPiece {
  enum Kind {
    kVisible,  // valid UTF-8 without white space
    kSpaces,   // `text` is as many spaces
    kTab,
    kNewline,
    kByte,  // no character: a control byte or no UTF-8; `text` is its two hexadecimal digits
  } kind = kVisible;
  std::string text;

  bool operator==(const TextPiece&) const = default;
};

// The pieces of any bytes, in order. Nothing is lost: "\r" and the like come as kByte.
std::vector<TextPiece> text_pieces(std::string_view bytes);

// The same as one line of valid UTF-8 for a label: white space at both ends is cut off, a line
// break is "↵", a byte "<E4>".
std::string one_line(std::string_view bytes);

// The tokens of a prompt with the bytes that they had. An event's text cannot hold half a
// character: each of its bytes comes as U+FFFD, and the prompt says which bytes those were. Pieces
// that do not add up to the prompt (a chat's format is around it) come back as they are.
std::vector<std::string> whole_bytes(const std::vector<std::string>& pieces,
                                     const std::string& prompt);

}  // namespace viz

// One-line messages about a file's faults.
#include "common/model/error.h"

namespace model {

namespace {

constexpr size_t kMaxQuoted = 80;  // bytes of the file's own text that a message shows

void append_escaped(std::string& out, unsigned char c) {
  static const char kHex[] = "0123456789abcdef";
  out += "\\x";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

// A path is the user's own, so only what would break the line is escaped.
std::string one_line(const std::string& text) {
  std::string out;
  for (unsigned char c : text) {
    if (c < 0x20 || c == 0x7f) {
      append_escaped(out, c);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

}  // namespace

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == kMaxQuoted) {
      out += "\"... (" + std::to_string(text.size()) + " bytes)";
      return out;
    }
    unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c >= 0x7f) {
      append_escaped(out, c);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += static_cast<char>(c);
    }
  }
  return out + "\"";
}

ModelError bad_field(const std::string& file, const std::string& field, const std::string& found,
                     const std::string& expected) {
  return ModelError(one_line(file) + ": " + field + ": found " + found + ", expected " + expected);
}

}  // namespace model

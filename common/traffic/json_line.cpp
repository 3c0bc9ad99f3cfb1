// Escaping, numbers and brackets.
#include "common/traffic/json_line.h"

#include <charconv>
#include <cmath>

namespace traffic {
namespace {

// Length of the valid UTF-8 sequence at the start of `text`, or 0.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const size_t length = first < 0x80                    ? 1
                        : first >= 0xC2 && first < 0xE0 ? 2
                        : first >= 0xE0 && first < 0xF0 ? 3
                        : first >= 0xF0 && first < 0xF5 ? 4
                                                        : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies above U+10FFFF.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) >= 0xA0) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) >= 0x90) return 0;
  return length;
}

void append_ascii(std::string& out, char c) {
  static const char kHex[] = "0123456789abcdef";
  if (c == '"' || c == '\\') {
    out += {'\\', c};
  } else if (c == '\n') {
    out += "\\n";
  } else if (static_cast<unsigned char>(c) < 0x20) {
    out += "\\u00";
    out += {kHex[c >> 4 & 15], kHex[c & 15]};
  } else {
    out += c;
  }
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 1) {
      append_ascii(out, text[0]);
    } else if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  char buffer[40];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, result.ptr};
}

void JsonLine::comma() {
  if (text_.back() != '{' && text_.back() != '[') text_ += ',';
}

JsonLine& JsonLine::raw(const char* key, std::string_view value) {
  comma();
  text_ += '"';
  text_ += key;
  text_ += "\":";
  text_ += value;
  return *this;
}

JsonLine& JsonLine::open(const char* key, char bracket) {
  return raw(key, std::string_view(&bracket, 1));
}

JsonLine& JsonLine::open_element(char bracket) {
  comma();
  text_ += bracket;
  return *this;
}

JsonLine& JsonLine::element(uint64_t value) {
  comma();
  text_ += std::to_string(value);
  return *this;
}

JsonLine& JsonLine::element(std::string_view text) {
  comma();
  text_ += json_string(text);
  return *this;
}

JsonLine& JsonLine::close(char bracket) {
  text_ += bracket;
  return *this;
}

}  // namespace traffic

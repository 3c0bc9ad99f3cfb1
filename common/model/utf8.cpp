// UTF-8 boundaries by hand; character properties from utf8proc.
#include "common/model/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace model {

namespace {

unsigned char byte_at(std::string_view text, size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Bytes that a character with this first byte has; 0 when no character begins with it.
size_t length_from_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

// The second byte's range excludes overlong forms, surrogates and what is above U+10FFFF.
bool second_fits(unsigned char lead, unsigned char second) {
  unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

// True when the first `have` bytes at `at` can begin a character of that lead byte.
bool prefix_fits(std::string_view text, size_t at, size_t have) {
  if (have > 1 && !second_fits(byte_at(text, at), byte_at(text, at + 1))) return false;
  for (size_t i = 2; i < have; ++i) {
    if ((byte_at(text, at + i) & 0xc0) != 0x80) return false;
  }
  return true;
}

using CodePoints = std::vector<utf8proc_int32_t>;

int combining_class(utf8proc_int32_t code_point) {
  return utf8proc_get_property(code_point)->combining_class;
}

CodePoints decompose(std::string_view text) {
  CodePoints out;
  out.reserve(text.size());
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (size_t at = 0; at < text.size();) {
    utf8proc_int32_t code_point;
    at += static_cast<size_t>(
        utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point));
    utf8proc_int32_t parts[32];  // a canonical decomposition has at most 4
    utf8proc_ssize_t n =
        utf8proc_decompose_char(code_point, parts, 32, UTF8PROC_DECOMPOSE, nullptr);
    out.insert(out.end(), parts, parts + std::clamp<utf8proc_ssize_t>(n, 0, 32));
  }
  return out;
}

// Canonical order: within a run of combining marks, by class. utf8proc would sort by swapping
// neighbours, which is quadratic in the length of the run; this is not.
void order_marks(CodePoints& text) {
  for (size_t begin = 0; begin < text.size();) {
    if (combining_class(text[begin]) == 0) {
      ++begin;
      continue;
    }
    size_t end = begin;
    while (end < text.size() && combining_class(text[end]) != 0) ++end;
    std::stable_sort(text.begin() + static_cast<std::ptrdiff_t>(begin),
                     text.begin() + static_cast<std::ptrdiff_t>(end),
                     [](utf8proc_int32_t a, utf8proc_int32_t b) {
                       return combining_class(a) < combining_class(b);
                     });
    begin = end;
  }
}

}  // namespace

size_t utf8_length(std::string_view text, size_t at) {
  size_t length = length_from_lead(byte_at(text, at));
  if (length == 0 || length > text.size() - at) return 0;
  return prefix_fits(text, at, length) ? length : 0;
}

size_t utf8_unfinished(std::string_view text) {
  for (size_t have = 1; have <= 3 && have <= text.size(); ++have) {
    size_t at = text.size() - have;
    size_t length = length_from_lead(byte_at(text, at));
    if (length > have) return prefix_fits(text, at, have) ? have : 0;
    if (length != 0) return 0;  // a whole character, whatever follows it
  }
  return 0;
}

size_t utf8_valid_end(std::string_view text, size_t at) {
  while (at < text.size()) {
    size_t length = utf8_length(text, at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

std::string nfc(std::string_view text) {
  // Nothing below U+0300 composes or is reordered. U+0300 is the bytes CC 80.
  bool plain = std::all_of(text.begin(), text.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0xcc; });
  if (plain) return std::string(text);
  CodePoints points = decompose(text);
  order_marks(points);
  utf8proc_ssize_t n =
      utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::string out;
  for (utf8proc_ssize_t i = 0; i < n; ++i) {
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t length = utf8proc_encode_char(points[static_cast<size_t>(i)], bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
  }
  return out;
}

}  // namespace model

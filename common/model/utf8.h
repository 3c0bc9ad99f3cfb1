// UTF-8: where characters end, and Unicode's canonical composition (NFC).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace model {

// Length in bytes of the character at text[at], or 0 when no valid character begins there
// (stray continuation, overlong form, surrogate, above U+10FFFF, or cut).
size_t utf8_length(std::string_view text, size_t at);

// Number of bytes at the end of text that are the beginning of a character which more bytes could
// complete (0 to 3).
size_t utf8_unfinished(std::string_view text);

// End of the longest run of valid characters that begins at `at`.
size_t utf8_valid_end(std::string_view text, size_t at);

// Canonical composition of valid UTF-8, in time proportional to n log n of its longest run of
// combining marks.
std::string nfc(std::string_view text);

}  // namespace model

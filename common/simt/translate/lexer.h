// Cuts a CUDA C++ file into tokens, enough to find declarations, launches and bodies. Macros are
// not expanded and conditionals not evaluated: the C++ compiler does both later.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace simt::translate {

enum class TokenKind { kIdentifier, kNumber, kString, kCharacter, kPunctuation };

// Punctuation is lexed with its longest spelling, except `>`, which is always one character, since
// only its context tells `a >> b` from `x<y<z>>` and from the end of a launch's `<<<`.
struct Token {
  TokenKind kind;
  std::string_view text;     // points into the source
  size_t offset;             // of its first character
  int line, column;          // from 1
  int match = -1;            // of a bracket ()[]{}: its partner's index in the same list, or -1
  bool conditional = false;  // inside an #if, the include guard not counted
};
using Tokens = std::vector<Token>;

// A preprocessor line, with its continuations.
struct Directive {
  std::string_view name;  // "include", "define", "pragma", ...
  std::string_view text;  // from '#' to the end of the line, the newline excluded
  size_t offset;
  int line, column;
  bool conditional = false;
  Tokens body;             // of a #define: the tokens behind the name and the parameter list
  std::string_view macro;  // of a #define: its name
  bool function_like = false;
};

struct LexedFile {
  Tokens code;
  std::vector<Directive> directives;
};

// What is wrong with a source, and where.
struct SourceError : std::runtime_error {
  SourceError(int line_number, int column_number, const std::string& what)
      : std::runtime_error(what), line(line_number), column(column_number) {}
  int line, column;
};

// The tokens of `source`, which must outlive them. Throws SourceError for an unterminated comment,
// string, character or raw string.
LexedFile lex(std::string_view source);

}  // namespace simt::translate

// What the translator must know of a file's structure: brackets, the functions that run on the
// device, and where a name at hand is declared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/simt/translate/lexer.h"

namespace simt::translate {

inline bool is(const Tokens& tokens, int i, std::string_view text) {
  return i >= 0 && i < static_cast<int>(tokens.size()) &&
         tokens[static_cast<size_t>(i)].text == text &&
         tokens[static_cast<size_t>(i)].kind != TokenKind::kString;
}
inline bool is_identifier(const Tokens& tokens, int i) {
  return i >= 0 && i < static_cast<int>(tokens.size()) &&
         tokens[static_cast<size_t>(i)].kind == TokenKind::kIdentifier;
}
inline const Token& at(const Tokens& tokens, int i) { return tokens[static_cast<size_t>(i)]; }
inline size_t end_of(const Token& token) { return token.offset + token.text.size(); }

// `i` is at a '<' that opens template arguments: the index of the '>' that closes them, or -1.
int closing_angle(const Tokens& tokens, int i);
// `i` is at a '>' that closes template arguments: the index of the '<' that opens them, or -1.
int opening_angle(const Tokens& tokens, int i);
// Behind a bracket's partner: the index of the first token after it; i + 1 if it has none.
int behind(const Tokens& tokens, int i);
// An attribute that takes parentheses: alignas, __align__, __launch_bounds__, ...
bool is_attribute(std::string_view word);

// The tokens [first, last), one blank between those that touch or were apart.
std::string text_of(const Tokens& tokens, int first, int last);

// A function marked __device__ or __global__ (or both __host__ and __device__), or such a lambda.
struct Function {
  int first, open, close;        // the first mark; the parentheses of the parameters
  int body = -1, body_end = -1;  // '{' and '}', or -1: only declared
  bool device = false, host = false, kernel = false;
};

// A variable at namespace scope marked __device__ or __constant__.
struct Variable {
  int mark;          // the index of __device__ or __constant__
  bool constant;     // __constant__, or a const object
  bool has_linkage;  // static, extern or inline is written already
  bool is_extern;
};

struct Structure {
  std::vector<Function> functions;
  std::vector<Variable> variables;

  // The innermost marked function whose body holds token `i`; null if none.
  const Function* function_at(int i) const;
};

Structure find_structure(const LexedFile& file);

enum class Scope { kNamespace, kClass, kFunction };
// What encloses token `i`.
Scope scope_of(const Tokens& tokens, int i);

}  // namespace simt::translate

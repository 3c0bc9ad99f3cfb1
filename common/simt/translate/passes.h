// The steps of a translation. Each reads the tokens and adds edits or errors. Internal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/simt/translate/edits.h"
#include "common/simt/translate/lexer.h"
#include "common/simt/translate/syntax.h"
#include "common/simt/translate/translate.h"

namespace simt::translate {

// The file's code, or the body of one #define.
struct Region {
  const Tokens& tokens;
  const Directive* define = nullptr;
};

struct Pass {
  std::string_view source;
  const LexedFile& file;
  Structure structure;
  Edits edits;
  std::vector<Diagnostic> errors;

  void error(const Token& token, std::string text) {
    errors.push_back({token.line, token.column, std::move(text)});
  }
  // Inside an #if, whose condition is not known here, the C++ compiler reports it if it gets there.
  void unsupported(const Region& region, const Token& token, const std::string& what);
};

// __CUDA_ARCH__ in device code: that of the GPU whose properties the runtime reports.
constexpr std::string_view kArchitecture = "900";

// The quoted form of `text`, for a string literal.
std::string quoted(std::string_view text);

void translate_launches(Pass& pass, const Region& region);
void translate_shared(Pass& pass, const Region& region);
void translate_variables(Pass& pass);
void translate_names(Pass& pass, const Region& region);
void translate_directives(Pass& pass);
void find_unsupported(Pass& pass, const Region& region);

}  // namespace simt::translate

#include "common/simt/translate/translate.h"

#include <algorithm>

#include "common/simt/translate/passes.h"

namespace simt::translate {
namespace {

std::string first_lines(std::string_view path, bool include_runtime) {
  std::string lines;
  if (include_runtime) lines = "#include <cuda_runtime.h>\n";
  return lines + "#line 1 " + quoted(path) + "\n";
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result + '"';
}

Translation translate(std::string_view source, std::string_view path, bool include_runtime) {
  Translation result;
  LexedFile file;
  try {
    file = lex(source);
  } catch (const SourceError& error) {
    result.errors.push_back({error.line, error.column, error.what()});
    return result;
  }
  Pass pass{source, file, find_structure(file), Edits(source), {}};
  std::vector<Region> regions{{file.code}};
  for (const Directive& directive : file.directives) {
    if (!directive.body.empty()) regions.push_back({directive.body, &directive});
  }
  for (const Region& region : regions) {
    find_unsupported(pass, region);
    translate_launches(pass, region);
    translate_shared(pass, region);
    translate_names(pass, region);
  }
  translate_variables(pass);
  translate_directives(pass);
  result.errors = std::move(pass.errors);
  std::stable_sort(result.errors.begin(), result.errors.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
  if (result.errors.empty()) {
    result.text = first_lines(path, include_runtime) + pass.edits.apply();
  }
  return result;
}

}  // namespace simt::translate

// Preprocessor lines: #pragma unroll, and headers of libraries that have no counterpart here.
#include <algorithm>
#include <array>
#include <cctype>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/simt/translate/passes.h"

namespace simt::translate {
namespace {

// The beginning of a header's name, and what to say.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kHeaders = {{
    {"mma.h", "tensor cores (nvcuda::wmma)"},
    {"cuda/", "libcu++ (cuda::)"},
    {"cub/", "CUB"},
    {"cublas", "cuBLAS"},
    {"cudnn", "cuDNN"},
    {"curand", "cuRAND"},
    {"cufft", "cuFFT"},
    {"cuda_pipeline", "asynchronous copies (cuda_pipeline.h)"},
    {"cooperative_groups/memcpy_async.h", "asynchronous copies (cooperative_groups::memcpy_async)"},
}};

void include(Pass& pass, const Directive& directive) {
  size_t open = directive.text.find_first_of("<\"");
  if (open == std::string_view::npos || directive.text[open] == '"') return;
  std::string_view name = directive.text.substr(open + 1);
  for (const auto& [beginning, what] : kHeaders) {
    if (name.substr(0, beginning.size()) != beginning) continue;
    std::string text = "the simulator does not support " + std::string(what);
    if (directive.conditional) {
      pass.edits.replace(directive.offset, directive.offset + directive.text.size(),
                         "#error " + quoted(text));
    } else {
      pass.errors.push_back({directive.line, directive.column, text});
    }
  }
}

// `#pragma unroll` or `#pragma unroll 4` for g++. What is not a plain number (a template's
// constant, parentheses around it) is left to g++'s own judgement.
std::string unrolled(std::string_view count) {
  while (!count.empty() && std::isspace(static_cast<unsigned char>(count.back()))) {
    count.remove_suffix(1);
  }
  count.remove_prefix(std::min(count.find_first_not_of(" \t("), count.size()));
  while (!count.empty() && count.back() == ')') count.remove_suffix(1);
  if (count.empty()) return "#pragma GCC unroll 32";
  bool number =
      std::all_of(count.begin(), count.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return number && count.size() < 5 ? "#pragma GCC unroll " + std::string(count) : "";
}

bool opens(const Directive& directive) {
  return directive.name == "if" || directive.name == "ifdef" || directive.name == "ifndef";
}

// From the #if that directive `i` (an #if or #elif) belongs to, to its #endif, as offsets.
std::pair<size_t, size_t> extent(const std::vector<Directive>& directives, size_t i) {
  size_t first = i, last = i;
  for (int depth = opens(directives[i]) ? 0 : 1; depth > 0 && first > 0;) {
    --first;
    depth += directives[first].name == "endif" ? 1 : opens(directives[first]) ? -1 : 0;
  }
  for (int depth = 1; depth > 0 && last + 1 < directives.size();) {
    ++last;
    depth += opens(directives[last]) ? 1 : directives[last].name == "endif" ? -1 : 0;
  }
  return {directives[first].offset, directives[last].offset};
}

// Is the directive inside a function that runs on the device only, or does it choose among such?
bool in_device_code(const Pass& pass, size_t i) {
  const auto [begin, end] = extent(pass.file.directives, i);
  const Tokens& tokens = pass.file.code;
  for (const Function& function : pass.structure.functions) {
    if (function.body < 0 || function.host) continue;
    const size_t head = at(tokens, function.first).offset;
    const size_t body = at(tokens, function.body).offset;
    const size_t body_end = at(tokens, function.body_end).offset;
    if (body < begin && begin < body_end) return true;
    if (begin < head && head < end) return true;
  }
  return false;
}

// #if __CUDA_ARCH__ >= 700, #ifdef __CUDA_ARCH__ in device code.
void architecture(Pass& pass, const Directive& directive) {
  static const std::regex is_defined(R"(defined\s*(\(\s*__CUDA_ARCH__\s*\)|\s__CUDA_ARCH__))");
  static const std::regex value(R"(\b__CUDA_ARCH__\b)");
  std::string text(directive.text);
  if (directive.name == "ifdef" || directive.name == "ifndef") {
    text = directive.name == "ifdef" ? "#if 1" : "#if 0";
  } else {
    text = std::regex_replace(text, is_defined, "1");
    text = std::regex_replace(text, value, std::string(kArchitecture));
    text.erase(std::remove(text.begin(), text.end(), '\\'), text.end());
    std::replace(text.begin(), text.end(), '\n', ' ');
  }
  pass.edits.replace(directive.offset, directive.offset + directive.text.size(), text);
}

}  // namespace

void translate_directives(Pass& pass) {
  const std::vector<Directive>& directives = pass.file.directives;
  for (size_t i = 0; i < directives.size(); ++i) {
    const Directive& directive = directives[i];
    if (directive.name == "include") include(pass, directive);
    bool tests_it = (opens(directive) || directive.name == "elif") &&
                    directive.text.find("__CUDA_ARCH__") != std::string_view::npos;
    if (tests_it && in_device_code(pass, i)) architecture(pass, directive);
    // g++ has its own word for `unroll`, and none for `nv_diag...`.
    size_t word = directive.text.find("pragma");
    if (directive.name != "pragma") continue;
    std::string_view rest = directive.text.substr(word + 6);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    bool foreign = rest.substr(0, 8) == "nounroll" || rest.substr(0, 3) == "nv_" ||
                   rest.substr(0, 5) == "hd_wa";
    if (rest.substr(0, 6) == "unroll") {
      pass.edits.replace(directive.offset, directive.offset + directive.text.size(),
                         unrolled(rest.substr(6)));
    } else if (foreign) {
      pass.edits.replace(directive.offset, directive.offset + directive.text.size(), "");
    }
  }
}

}  // namespace simt::translate

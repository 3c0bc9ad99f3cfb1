// kernel<<<grid, block, shared, stream>>>(arguments).
//
// What stands before `<<<` may be a kernel, a template with or without its arguments, an overloaded
// name, or a pointer. The first lambda finds out: it can be called only if the expression names one
// function, whose parameter types the arguments are then converted to. The second calls it, and
// lets the compiler choose, when it is not.
#include <algorithm>

#include "common/simt/translate/passes.h"

namespace simt::translate {
namespace {

// The first token of the postfix expression that ends before `end`; `end` if there is none.
int callee_begin(const Tokens& tokens, int end) {
  int i = end;
  while (i > 0) {
    int last = i - 1;
    const Token& token = at(tokens, last);
    int begin = -1;
    if (token.text == ">") {
      int open = opening_angle(tokens, last);
      if (open > 0 && is_identifier(tokens, open - 1)) begin = open - 1;
    } else if (token.text == ")" || token.text == "]") {
      begin = token.match;
      if (begin > 0 && (is(tokens, begin - 1, "]") || is(tokens, begin - 1, ">") ||
                        is_identifier(tokens, begin - 1))) {
        std::string_view before = at(tokens, begin - 1).text;
        if (before != "return" && before != "else" && before != "if" && before != "while") {
          i = begin;
          continue;
        }
      }
    } else if (is_identifier(tokens, last)) {
      begin = last;
    }
    if (begin < 0) return end;
    i = begin;
    if (is(tokens, i - 1, "template")) --i;
    if (is(tokens, i - 1, ".") || is(tokens, i - 1, "->")) {
      --i;
    } else if (is(tokens, i - 1, "::")) {
      --i;
      bool qualified = i > 0 && (is(tokens, i - 1, ">") || is_identifier(tokens, i - 1)) &&
                       !is(tokens, i - 1, "return") && !is(tokens, i - 1, "else");
      if (!qualified) return i;
    } else {
      return i;
    }
  }
  return i;
}

// The index of the first of the three '>' that end the configuration, or -1.
int configuration_end(const Tokens& tokens, int i, bool in_macro) {
  const int size = static_cast<int>(tokens.size());
  auto joined = [&](int k) {
    return is(tokens, k, ">") && is(tokens, k + 1, ">") &&
           end_of(at(tokens, k)) == at(tokens, k + 1).offset;
  };
  for (; i < size; ++i) {
    std::string_view text = at(tokens, i).text;
    if (text == ";" || text == "{" || text == "}") return -1;
    if (text == "(" || text == "[") i = behind(tokens, i) - 1;
    if (!joined(i) || !joined(i + 1)) continue;
    while (joined(i + 2)) ++i;
    if (is(tokens, i + 3, "(") || in_macro) return i;
  }
  return -1;
}

void launch(Pass& pass, const Region& region, int chevrons) {
  const Tokens& tokens = region.tokens;
  const Token& token = at(tokens, chevrons);
  int first = callee_begin(tokens, chevrons);
  if (first == chevrons) return pass.error(token, "<<<: no kernel name before it");
  int last = configuration_end(tokens, chevrons + 1, region.define != nullptr);
  if (last < 0) return pass.error(token, "<<<: no matching >>> followed by the arguments");
  if (last == chevrons + 1) return pass.error(token, "<<<>>>: grid and block are missing");
  if (region.define == nullptr) {
    const Function* function = pass.structure.function_at(chevrons);
    if (function != nullptr && !function->host) {
      return pass.unsupported(region, at(tokens, first),
                              "a launch inside a kernel (dynamic parallelism)");
    }
  }
  std::string callee = text_of(tokens, first, chevrons);
  std::string name = region.define != nullptr ? "SIMT_TEXT(" + callee + ")" : quoted(callee);
  std::string text = "::simt::launch({" + name +
                     ", __FILE__, __LINE__}, [&](auto simt_k) -> decltype(::simt::kernel_of("
                     "simt_k, " +
                     callee + ")) { return ::simt::kernel_of(simt_k, " + callee +
                     "); }, [&](const auto&... simt_a) { " + callee +
                     "(simt_a...); }, ::simt::configuration(";
  bool in_macro = region.define != nullptr;
  pass.edits.replace(at(tokens, first).offset, end_of(token), text, in_macro);
  pass.edits.replace(at(tokens, last).offset, end_of(at(tokens, last + 2)), "))", in_macro);
}

}  // namespace

void translate_launches(Pass& pass, const Region& region) {
  for (int i = 0; i < static_cast<int>(region.tokens.size()); ++i) {
    if (is(region.tokens, i, "<<<") && !is(region.tokens, i - 1, "operator")) {
      launch(pass, region, i);
    }
  }
}

}  // namespace simt::translate

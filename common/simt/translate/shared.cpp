// __shared__ declarations. `__shared__ float a[32][33], b;` becomes
//   typedef float simt_t_a[32][33], simt_t_b;  static char simt_k_a, simt_k_b;
//   simt_t_a& a = ::simt::shared_variable<simt_t_a, ...>(&simt_k_a, "a");  ...
// so that any declarator works, and each template instantiation has a key of its own. `extern` ones
// refer to the block's dynamic shared memory. Of a variable at namespace scope, each device
// function of the file that uses the name gets such a reference at its start.
#include "common/simt/translate/passes.h"

namespace simt::translate {
namespace {

struct Declarator {
  int name;  // index of the token
};

struct Declaration {
  int begin, end;  // [first token, the ';' or the end of the macro)
  bool is_extern = false;
  std::vector<int> dropped;  // tokens that go: __shared__, static, extern, attributes
  std::string attributes;    // the alignment attributes among them
  std::vector<Declarator> declarators;
};

bool is_alignment(std::string_view word) {
  return word == "alignas" || word == "__align__" || word == "__attribute__" ||
         word == "__builtin_align__";
}

int statement_begin(const Tokens& tokens, int i) {
  while (i > 0) {
    const Token& before = at(tokens, i - 1);
    if (before.text == ")" && before.match > 0 && is_alignment(at(tokens, before.match - 1).text)) {
      i = before.match - 1;
    } else if (before.text == ">" && opening_angle(tokens, i - 1) > 0) {
      i = opening_angle(tokens, i - 1);
    } else if (is_identifier(tokens, i - 1) || before.text == "::") {
      --i;
    } else {
      break;
    }
  }
  return i;
}

int statement_end(const Tokens& tokens, int i) {
  while (i < static_cast<int>(tokens.size()) && !is(tokens, i, ";")) i = behind(tokens, i);
  return i;
}

// The name in the declarator that starts at or behind `i` and ends before `end`: the last
// identifier before its array bounds. -1 if there is none.
int declared_name(const Tokens& tokens, int i, int end) {
  int name = -1;
  while (i < end) {
    const Token& token = at(tokens, i);
    if (token.text == "[") break;
    if (token.text == "=") break;
    if (token.text == "(" && is_attribute(at(tokens, i - 1).text)) {
      i = behind(tokens, i);
    } else if (token.text == "(" && i > 0) {
      return declared_name(tokens, i + 1, token.match < 0 ? end : token.match);
    } else if (token.text == "<") {
      int close = closing_angle(tokens, i);
      i = close < 0 ? i + 1 : close + 1;
    } else if (token.text == "{") {
      i = behind(tokens, i);
    } else {
      if (is_identifier(tokens, i) && !is_attribute(token.text)) name = i;
      ++i;
    }
  }
  return name;
}

// The index of the ',' that ends the declarator at `i`, or `end`.
int declarator_end(const Tokens& tokens, int i, int end) {
  while (i < end && !is(tokens, i, ",")) {
    if (is(tokens, i, "<")) {
      int close = closing_angle(tokens, i);
      i = close < 0 || close >= end ? i + 1 : close + 1;
    } else {
      i = behind(tokens, i);
    }
  }
  return i;
}

Declaration parse(const Tokens& tokens, int mark) {
  Declaration result;
  result.begin = statement_begin(tokens, mark);
  result.end = statement_end(tokens, mark);
  for (int i = result.begin; i < result.end; i = behind(tokens, i)) {
    std::string_view word = at(tokens, i).text;
    if (word == "extern") result.is_extern = true;
    if (word == "__shared__" || word == "static" || word == "extern") result.dropped.push_back(i);
    if (is_alignment(word) && is(tokens, i + 1, "(")) {
      int behind_it = behind(tokens, i + 1);
      result.attributes += text_of(tokens, i, behind_it) + " ";
      for (int k = i; k < behind_it; ++k) result.dropped.push_back(k);
    }
  }
  for (int i = result.begin; i < result.end;) {
    int end = declarator_end(tokens, i, result.end);
    result.declarators.push_back({declared_name(tokens, i, end)});
    i = end + 1;
  }
  return result;
}

// True, with an error, if a declarator has an initialiser or no name.
bool is_faulty(Pass& pass, const Region& region, const Declaration& declaration, int mark) {
  const Tokens& tokens = region.tokens;
  for (const Declarator& declarator : declaration.declarators) {
    if (declarator.name < 0) {
      pass.error(at(tokens, mark), "__shared__: no variable name in this declaration");
      return true;
    }
    int end = declarator_end(tokens, declarator.name, declaration.end);
    for (int i = declarator.name + 1; i < end; i = behind(tokens, i)) {
      if (is(tokens, i, "=") || is(tokens, i, "{")) {
        pass.error(at(tokens, declarator.name), "__shared__ variable '" +
                                                    std::string(at(tokens, declarator.name).text) +
                                                    "': an initialiser is not allowed");
        return true;
      }
    }
  }
  return false;
}

// `prefix` joined with a name; in a macro the name may be a parameter, so the preprocessor joins.
std::string joined(const Region& region, std::string_view prefix, std::string_view name) {
  return std::string(prefix) + (region.define != nullptr ? "##" : "") + std::string(name);
}

std::string reference(const Region& region, const Declaration& declaration, std::string_view name) {
  std::string type = joined(region, "simt_t_", name);
  std::string head = "[[maybe_unused]] " + type + "& " + std::string(name) + " = ";
  std::string label =
      region.define != nullptr ? "SIMT_TEXT(" + std::string(name) + ")" : quoted(name);
  if (declaration.is_extern) {
    return head + "::simt::dynamic_shared_array<" + type + ">(" + label + ")";
  }
  std::string align =
      declaration.attributes.empty() ? "1" : "alignof(" + joined(region, "simt_align_", name) + ")";
  return head + "::simt::shared_variable<" + type + ", " + align + ">(&" +
         joined(region, "simt_k_", name) + ", " + label + ")";
}

// The declarations that a static variable's reference needs.
std::string key(const Region& region, const Declaration& declaration, const std::string& name) {
  std::string text = "; static char " + joined(region, "simt_k_", name);
  if (!declaration.attributes.empty()) {
    text += "; struct " + declaration.attributes + joined(region, "simt_align_", name) + " {}";
  }
  return text;
}

void local(Pass& pass, const Region& region, const Declaration& declaration) {
  const Tokens& tokens = region.tokens;
  for (int i : declaration.dropped) {
    pass.edits.replace(at(tokens, i).offset, end_of(at(tokens, i)), "");
  }
  pass.edits.insert(at(tokens, declaration.begin).offset, "typedef ");
  std::string added;
  for (const Declarator& declarator : declaration.declarators) {
    const Token& token = at(tokens, declarator.name);
    std::string name(token.text);
    pass.edits.replace(token.offset, end_of(token), joined(region, "simt_t_", name));
    if (!declaration.is_extern) added += key(region, declaration, name);
    added += "; " + reference(region, declaration, name);
  }
  size_t end = declaration.end < static_cast<int>(tokens.size())
                   ? at(tokens, declaration.end).offset
                   : end_of(tokens.back());
  pass.edits.insert(end, added);
}

bool names(const Tokens& tokens, int first, int last, std::string_view name) {
  for (int i = first; i < last; ++i) {
    if (is_identifier(tokens, i) && is(tokens, i, name) && !is(tokens, i - 1, ".") &&
        !is(tokens, i - 1, "->") && !is(tokens, i - 1, "::")) {
      return true;
    }
  }
  return false;
}

// Does the function declare an extern __shared__ `name` of its own?
bool declares(const Tokens& tokens, const Function& function, std::string_view name) {
  for (int i = function.body; i < function.body_end; ++i) {
    if (!is(tokens, i, "__shared__")) continue;
    for (const Declarator& declarator : parse(tokens, i).declarators) {
      if (declarator.name >= 0 && is(tokens, declarator.name, name)) return true;
    }
  }
  return false;
}

// Gives each device function of the file that names the variable a reference to it.
void inject(Pass& pass, const Region& region, const Declaration& declaration,
            const std::string& name) {
  const Tokens& tokens = region.tokens;
  for (const Function& function : pass.structure.functions) {
    if (function.body < declaration.end || !names(tokens, function.body, function.body_end, name) ||
        names(tokens, function.open, function.close, name) || declares(tokens, function, name)) {
      continue;
    }
    pass.edits.insert(end_of(at(tokens, function.body)),
                      " " + reference(region, declaration, name) + ";");
  }
}

void at_namespace_scope(Pass& pass, const Region& region, const Declaration& declaration) {
  const Tokens& tokens = region.tokens;
  for (int i : declaration.dropped) {
    pass.edits.replace(at(tokens, i).offset, end_of(at(tokens, i)), "");
  }
  pass.edits.insert(at(tokens, declaration.begin).offset, "typedef ");
  std::string added;
  for (const Declarator& declarator : declaration.declarators) {
    const Token& token = at(tokens, declarator.name);
    std::string name(token.text), type = "simt_t_" + name;
    pass.edits.replace(token.offset, end_of(token), type);
    if (declaration.is_extern) {
      // For uses that this file's functions do not show, e.g. in a file that includes it.
      added +=
          "; [[maybe_unused]] constexpr ::simt::DynamicSharedArray<" + type + "> " + name + "{}";
    } else {
      added += key(region, declaration, name);
    }
    inject(pass, region, declaration, name);
  }
  pass.edits.insert(at(tokens, declaration.end).offset, added);
}

}  // namespace

void translate_shared(Pass& pass, const Region& region) {
  const Tokens& tokens = region.tokens;
  for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
    if (!is(tokens, i, "__shared__")) continue;
    Declaration declaration = parse(tokens, i);
    const int mark = i;
    i = declaration.end;
    if (is_faulty(pass, region, declaration, mark)) continue;
    Scope scope = region.define != nullptr ? Scope::kFunction : scope_of(tokens, declaration.begin);
    if (scope == Scope::kFunction) {
      local(pass, region, declaration);
    } else if (scope == Scope::kNamespace) {
      at_namespace_scope(pass, region, declaration);
    } else {
      pass.error(at(tokens, declaration.begin), "__shared__: a class cannot have a shared member");
    }
  }
}

}  // namespace simt::translate

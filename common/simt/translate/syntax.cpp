#include "common/simt/translate/syntax.h"

#include <algorithm>
#include <array>

namespace simt::translate {
namespace {

int size_of(const Tokens& tokens) { return static_cast<int>(tokens.size()); }

// What a mark says of a function. A macro of this file whose body holds marks counts as those.
struct Marks {
  bool device = false, host = false, kernel = false, constant = false;
  bool any() const { return device || host || kernel || constant; }
  void add(const Marks& other) {
    device |= other.device;
    host |= other.host;
    kernel |= other.kernel;
    constant |= other.constant;
  }
};

Marks marks_of(std::string_view word) {
  Marks marks;
  marks.device = word == "__device__" || word == "__global__" || word == "__managed__";
  marks.kernel = word == "__global__";
  marks.host = word == "__host__";
  marks.constant = word == "__constant__";
  return marks;
}

class Finder {
 public:
  explicit Finder(const LexedFile& file) : tokens_(file.code) {
    for (const Directive& directive : file.directives) {
      if (directive.name != "define" || directive.function_like) continue;
      Marks marks;
      for (const Token& token : directive.body) {
        if (token.text == "{" || token.text == "(") marks = {};
        if (token.text == "{") break;
        marks.add(word_marks(token.text));
      }
      if (marks.any()) macros_.push_back({directive.macro, marks});
    }
  }

  Structure run() {
    for (int i = 0; i < size_of(tokens_);) {
      i = word_marks(at(tokens_, i).text).any() ? declaration(i) : i + 1;
    }
    return std::move(structure_);
  }

 private:
  Marks word_marks(std::string_view word) const {
    Marks marks = marks_of(word);
    for (const auto& [name, meaning] : macros_) {
      if (name == word) marks.add(meaning);
    }
    return marks;
  }

  // A declaration whose first mark is token `first`. Returns where to go on looking.
  int declaration(int first) {
    Marks marks;
    int mark = -1;  // of a variable
    bool is_const = false, pointer_behind_const = false;
    int i = first;
    while (i < size_of(tokens_)) {
      const Token& token = at(tokens_, i);
      Marks here = word_marks(token.text);
      marks.add(here);
      if ((here.device && !here.kernel) || here.constant) mark = mark < 0 ? i : mark;
      if (token.text == "const" || token.text == "constexpr") {
        is_const = true;
        pointer_behind_const = false;
      }
      if (token.text == "*") pointer_behind_const = true;
      if (token.text == "operator" && is(tokens_, i + 1, "(")) {
        i = behind(tokens_, i + 1);
      } else if (token.text == "operator") {
        while (i < size_of(tokens_) && !is(tokens_, i, "(")) ++i;
      } else if (token.text == "(" && i > 0 && is_attribute(at(tokens_, i - 1).text)) {
        i = behind(tokens_, i);
      } else if (token.text == "(") {
        return function(first, i, marks);
      } else if (token.text == "[") {
        i = behind(tokens_, i);
      } else if (token.text == "<") {
        int close = closing_angle(tokens_, i);
        i = close < 0 ? i + 1 : close + 1;
      } else if (token.text == ";" || token.text == "=" || token.text == "{" || token.text == "}") {
        break;
      } else {
        ++i;
      }
    }
    bool constant = marks.constant || (is_const && !pointer_behind_const);
    if (mark >= 0 && !marks.kernel) variable(first, mark, i, constant);
    return i + 1;
  }

  void variable(int first, int mark, int end, bool constant) {
    Variable variable{mark, constant, false, false};
    int start = first;
    while (start > 0 && !is(tokens_, start - 1, ";") && !is(tokens_, start - 1, "{") &&
           !is(tokens_, start - 1, "}")) {
      --start;
    }
    for (int i = start; i < end; ++i) {
      std::string_view word = at(tokens_, i).text;
      variable.has_linkage |= word == "static" || word == "extern" || word == "inline" ||
                              word == "constexpr" || word == "template";
      variable.is_extern |= word == "extern";
    }
    structure_.variables.push_back(variable);
  }

  // The parameters open at `open`. Finds the body, if there is one.
  int function(int first, int open, const Marks& marks) {
    Function function{first, open, at(tokens_, open).match};
    function.device = marks.device;
    function.host = marks.host;
    function.kernel = marks.kernel;
    int i = behind(tokens_, open);
    while (i < size_of(tokens_) && !is(tokens_, i, "{") && !is(tokens_, i, ";") &&
           !is(tokens_, i, "=") && !is(tokens_, i, "}")) {
      if (is(tokens_, i, ":")) {
        i = behind_initialisers(i + 1);
        continue;
      }
      Marks behind_parameters = word_marks(at(tokens_, i).text);
      function.device |= behind_parameters.device;
      i = is(tokens_, i, "(") || is(tokens_, i, "[") ? behind(tokens_, i) : i + 1;
    }
    if (is(tokens_, i, "{")) {
      function.body = i;
      function.body_end = at(tokens_, i).match;
      if (function.body_end < 0) function.body_end = size_of(tokens_) - 1;
    }
    if (function.device) structure_.functions.push_back(function);
    return i + 1;
  }

  // A constructor's member initialisers: where the body's '{' is.
  int behind_initialisers(int i) {
    while (i < size_of(tokens_) && !is(tokens_, i, ";")) {
      while (i < size_of(tokens_) && !is(tokens_, i, "(") && !is(tokens_, i, "{") &&
             !is(tokens_, i, ";")) {
        ++i;
      }
      i = behind(tokens_, i);
      if (is(tokens_, i, "...")) ++i;
      if (!is(tokens_, i, ",")) break;
      ++i;
    }
    return i;
  }

  const Tokens& tokens_;
  std::vector<std::pair<std::string_view, Marks>> macros_;
  Structure structure_;
};

}  // namespace

int closing_angle(const Tokens& tokens, int i) {
  int depth = 0;
  for (; i < size_of(tokens); ++i) {
    std::string_view text = at(tokens, i).text;
    if (text == "<") ++depth;
    if (text == ">" && --depth == 0) return i;
    if (text == ";" || text == "{" || text == "}") return -1;
    if (text == "(" || text == "[") i = behind(tokens, i) - 1;
  }
  return -1;
}

int opening_angle(const Tokens& tokens, int i) {
  int depth = 0;
  for (; i >= 0; --i) {
    const Token& token = at(tokens, i);
    if (token.text == ">") ++depth;
    if (token.text == "<" && --depth == 0) return i;
    if (token.text == ";" || token.text == "{") return -1;
    if ((token.text == ")" || token.text == "]" || token.text == "}") && token.match >= 0) {
      i = token.match;
    }
  }
  return -1;
}

int behind(const Tokens& tokens, int i) {
  if (i >= size_of(tokens)) return i;
  int match = at(tokens, i).match;
  return (match > i ? match : i) + 1;
}

bool is_attribute(std::string_view word) {
  static constexpr std::array<std::string_view, 11> kWords = {
      "alignas",           "__align__",      "__attribute__",   "decltype",
      "noexcept",          "explicit",       "__maxnreg__",     "__declspec__",
      "__launch_bounds__", "__block_size__", "__cluster_dims__"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::string text_of(const Tokens& tokens, int first, int last) {
  std::string text;
  for (int i = first; i < last; ++i) {
    bool apart = i > first && end_of(at(tokens, i - 1)) != at(tokens, i).offset;
    if (apart) text += ' ';
    text += at(tokens, i).text;
  }
  return text;
}

const Function* Structure::function_at(int i) const {
  const Function* innermost = nullptr;
  for (const Function& function : functions) {
    if (function.body < 0 || i <= function.body || i >= function.body_end) continue;
    if (innermost == nullptr || function.body > innermost->body) innermost = &function;
  }
  return innermost;
}

Structure find_structure(const LexedFile& file) { return Finder(file).run(); }

Scope scope_of(const Tokens& tokens, int i) {
  for (int brace = i - 1; brace >= 0; --brace) {
    const Token& token = at(tokens, brace);
    if (token.text == "}" && token.match >= 0) {
      brace = token.match;
      continue;
    }
    if (token.text != "{" || token.kind != TokenKind::kPunctuation) continue;
    // `token` encloses i. What precedes it says what it is.
    bool named_scope = false, type = false;
    for (int before = brace - 1; before >= 0; --before) {
      std::string_view word = at(tokens, before).text;
      if (word == ";" || word == "}" || word == "{" || word == ")") break;
      named_scope |= word == "namespace" || word == "extern";
      type |= word == "struct" || word == "class" || word == "union";
    }
    if (type) return Scope::kClass;
    if (!named_scope) return Scope::kFunction;
  }
  return Scope::kNamespace;
}

}  // namespace simt::translate

#include "common/simt/translate/brackets.h"

#include <algorithm>
#include <string_view>

namespace simt::translate {
namespace {

// Each branch of an #if starts from the brackets open before it;
// what the branches leave open (`#if A`, `void f(int) {`, `#else`, `void f(float) {`) is closed
// together.
class BracketPairs {
 public:
  explicit BracketPairs(Tokens& tokens) : tokens_(tokens) {}

  void conditional(std::string_view name) {
    if (name == "if" || name == "ifdef" || name == "ifndef") {
      conditions_.push_back({open_, {}});
    } else if (conditions_.empty()) {
      return;
    } else if (name == "else" || name == "elif") {
      conditions_.back().branches.push_back(open_);
      open_ = conditions_.back().before;
    } else if (name == "endif") {
      for (const Stack& branch : conditions_.back().branches) join(branch);
      conditions_.pop_back();
    }
  }

  void token(int i) {
    const Token& token = tokens_[static_cast<size_t>(i)];
    if (token.kind != TokenKind::kPunctuation) return;
    if (token.text == "(" || token.text == "[" || token.text == "{") {
      open_.push_back({i});
    } else if ((token.text == ")" || token.text == "]" || token.text == "}") && !open_.empty()) {
      for (int opening : open_.back()) tokens_[static_cast<size_t>(opening)].match = i;
      tokens_[static_cast<size_t>(i)].match = open_.back().front();
      open_.pop_back();
    }
  }

 private:
  using Stack = std::vector<std::vector<int>>;  // of each level, the brackets that opened it
  struct Condition {
    Stack before;
    std::vector<Stack> branches;
  };

  void join(const Stack& branch) {
    if (branch.size() != open_.size()) return;
    for (size_t level = 0; level < branch.size(); ++level) {
      for (int opening : branch[level]) {
        auto& here = open_[level];
        if (std::find(here.begin(), here.end(), opening) == here.end()) here.push_back(opening);
      }
    }
  }

  Tokens& tokens_;
  Stack open_;
  std::vector<Condition> conditions_;
};

}  // namespace

void pair_brackets(Tokens& tokens, const std::vector<Directive>& directives) {
  BracketPairs pairs(tokens);
  size_t next = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    for (; next < directives.size() && directives[next].offset < tokens[i].offset; ++next) {
      pairs.conditional(directives[next].name);
    }
    pairs.token(static_cast<int>(i));
  }
}

}  // namespace simt::translate

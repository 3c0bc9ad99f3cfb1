// A recursive-descent reader: sum of products of factors.
#include "common/lesson/expression.h"

#include <cctype>
#include <cmath>
#include <cstdlib>

#include "common/lesson/error.h"  // LessonError

namespace lesson {
namespace {

class Reader {
 public:
  Reader(const std::string& text, const Variables& variables)
      : text_(text), variables_(variables) {}

  double all() {
    const double value = sum();
    if (peek() != '\0') fail("'" + text_.substr(at_) + "' is too much");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw LessonError("formula '" + text_ + "': " + why);
  }

  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  double sum() {
    double value = product();
    while (true) {
      if (take('+')) {
        value += product();
      } else if (take('-')) {
        value -= product();
      } else {
        return value;
      }
    }
  }

  double product() {
    double value = factor();
    while (true) {
      if (take('*')) {
        value *= factor();
      } else if (take('/')) {
        value /= factor();
      } else {
        return value;
      }
    }
  }

  double factor() {
    if (take('(')) {
      const double value = sum();
      if (!take(')')) fail("a ')' is missing");
      return value;
    }
    const char first = peek();
    if (std::isdigit(static_cast<unsigned char>(first))) return number();
    if (std::isalpha(static_cast<unsigned char>(first))) return variable();
    fail(first == '\0' ? "it ends too early" : "'" + std::string(1, first) + "' is not expected");
  }

  double number() {
    char* end = nullptr;
    const double value = std::strtod(text_.c_str() + at_, &end);
    at_ = static_cast<size_t>(end - text_.c_str());
    return value;
  }

  double variable() {
    std::string name;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) {
      name += text_[at_++];
    }
    if (name == "ceil" && take('(')) {
      const double value = sum();
      if (!take(')')) fail("a ')' is missing");
      return std::ceil(value);
    }
    const auto found = variables_.find(name);
    if (found == variables_.end()) fail("'" + name + "' is not known");
    return found->second;
  }

  const std::string& text_;
  const Variables& variables_;
  size_t at_ = 0;
};

}  // namespace

double evaluate(const std::string& formula, const Variables& variables) {
  return Reader(formula, variables).all();
}

}  // namespace lesson

// Text to numbers, whatever the locale.
#include "common/decode/option_values.h"

#include <charconv>
#include <optional>

namespace decode {
namespace {

// Nothing: the text is no number of that type, or more than one.
template <class Number>
std::optional<Number> parse(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

// "0.5", "100": without the zeros that std::to_string leaves.
std::string word(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

void wrong_option(const std::string& option, const std::string& found,
                  const std::string& expected) {
  throw OptionError(option + ": found '" + found + "', expected " + expected);
}

long long to_integer(const std::string& option, const std::string& text, long long least,
                     long long most) {
  const auto value = parse<long long>(text);
  if (!value || *value < least || *value > most) {
    wrong_option(option, text,
                 "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return *value;
}

double to_number(const std::string& option, const std::string& text) {
  const auto value = parse<double>(text);
  if (!value) wrong_option(option, text, "a number");
  return *value;
}

double to_number(const std::string& option, const std::string& text, double least, double most) {
  const auto value = parse<double>(text);
  // Written so that what is no number fails too.
  if (!value || !(*value >= least && *value <= most)) {
    wrong_option(option, text, "a number from " + word(least) + " to " + word(most));
  }
  return *value;
}

}  // namespace decode

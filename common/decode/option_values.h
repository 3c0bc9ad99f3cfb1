// What stands behind an option, as a number. The decoders and the visualizer read it alike.
#pragma once

#include <string>

#include "common/decode/error.h"  // DecodeError

namespace decode {

// "OPTION: found 'X', expected Y", or that there is no such option.
class OptionError : public DecodeError {
 public:
  using DecodeError::DecodeError;
};

[[noreturn]] void wrong_option(const std::string& option, const std::string& found,
                               const std::string& expected);

// The whole text is the number, else OptionError. With a range, that is inclusive.
long long to_integer(const std::string& option, const std::string& text, long long least,
                     long long most);
double to_number(const std::string& option, const std::string& text);
double to_number(const std::string& option, const std::string& text, double least, double most);

}  // namespace decode

// The error type of common/decode. what() is one line, ready to print after "error: ".
#pragma once

#include <stdexcept>

namespace decode {

class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace decode

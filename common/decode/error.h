// The error types of common/decode. what() is one line, ready to print after "error: ".
#pragma once

#include <stdexcept>

namespace decode {

class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Thrown by a chapter's make() or make_generator(): it cannot run with this model, and what() says
// why ("a draft model is needed: --draft FILE"). A run of several chapters goes on without it.
class CannotRun : public DecodeError {
 public:
  using DecodeError::DecodeError;
};

}  // namespace decode

// What the tool throws: one line, ready to print.
#pragma once

#include <stdexcept>

namespace lesson {

class LessonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace lesson

// The one error type of common/model: a file, a field, what was found and what was expected.
#pragma once

#include <stdexcept>
#include <string>

namespace model {

// what() is one line without a line break, ready to print after "error: ".
// Text that comes from the file is escaped and shortened before it enters the message.
class ModelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Quotes text from an untrusted file: unprintable bytes become \xNN, long text is cut.
std::string quoted(const std::string& text);

// "FILE: FIELD: found FOUND, expected EXPECTED"
ModelError bad_field(const std::string& file, const std::string& field, const std::string& found,
                     const std::string& expected);

}  // namespace model

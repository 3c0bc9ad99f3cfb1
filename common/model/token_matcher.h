// Finds tokens that are matched as whole strings: user-defined and control tokens.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace model {

class TokenMatcher {
 public:
  void add(const std::string& text, int id);  // empty texts are left out
  void finish();                              // after the last add()
  bool empty() const { return tokens_.empty(); }

  // The longest token that text has at `at`: its id and length, or {-1, 0}.
  std::pair<int, size_t> longest(std::string_view text, size_t at) const;

 private:
  std::vector<std::pair<std::string, int>> tokens_;  // sorted
  bool first_byte_[256] = {};                        // some token begins with it
};

}  // namespace model

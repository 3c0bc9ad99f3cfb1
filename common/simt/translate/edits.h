// Changes to a source text, gathered first and applied together, so that line numbers stay.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace simt::translate {

class Edits {
 public:
  explicit Edits(std::string_view source) : source_(source) {}

  // Puts `text` in place of [begin, end). The newlines of what goes are kept behind `text`, so
  // later lines keep their numbers; `directive` says that they must be continued with a backslash.
  void replace(size_t begin, size_t end, std::string text, bool directive = false);
  // Several insertions at one place appear in the order in which they were made.
  void insert(size_t at, std::string text) { replace(at, at, std::move(text)); }

  // The changed text. An edit inside a range that another one replaces is dropped.
  std::string apply() const;

 private:
  struct Edit {
    size_t begin, end;
    std::string text;
  };
  std::string_view source_;
  std::vector<Edit> edits_;
};

}  // namespace simt::translate

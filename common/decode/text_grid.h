// Lays out a table of short texts in any width.
#pragma once

#include <string>
#include <vector>

namespace decode {

// Display width of UTF-8 text: code points (no wide characters are printed here).
size_t text_width(const std::string& text);
std::string pad_left(const std::string& text, size_t width);
std::string pad_right(const std::string& text, size_t width);
// Breaks text at spaces into lines of at most `width`; each ends with a line break.
std::string wrap(const std::string& text, size_t width);

class Ansi {
 public:
  explicit Ansi(bool on) : on_(on) {}
  std::string bold(const std::string& text) const { return dress("1", text); }
  std::string dim(const std::string& text) const { return dress("2", text); }
  std::string green(const std::string& text) const { return dress("32", text); }
  std::string yellow(const std::string& text) const { return dress("33", text); }
  std::string red(const std::string& text) const { return dress("31", text); }

 private:
  std::string dress(const char* code, const std::string& text) const {
    return on_ ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
  }
  bool on_;
};

// What one column holds; `group` stands above the titles of neighbours that share it.
struct GridColumn {
  std::string group, title;
  std::vector<std::string> cells;  // one a row
};

struct Grid {
  std::string corner;             // above the row names
  std::vector<std::string> rows;  // their names
  std::vector<GridColumn> columns;
};

// A line a row. Columns that do not fit into `width` go on in a further part below, under the same
// row names; each part has at least one column.
std::string grid_text(const Grid& grid, size_t width, const Ansi& ansi);

}  // namespace decode

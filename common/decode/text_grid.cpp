// Column widths, and parting what is too wide.
#include "common/decode/text_grid.h"

#include <algorithm>
#include <sstream>

namespace decode {
namespace {

constexpr size_t kGap = 2;

size_t widest(size_t width, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) width = std::max(width, text_width(text));
  return width;
}

size_t column_width(const GridColumn& column) {
  return widest(text_width(column.title), column.cells);
}

// The cells that say how a chapter's tokens compare get a colour.
std::string colored(const std::string& padded, const std::string& text, const Ansi& ansi) {
  if (text == "yes") return ansi.green(padded);
  if (text.rfind("tie", 0) == 0 || text == "no, lossy") return ansi.yellow(padded);
  if (text.rfind("NO", 0) == 0) return ansi.red(padded);
  return padded;
}

struct Group {
  std::string name;
  size_t width = 0;  // of its columns with the gaps between them
};

std::vector<Group> groups_of(const std::vector<GridColumn>& columns) {
  std::vector<Group> groups;
  for (const GridColumn& column : columns) {
    if (groups.empty() || groups.back().name != column.group) {
      groups.push_back({column.group, column_width(column)});
    } else {
      groups.back().width += kGap + column_width(column);
    }
  }
  return groups;
}

// A group's name may be longer than its columns: the first of them then gets wider.
std::vector<size_t> widths_of(const std::vector<GridColumn>& columns) {
  const std::vector<Group> groups = groups_of(columns);
  std::vector<size_t> widths;
  size_t group = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    widths.push_back(column_width(columns[i]));
    if (i > 0 && columns[i].group != columns[i - 1].group) ++group;
    const bool first = i == 0 || columns[i].group != columns[i - 1].group;
    const size_t name = text_width(groups[group].name);
    if (first && name > groups[group].width) widths.back() += name - groups[group].width;
  }
  return widths;
}

size_t total_width(size_t name_width, const std::vector<GridColumn>& columns) {
  for (const size_t width : widths_of(columns)) name_width += kGap + width;
  return name_width;
}

std::string upright(const Grid& grid, const std::vector<size_t>& widths, size_t name_width,
                    const Ansi& ansi) {
  std::string groups = std::string(name_width, ' '), titles = pad_right(grid.corner, name_width);
  for (size_t i = 0; i < grid.columns.size(); ++i) {
    const bool first = i == 0 || grid.columns[i].group != grid.columns[i - 1].group;
    size_t span = widths[i];
    for (size_t j = i + 1;
         j < grid.columns.size() && grid.columns[j].group == grid.columns[i].group; ++j) {
      span += kGap + widths[j];
    }
    if (first) groups += std::string(kGap, ' ') + pad_left(grid.columns[i].group, span);
    titles += std::string(kGap, ' ') + pad_left(grid.columns[i].title, widths[i]);
  }
  groups.resize(groups.find_last_not_of(' ') + 1);
  std::string text = ansi.dim(groups) + "\n" + ansi.bold(titles) + "\n";
  for (size_t row = 0; row < grid.rows.size(); ++row) {
    text += pad_right(grid.rows[row], name_width);
    for (size_t i = 0; i < grid.columns.size(); ++i) {
      const std::string& cell = grid.columns[i].cells[row];
      text += std::string(kGap, ' ') + colored(pad_left(cell, widths[i]), cell, ansi);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

size_t text_width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string pad_left(const std::string& text, size_t width) {
  return std::string(width - std::min(width, text_width(text)), ' ') + text;
}

std::string pad_right(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, text_width(text)), ' ');
}

std::string wrap(const std::string& text, size_t width) {
  std::string out, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && text_width(line) + 1 + text_width(word) > width) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? out : out + line + "\n";
}

std::string grid_text(const Grid& grid, size_t width, const Ansi& ansi) {
  const size_t name_width = widest(text_width(grid.corner), grid.rows);
  std::string text;
  for (size_t first = 0; first < grid.columns.size();) {
    Grid part{grid.corner, grid.rows, {grid.columns[first++]}};
    while (first < grid.columns.size()) {
      part.columns.push_back(grid.columns[first]);
      if (total_width(name_width, part.columns) > width) {
        part.columns.pop_back();
        break;
      }
      ++first;
    }
    text += (text.empty() ? "" : "\n") + upright(part, widths_of(part.columns), name_width, ansi);
  }
  return text;
}

}  // namespace decode

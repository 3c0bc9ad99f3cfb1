// Reads the lines of a block, then picks rows of the study.
#include "common/lesson/study_blocks.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "common/lesson/chart.h"   // line_chart_svg
#include "common/lesson/error.h"   // LessonError
#include "common/lesson/text.h"    // split, words_of, markdown_table, grouped
#include "common/traffic/units.h"  // bytes_text, seconds_text, count_text

namespace lesson {
namespace {

using Words = std::vector<std::string>;

// "NAME=VALUE": a row fits when its field NAME says so, as text or as a number.
struct Condition {
  std::string name, value;
};
using Conditions = std::vector<Condition>;

Conditions conditions_of(const Words& words) {
  Conditions conditions;
  for (const std::string& word : words) {
    const Words parts = split(word, '=');
    if (parts.size() != 2) throw LessonError("'" + word + "': expected NAME=VALUE");
    conditions.push_back({parts[0], parts[1]});
  }
  return conditions;
}

const Json& cell(const Json& row, const std::string& name) {
  if (!row.contains(name)) throw LessonError("the study's rows have no '" + name + "'");
  return row.at(name);
}

bool fits(const Json& row, const Conditions& conditions) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    const Json& is = cell(row, condition.name);
    if (is.is_string()) return is.get<std::string>() == condition.value;
    char* end = nullptr;
    const double wanted = std::strtod(condition.value.c_str(), &end);
    return *end == '\0' && is.get<double>() == wanted;
  });
}

std::string text_of(const Json& value, const NumberText& format) {
  if (value.is_string()) return value.get<std::string>();
  return format(value.get<double>());
}

// "NAME FORMAT [log] | TITLE"
struct FieldLine {
  std::string name, title;
  NumberText format;
  bool log = false;
};

FieldLine field_line(const Words& words, const std::string& title) {
  if (words.size() < 2) throw LessonError("expected NAME FORMAT");
  return {words[0], title, number_format(words[1]), words.size() > 2 && words[2] == "log"};
}

// All lines of a block, by their first word. `left` and `right` stand around the '|'.
struct Line {
  std::string kind;
  Words left;             // its words
  std::string left_text;  // the same, as written
  std::string right;
};

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<Line> lines_of(const Block& block, const Words& kinds) {
  std::vector<Line> lines;
  for (const std::string& text : block.lines) {
    Line line;
    const size_t bar = text.find('|');
    line.left = words_of(text.substr(0, bar));
    if (bar != std::string::npos) line.right = joined(words_of(text.substr(bar + 1)));
    line.kind = line.left.front();
    line.left.erase(line.left.begin());
    line.left_text = joined(line.left);
    if (std::find(kinds.begin(), kinds.end(), line.kind) == kinds.end()) {
      throw LessonError("'" + line.kind + "' begins no line of this block");
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

// The rows of the study that fit the block's "where".
std::vector<const Json*> chosen_rows(const std::vector<Line>& lines, const Json& study) {
  Conditions where;
  for (const Line& line : lines) {
    if (line.kind != "where") continue;
    for (const Condition& c : conditions_of(line.left)) where.push_back(c);
  }
  std::vector<const Json*> rows;
  for (const Json& row : study.at("rows")) {
    if (fits(row, where)) rows.push_back(&row);
  }
  if (rows.empty()) throw LessonError("no row of the study fits 'where'");
  return rows;
}

const Line& the_line(const std::vector<Line>& lines, const std::string& kind) {
  for (const Line& line : lines) {
    if (line.kind == kind) return line;
  }
  throw LessonError("a line '" + kind + "' is missing");
}

FieldLine the_field(const std::vector<Line>& lines, const std::string& kind) {
  const Line& line = the_line(lines, kind);
  return field_line(line.left, line.right);
}

}  // namespace

NumberText number_format(const std::string& name) {
  if (name == "bytes") return traffic::bytes_text;
  if (name == "seconds") return traffic::seconds_text;
  if (name == "count") return traffic::count_text;
  if (name == "whole") return grouped;
  if (name == "plain" || name == "text") {
    return [](double value) { return std::to_string(static_cast<long long>(value)); };
  }
  const bool digits = name.size() == 2 && name[0] == '.' && name[1] >= '0' && name[1] <= '9';
  if (!digits && name != "percent") throw LessonError("no format is named '" + name + "'");
  return [digits, places = digits ? name[1] - '0' : 1](double value) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f%s", places, digits ? value : 100 * value,
                  digits ? "" : "%");
    return std::string(text);
  };
}

std::string rows_table(const Block& block, const Json& study) {
  const auto lines = lines_of(block, {"where", "column"});
  std::vector<FieldLine> columns;
  Words titles;
  for (const Line& line : lines) {
    if (line.kind != "column") continue;
    columns.push_back(field_line(line.left, line.right));
    titles.push_back(line.right);
  }
  if (columns.empty()) throw LessonError("no line 'column'");
  std::vector<Words> rows;
  for (const Json* row : chosen_rows(lines, study)) {
    rows.emplace_back();
    for (const FieldLine& column : columns) {
      rows.back().push_back(text_of(cell(*row, column.name), column.format));
    }
  }
  return markdown_table(titles, rows);
}

std::string pivot_table(const Block& block, const Json& study) {
  const auto lines = lines_of(block, {"where", "row", "column", "cell"});
  const FieldLine row_field = the_field(lines, "row"), cell_field = the_field(lines, "cell");
  const auto chosen = chosen_rows(lines, study);
  Words titles = {row_field.title};
  std::vector<Json> keys;
  for (const Json* row : chosen) {
    const Json& key = cell(*row, row_field.name);
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  }
  std::vector<Words> rows;
  for (const Json& key : keys) rows.push_back({text_of(key, row_field.format)});
  for (const Line& line : lines) {
    if (line.kind != "column") continue;
    titles.push_back(line.left_text);
    const Conditions conditions = conditions_of(words_of(line.right));
    for (size_t i = 0; i < keys.size(); ++i) {
      std::string text = "-";
      for (const Json* row : chosen) {
        if (cell(*row, row_field.name) != keys[i] || !fits(*row, conditions)) continue;
        if (text != "-") throw LessonError("two rows fit " + rows[i][0] + ", " + line.left_text);
        text = text_of(cell(*row, cell_field.name), cell_field.format);
      }
      rows[i].push_back(text);
    }
  }
  return markdown_table(titles, rows);
}

std::string plot_svg(const Block& block, const Json& study) {
  const auto lines = lines_of(block, {"title", "where", "x", "y", "series"});
  const FieldLine x = the_field(lines, "x"), y = the_field(lines, "y");
  LineChart chart{the_line(lines, "title").left_text,
                  {x.title, x.log, x.format},
                  {y.title, y.log, y.format},
                  {}};
  const auto chosen = chosen_rows(lines, study);
  for (const Line& line : lines) {
    if (line.kind != "series") continue;
    Series series{line.left_text, {}};
    const Conditions conditions = conditions_of(words_of(line.right));
    for (const Json* row : chosen) {
      if (!fits(*row, conditions)) continue;
      series.points.emplace_back(cell(*row, x.name).get<double>(),
                                 cell(*row, y.name).get<double>());
    }
    if (series.points.empty()) throw LessonError("no row fits series '" + series.title + "'");
    std::sort(series.points.begin(), series.points.end());
    chart.series.push_back(std::move(series));
  }
  return line_chart_svg(chart);
}

}  // namespace lesson

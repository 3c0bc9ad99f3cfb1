// Each table reads its block's lines, then the report.
#include "common/lesson/tables.h"

#include <algorithm>

#include "common/decode/report.h"  // merge_runs
#include "common/decode/table.h"   // table_text
#include "common/lesson/chart.h"   // bar_chart_svg
#include "common/lesson/error.h"   // LessonError
#include "common/lesson/text.h"    // split, words_of, markdown_table
#include "common/traffic/units.h"  // bytes_text

namespace lesson {
namespace {

using Row = std::vector<std::string>;

std::vector<Field> fields_of(const Block& block, size_t first) {
  std::vector<Field> fields;
  for (size_t i = first; i < block.arguments.size(); ++i) {
    fields.push_back(field(block.arguments[i]));
  }
  return fields;
}

Row titles_of(const std::string& first, const std::vector<Field>& fields) {
  Row titles = {first};
  for (const Field& field : fields) titles.push_back(field.title);
  return titles;
}

// "title = words of a formula" -> both sides.
std::pair<std::string, std::string> sides(const std::string& line, char by) {
  const auto parts = split(line, by);
  if (parts.size() != 2) throw LessonError("'" + line + "': expected one '" + by + "'");
  return {parts[0], parts[1]};
}

// All chapters, or those that a line "only KEY..." names, in its order.
std::vector<Json> chosen_chapters(const Block& block, const Json& run) {
  std::vector<Json> chosen;
  for (const std::string& line : block.lines) {
    Row words = words_of(line);
    if (words.front() != "only") throw LessonError("'" + line + "': expected only CHAPTER...");
    for (size_t i = 1; i < words.size(); ++i) chosen.push_back(chapter(run, words[i]));
  }
  if (block.lines.empty()) chosen = run.at("chapters").get<std::vector<Json>>();
  return chosen;
}

}  // namespace

std::string chapters_table(const Block& block, const Json& run) {
  const std::string phase = block.arguments.at(1);
  const auto fields = fields_of(block, 2);
  std::vector<Row> rows;
  for (const Json& chapter : chosen_chapters(block, run)) {
    Row row = {chapter_title(chapter)};
    for (const Field& field : fields) {
      const double sum = value_of(chapter.at("counts").at(phase), field);
      row.push_back(field.text(sum / parts_of(chapter, phase)));
    }
    rows.push_back(row);
  }
  return markdown_table(titles_of(phase == "decode" ? "a token" : phase, fields), rows);
}

std::string tensors_table(const Block& block, const Json& run) {
  const Json& one = chapter(run, block.arguments.at(1));
  const auto fields = fields_of(block, 2);
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const std::string& line : block.lines) {
    const auto [title, prefixes] = sides(line, '=');
    groups.emplace_back(title, words_of(prefixes));
  }
  groups.push_back({"the rest", {""}});
  std::vector<std::vector<double>> sums(groups.size(), std::vector<double>(fields.size()));
  for (const Json& row : one.at("counts").at("tensors")) {
    if (!is_of_phase(row.at("phase"), "decode")) continue;
    const std::string tensor = row.at("tensor");
    size_t group = 0;
    const auto fits = [&](const std::string& prefix) { return tensor.rfind(prefix, 0) == 0; };
    while (std::none_of(groups[group].second.begin(), groups[group].second.end(), fits)) ++group;
    for (size_t i = 0; i < fields.size(); ++i) {
      sums[group][i] += value_of(row, fields[i]);
    }
  }
  std::vector<Row> rows;
  for (size_t g = 0; g < groups.size(); ++g) {
    Row row = {groups[g].first};
    for (size_t i = 0; i < fields.size(); ++i) {
      row.push_back(fields[i].text(sums[g][i] / parts_of(one, "decode")));
    }
    rows.push_back(row);
  }
  return markdown_table(titles_of("a token", fields), rows);
}

std::string sizes_table(const Block& block, const Json& run) {
  std::string formula;
  Row titles = {""};
  std::vector<std::pair<std::string, Variables>> lines, columns;
  for (const std::string& line : block.lines) {
    const std::string kind = words_of(line).front();
    if (kind == "bytes") {
      formula = sides(line, '=').second;
      continue;
    }
    const auto [title, settings] = sides(line.substr(kind.size()), '|');
    Variables values;
    for (const std::string& setting : words_of(settings)) {
      const auto [name, value] = sides(setting, '=');
      values[name] = evaluate(value, {});
    }
    if (kind == "column") titles.push_back(title);
    if (kind != "row" && kind != "column")
      throw LessonError("'" + kind + "': expected row or column");
    (kind == "row" ? lines : columns).emplace_back(title, values);
  }
  std::vector<Row> rows;
  for (const auto& [title, line] : lines) {
    rows.push_back({title});
    for (const auto& column : columns) {
      Variables values = column.second;
      values.insert(line.begin(), line.end());
      const Variables shape = shape_of(run);
      values.insert(shape.begin(), shape.end());
      rows.back().push_back(traffic::bytes_text(evaluate(formula, values)));
    }
  }
  return markdown_table(titles, rows);
}

std::string printed_table(const Json& run) {
  Json table = decode::merge_runs({run});
  for (Json& chapter : table.at("chapters")) chapter["measured"] = nullptr;
  return "```\n" + decode::table_text(table, {100, false}) + "```\n";
}

std::string ladder_svg(const Json& run) {
  BarChart chart{"The ladder: VRAM bytes and modelled time of a token", {}, {}};
  chart.panels = {
      {"VRAM, counted", traffic::bytes_text, {}},
      {"time on " + run.at("gpu").get<std::string>() + ", modelled", traffic::seconds_text, {}}};
  for (const Json& chapter : run.at("chapters")) {
    chart.labels.push_back(chapter_title(chapter));
    const Json& totals = chapter.at("counts").at("decode");
    const double tokens = parts_of(chapter, "decode");
    chart.panels[0].values.push_back(value_of(totals, field("vram_bytes")) / tokens);
    chart.panels[1].values.push_back(value_of(totals, field("seconds")) / tokens);
  }
  return bar_chart_svg(chart);
}

std::string levels_table(const Block& block, const Json& probe) {
  const auto fields = fields_of(block, 1);
  std::vector<Row> rows;
  for (const Json& one : probe.at("probes")) {
    Row row = {one.at("level").get<std::string>()};
    for (const Field& field : fields) {
      row.push_back(field.text(value_of(one, field)));
    }
    rows.push_back(row);
  }
  return markdown_table(titles_of("bytes found in", fields), rows);
}

}  // namespace lesson

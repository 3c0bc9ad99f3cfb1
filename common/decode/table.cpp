// Which numbers stand in the table.
#include "common/decode/table.h"

#include <algorithm>
#include <cstdio>
#include <functional>

#include "common/decode/table_words.h"  // row_name, percent_text, table_legend
#include "common/decode/text_grid.h"    // Grid, grid_text, wrap
#include "common/traffic/units.h"       // bytes_text, seconds_text, count_text

namespace decode {
namespace {

using nlohmann::ordered_json;
using Text = std::function<std::string(double)>;

std::string rate_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 99.95 ? "%.1f" : "%.0f", value);
  return text;
}
std::string launches_text(double value) {
  return value == static_cast<long>(value) ? std::to_string(static_cast<long>(value))
                                           : rate_text(value);
}
std::string milliseconds_text(double value) { return traffic::seconds_text(value * 1e-3); }

// A number at json[group][field], or "-" when there is none.
std::string number(const ordered_json& json, const std::string& group, const std::string& field,
                   const Text& text) {
  if (!json.contains(group) || json[group].is_null() || json[group][field].is_null()) return "-";
  return text(json[group][field].get<double>());
}

std::string equality(const ordered_json& row) {
  const ordered_json& equal = row["equal_to_previous"];
  if (equal.is_null()) return "-";
  if (equal.is_boolean()) return equal.get<bool>() ? "yes" : "NO";
  if (row["lossy"].get<bool>()) return "no, lossy";
  return (equal["tie"].get<bool>() ? "tie at " : "NO at ") +
         std::to_string(equal["at"].get<int>() + 1);
}

struct Field {
  const char* group;  // in the JSON and above the columns
  const char* title;
  std::string field;
  Text text;
};

std::vector<Field> counted_fields(const std::string& ending) {
  return {{"counted", "VRAM", "vram_bytes" + ending, traffic::bytes_text},
          {"counted", "L2", "l2_bytes" + ending, traffic::bytes_text},
          {"counted", "L1", "l1_bytes" + ending, traffic::bytes_text},
          {"counted", "shared", "shared_bytes" + ending, traffic::bytes_text},
          {"counted", "PCIe", "host_bytes" + ending, traffic::bytes_text},
          {"counted", "launches", "launches" + ending, launches_text}};
}

GridColumn column(const Field& field, const std::vector<const ordered_json*>& rows) {
  GridColumn column{field.group, field.title, {}};
  for (const ordered_json* row : rows) {
    column.cells.push_back(number(*row, field.group, field.field, field.text));
  }
  return column;
}

std::vector<const ordered_json*> rows_of(const ordered_json& table) {
  std::vector<const ordered_json*> rows;
  for (const ordered_json& row : table["chapters"]) rows.push_back(&row);
  return rows;
}

Grid decode_grid(const ordered_json& table) {
  const auto rows = rows_of(table);
  Grid grid{"a token", {}, {}};
  for (const ordered_json* row : rows) grid.rows.push_back(row_name(*row));
  std::vector<Field> fields = {{"measured", "tokens/s", "tokens_per_second", rate_text}};
  for (const Field& field : counted_fields("_per_token")) fields.push_back(field);
  fields.push_back({"counted", "KV cache", "kv_bytes", traffic::bytes_text});
  fields.push_back({"declared", "mul-adds", "multiply_adds_per_token", traffic::count_text});
  fields.push_back({"modelled", "time", "ms_per_token", milliseconds_text});
  for (const Field& field : fields) grid.columns.push_back(column(field, rows));
  GridColumn same{"", "same text", {}};
  for (const ordered_json* row : rows) same.cells.push_back(equality(*row));
  grid.columns.push_back(same);
  if (std::none_of(rows.begin(), rows.end(),
                   [](const ordered_json* row) { return !(*row)["speculation"].is_null(); }))
    return grid;
  for (const Field& field : {Field{"speculation", "accepted", "acceptance", percent_text},
                             Field{"speculation", "tokens/pass", "tokens_per_pass", rate_text}}) {
    grid.columns.push_back(column(field, rows));
  }
  return grid;
}

Grid prefill_grid(const ordered_json& table) {
  std::vector<const ordered_json*> rows;
  Grid grid{"prefill", {}, {}};
  for (const ordered_json& row : table["chapters"]) {
    rows.push_back(&row["prefill"]);
    grid.rows.push_back(row_name(row));
  }
  std::vector<Field> fields = counted_fields("");
  fields.push_back({"declared", "mul-adds", "multiply_adds", traffic::count_text});
  fields.push_back({"modelled", "time", "ms", milliseconds_text});
  for (const Field& field : fields) grid.columns.push_back(column(field, rows));
  return grid;
}

double estimated_requests(const ordered_json& table) {
  double sum = 0;
  for (const ordered_json& row : table["chapters"]) {
    for (const ordered_json* part : {&row, &row["prefill"]}) {
      if (!(*part)["counted"].is_null()) {
        sum += (*part)["counted"]["estimated_requests"].get<double>();
      }
    }
  }
  return sum;
}

}  // namespace

std::string table_text(const ordered_json& table, const TableStyle& style) {
  if (table["chapters"].empty()) return "no chapters\n";
  const Ansi ansi(style.color);
  const size_t width = static_cast<size_t>(std::max(style.width, 40));
  std::string text = grid_text(decode_grid(table), width, ansi);
  if (!table["chapters"].front()["prefill"]["counted"].is_null()) {
    Grid grid = prefill_grid(table);
    text +=
        "\n" + wrap("Prefill: the " +
                        std::to_string(table["chapters"].front()["prefill"]["tokens"].get<int>()) +
                        " tokens of the prompt and the first token of the text.",
                    width);
    text += grid_text(grid, width, ansi);
  }
  const std::string remarked = table_remarks(table, width);
  if (!remarked.empty()) text += "\n" + remarked;
  text += "\n" + ansi.dim(wrap(table_legend(table), width));
  if (estimated_requests(table) > 0) {
    text +=
        ansi.yellow(wrap("Some warp requests are estimated: lanes of a warp took different "
                         "paths (estimated_requests in --json).",
                         width));
  }
  return text;
}

std::string bench_text(const ordered_json& bench, const TableStyle& style) {
  const Ansi ansi(style.color);
  Grid grid{"", {"counted", "native", "plain loop"}, {}};
  const auto add = [&](const char* title, const char* field) {
    GridColumn column{"ns a multiply-add, one thread", title, {}};
    for (const char* row : {"counted", "native", "plain_loop"}) {
      column.cells.push_back(number(bench, row, field, [](double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.3f", value);
        return std::string(text);
      }));
    }
    grid.columns.push_back(column);
  };
  add("GEMV 2048", "gemv_ns_per_fma");
  add("matmul 256", "matmul_ns_per_fma");
  grid.columns.push_back({"01 kv_cache vram, all threads",
                          "tokens/s",
                          {number(bench, "decode", "counted_tokens_per_second", rate_text),
                           number(bench, "decode", "native_tokens_per_second", rate_text), "-"}});
  const size_t width = static_cast<size_t>(std::max(style.width, 40));
  return grid_text(grid, width, ansi) + "\n" +
         ansi.dim(wrap("Medians of " + std::to_string(bench["runs"].get<int>()) + " runs on " +
                           bench["machine"].get<std::string>() +
                           ". The plain loop is C++ with -O3 -march=native -ffast-math.",
                       width));
}

}  // namespace decode

// The ladder table, for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace decode {

struct TableStyle {
  int width = 100;  // columns of the terminal
  bool color = false;
};

// `table` is what merge_runs gives. A line a chapter; columns that do not fit go on in a further
// part below. No line is wider than `width`, down to about 40.
std::string table_text(const nlohmann::ordered_json& table, const TableStyle& style);

// The bench's report (merge_benches) as a few lines.
std::string bench_text(const nlohmann::ordered_json& bench, const TableStyle& style);

}  // namespace decode

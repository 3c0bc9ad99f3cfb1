// The ladder table, for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace decode {

struct TableStyle {
  int width = 100;  // columns of the terminal
  bool color = false;
};

// `table` is what merge_runs gives. Wide: a line a chapter. Where that does not fit, a line a
// number and as many chapters side by side as fit; no line is wider than `width`, down to about 40.
std::string table_text(const nlohmann::ordered_json& table, const TableStyle& style);

// The bench's report (merge_benches) as a few lines.
std::string bench_text(const nlohmann::ordered_json& bench, const TableStyle& style);

}  // namespace decode

// What is said below the ladder table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace decode {

std::string row_name(const nlohmann::ordered_json& row);  // "01 kv_cache host"
std::string percent_text(double share);                   // of 0.124: "12%"

// Remarks about single rows, wrapped: how a draft's proposals fared, tokens that differ, rows that
// are compared with a lossy one, and chapters that were left out.
std::string table_remarks(const nlohmann::ordered_json& table, size_t width);

// What the words above the columns mean, and on what the numbers stand. Not wrapped.
std::string table_legend(const nlohmann::ordered_json& table);

}  // namespace decode

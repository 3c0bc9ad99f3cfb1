// What the lessons' numbers come from: reports of ladder-traced (RUN_REPORT.md in common/decode).
// Only what is counted, declared or modelled is taken: it is the same on every machine. Seconds
// that were measured are not.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/lesson/expression.h"  // Variables

namespace lesson {

using Json = nlohmann::ordered_json;
using Reports = std::map<std::string, Json>;  // by the names of the command line

const Json& report(const Reports& reports, const std::string& name);

// `key` is "00" or "01-vram".
const Json& chapter(const Json& run, const std::string& key);
std::string chapter_title(const Json& chapter);  // "01 kv_cache vram"

// The prefill is one part, a decode step another: numbers of "decode" are divided by this.
double parts_of(const Json& chapter, const std::string& phase);

// A number that tables show: its title, where it stands in {counted, declared, modelled}, its text.
struct Field {
  std::string title, group, name;
  std::function<std::string(double)> text;
};
// "vram_bytes", "seconds", ...; with "!" at the end the whole number is shown.
Field field(const std::string& name);

// dim, hidden, layers, heads, kv_heads, head_dim, q_dim, kv_dim, vocab, weight_bytes of the model,
// and the report's prompt.
Variables shape_of(const Json& run);

}  // namespace lesson

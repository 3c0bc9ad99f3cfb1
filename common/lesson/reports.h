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

// The prefill is one part; numbers of "decode" ("draft", "verify") are divided by this: the tokens
// that were produced after the prefill.
double parts_of(const Json& chapter, const std::string& phase);

// Whether counts of `phase` belong to `wanted`. Drafting and verifying are part of "decode".
bool is_of_phase(const std::string& phase, const std::string& wanted);

// A number that tables show: its title, where it stands in {counted, declared, modelled}, its text.
struct Field {
  std::string title, group, name;
  std::function<std::string(double)> text;
};
// "vram_bytes", "seconds", ...; with "!" at the end the whole number is shown.
Field field(const std::string& name);

// Its number in totals: {counted, declared, modelled}. "multiply_adds" is fp32 and int8 together.
double value_of(const Json& totals, const Field& field);

// dim, hidden, layers, heads, kv_heads, head_dim, q_dim, kv_dim, vocab, weight_bytes of the model,
// and the report's prompt.
Variables shape_of(const Json& run);

}  // namespace lesson

// Looks things up, and says clearly when they are not there.
#include "common/lesson/reports.h"

#include "common/lesson/error.h"   // LessonError
#include "common/lesson/text.h"    // grouped
#include "common/traffic/units.h"  // bytes_text, seconds_text, count_text

namespace lesson {

const Json& report(const Reports& reports, const std::string& name) {
  const auto found = reports.find(name);
  if (found == reports.end()) throw LessonError("no report is named '" + name + "'");
  return found->second;
}

const Json& chapter(const Json& run, const std::string& key) {
  for (const Json& one : run.at("chapters")) {
    const std::string variant = one.at("variant");
    if (one.at("id").get<std::string>() + (variant.empty() ? "" : "-" + variant) == key) return one;
  }
  throw LessonError("the report has no chapter '" + key + "'");
}

std::string chapter_title(const Json& chapter) {
  std::string title =
      chapter.at("id").get<std::string>() + " " + chapter.at("name").get<std::string>();
  const std::string variant = chapter.at("variant");
  return variant.empty() ? title : title + " " + variant;
}

double parts_of(const Json& chapter, const std::string& phase) {
  return phase == "prefill" ? 1.0 : chapter.at("decode").at("steps").get<double>();
}

bool is_of_phase(const std::string& phase, const std::string& wanted) {
  return phase == wanted || (wanted == "decode" && (phase == "draft" || phase == "verify"));
}

Field field(const std::string& name) {
  const auto& bytes = traffic::bytes_text;
  const auto whole = [](double value) { return std::to_string(static_cast<long long>(value)); };
  static const std::map<std::string, Field> kFields = {
      {"vram_bytes", {"VRAM", "counted", "vram_bytes", bytes}},
      {"vram_read_bytes", {"VRAM read", "counted", "vram_read_bytes", bytes}},
      {"vram_write_bytes", {"VRAM written", "counted", "vram_write_bytes", bytes}},
      {"l2_bytes", {"L2", "counted", "l2_bytes", bytes}},
      {"l1_bytes", {"L1", "counted", "l1_bytes", bytes}},
      {"l1_hit_bytes", {"found in L1", "counted", "l1_hit_bytes", bytes}},
      {"l2_hit_bytes", {"found in L2", "counted", "l2_hit_bytes", bytes}},
      {"shared_bytes", {"shared", "counted", "shared_bytes", bytes}},
      {"host_bytes", {"PCIe", "counted", "host_bytes", bytes}},
      {"launches", {"launches", "counted", "launches", whole}},
      {"multiply_adds", {"multiply-adds", "declared", "multiply_adds", traffic::count_text}},
      {"seconds", {"time, modelled", "modelled", "seconds", traffic::seconds_text}},
  };
  const bool exact = !name.empty() && name.back() == '!';
  const auto found = kFields.find(exact ? name.substr(0, name.size() - 1) : name);
  if (found == kFields.end()) throw LessonError("no field is named '" + name + "'");
  Field field = found->second;
  if (exact) field.text = grouped;
  return field;
}

double value_of(const Json& totals, const Field& field) {
  const Json& group = totals.at(field.group);
  if (field.name != "multiply_adds") return group.at(field.name).get<double>();
  return group.at("fp32_multiply_adds").get<double>() +
         group.at("int8_multiply_adds").get<double>();
}

Variables shape_of(const Json& run) {
  const Json& m = run.at("model");
  Variables v;
  for (const auto& [name, key] :
       std::map<std::string, std::string>{{"dim", "dim"},
                                          {"hidden", "hidden_dim"},
                                          {"layers", "n_layers"},
                                          {"heads", "n_heads"},
                                          {"kv_heads", "n_kv_heads"},
                                          {"head_dim", "head_dim"},
                                          {"vocab", "vocab_size"},
                                          {"weight_bytes", "weight_bytes"}}) {
    v[name] = m.at(key).get<double>();
  }
  v["q_dim"] = v["heads"] * v["head_dim"];
  v["kv_dim"] = v["kv_heads"] * v["head_dim"];
  v["prompt"] = run.at("prompt_tokens").get<double>();
  return v;
}

}  // namespace lesson

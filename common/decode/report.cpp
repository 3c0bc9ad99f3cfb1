// Merging by chapter and variant.
#include "common/decode/report.h"

#include <algorithm>

#include "common/decode/error.h"  // DecodeError

namespace decode {
namespace {

using nlohmann::ordered_json;

const ordered_json* find_target(const std::vector<ordered_json>& reports, const char* target) {
  for (const ordered_json& report : reports) {
    if (report.at("target") == target) return &report;
  }
  return nullptr;
}

void check_same(const std::vector<ordered_json>& reports, const std::vector<const char*>& fields) {
  if (reports.empty()) throw DecodeError("no reports to merge");
  for (const ordered_json& report : reports) {
    for (const char* field : fields) {
      if (report.at(field) == reports.front().at(field)) continue;
      throw DecodeError("the reports of " + reports.front().at("target").get<std::string>() +
                        " and " + report.at("target").get<std::string>() +
                        " are not of one run: '" + field + "' differs");
    }
  }
}

const ordered_json* find_chapter(const ordered_json* run, const ordered_json& like) {
  if (run == nullptr) return nullptr;
  for (const ordered_json& chapter : run->at("chapters")) {
    if (chapter.at("id") == like.at("id") && chapter.at("variant") == like.at("variant")) {
      return &chapter;
    }
  }
  return nullptr;
}

// One target may have decoded fewer tokens than another: then they are the beginning of its.
void check_tokens(const ordered_json& a, const ordered_json& b) {
  const auto x = a.at("tokens").get<std::vector<int>>(), y = b.at("tokens").get<std::vector<int>>();
  const size_t common = std::min(x.size(), y.size());
  if (std::equal(x.begin(), x.begin() + static_cast<long>(common), y.begin())) return;
  throw DecodeError("chapter " + a.at("id").get<std::string>() + " " +
                    a.at("variant").get<std::string>() + ": two targets decoded different tokens");
}

double value(const ordered_json& totals, const char* group, const char* field) {
  return totals.at(group).at(field).get<double>();
}

double multiply_adds(const ordered_json& totals) {
  return value(totals, "declared", "fp32_multiply_adds") +
         value(totals, "declared", "int8_multiply_adds");
}

// Numbers of totals_json (common/traffic/report.h): whole for the prefill, and with `steps` the
// mean over so many decode steps, under names that end in "_per_token".
ordered_json counted(const ordered_json& totals, int steps) {
  ordered_json json;
  const auto add = [&](const std::string& field) {
    const ordered_json& count = totals.at("counted").at(field);
    if (steps == 0) {
      json[field] = count;
    } else {
      json[field + "_per_token"] = count.get<double>() / steps;
    }
  };
  for (const char* field :
       {"vram_bytes", "l2_bytes", "l1_bytes", "shared_bytes", "host_bytes", "launches"}) {
    add(field);
  }
  json["estimated_requests"] = totals.at("counted").at("estimated_requests");
  return json;
}

ordered_json prefill_json(const ordered_json& chapter) {
  ordered_json json = {{"tokens", chapter.at("prefill").at("tokens")},
                       {"counted", nullptr},
                       {"declared", nullptr},
                       {"modelled", nullptr}};
  const ordered_json& counts = chapter.at("counts");
  if (counts.is_null()) return json;
  const ordered_json& totals = counts.at("prefill");
  json["counted"] = counted(totals, 0);
  json["declared"] = {{"multiply_adds", multiply_adds(totals)}};
  json["modelled"] = {{"ms", value(totals, "modelled", "seconds") * 1e3}};
  return json;
}

// Adds counted, declared and modelled: all that came after the prefill, over the tokens that it
// produced.
void add_decode(ordered_json& json, const ordered_json& chapter) {
  for (const char* group : {"counted", "declared", "modelled"}) json[group] = nullptr;
  const ordered_json& counts = chapter.at("counts");
  const int steps = chapter.at("decode").at("steps").get<int>();
  if (counts.is_null() || steps == 0) return;
  const ordered_json& totals = counts.at("decode");
  json["counted"] = counted(totals, steps);
  json["counted"]["tokens"] = steps;
  json["declared"] = {{"multiply_adds_per_token", multiply_adds(totals) / steps}};
  json["modelled"] = {{"ms_per_token", value(totals, "modelled", "seconds") * 1e3 / steps}};
}

ordered_json measured(const ordered_json& run, const ordered_json& chapter) {
  const double seconds = chapter.at("decode").at("seconds").get<double>();
  const int steps = chapter.at("decode").at("steps").get<int>();
  ordered_json json = {
      {"device", run.at("device")}, {"target", run.at("target")}, {"tokens_per_second", nullptr}};
  if (steps > 0 && seconds > 0) json["tokens_per_second"] = steps / seconds;
  return json;
}

// How the proposals fared, or null for a chapter without.
ordered_json speculation(const ordered_json& chapter) {
  const ordered_json& s = chapter.at("speculation");
  if (s.is_null()) return nullptr;
  const auto proposed = s.at("proposed").get<std::vector<double>>();
  const auto accepted = s.at("accepted").get<std::vector<double>>();
  const double passes = s.at("target_passes").get<double>();
  const double tokens = chapter.at("decode").at("steps").get<double>();
  double all = 0, good = 0;
  ordered_json by_position = ordered_json::array();
  for (size_t i = 0; i < proposed.size(); ++i) {
    all += proposed[i], good += accepted[i];
    by_position.push_back(proposed[i] > 0 ? ordered_json(accepted[i] / proposed[i]) : nullptr);
  }
  ordered_json json = {{"draft_tokens", s.at("draft_tokens")},
                       {"target_passes", s.at("target_passes")},
                       {"tokens_per_pass", nullptr},
                       {"acceptance", nullptr},
                       {"acceptance_by_position", by_position}};
  if (passes > 0) json["tokens_per_pass"] = tokens / passes;
  if (all > 0) json["acceptance"] = good / all;
  return json;
}

// Null when there was nothing to compare with, true, or {at, top_two_gap, tie} where tokens first
// differ.
ordered_json equal_to_previous(const ordered_json& chapter) {
  if (!chapter.at("compared").get<bool>()) return nullptr;
  if (chapter.at("difference").is_null()) return true;
  return chapter.at("difference");
}

// A row of the table: text and speed from one target's `chapter`, counts from another's.
ordered_json row(const ordered_json& run, const ordered_json& chapter, const ordered_json& counts) {
  ordered_json row = {{"id", chapter.at("id")},           {"name", chapter.at("name")},
                      {"variant", chapter.at("variant")}, {"lossy", chapter.at("lossy")},
                      {"text", chapter.at("text")},       {"tokens", chapter.at("tokens")},
                      {"prefill", prefill_json(counts)}};
  add_decode(row, counts);
  if (!row["counted"].is_null()) row["counted"]["kv_bytes"] = chapter.at("kv_bytes");
  row["measured"] = measured(run, chapter);
  row["speculation"] = speculation(chapter);
  row["compared_with"] = chapter.at("compared_with");
  row["equal_to_previous"] = equal_to_previous(chapter);
  return row;
}

}  // namespace

ordered_json merge_runs(const std::vector<ordered_json>& runs) {
  check_same(runs, {"format", "model", "draft", "prompt", "gpu", "sampling"});
  const ordered_json* traced = find_target(runs, "traced");
  const ordered_json* native = find_target(runs, "native");
  const ordered_json* gpu = find_target(runs, "gpu");
  const ordered_json* fastest = gpu != nullptr ? gpu : native != nullptr ? native : traced;
  const ordered_json& draft = runs.front().at("draft");
  ordered_json table = {{"model", runs.front().at("model").at("file")},
                        {"draft", draft.is_null() ? draft : draft.at("file")},
                        {"prompt", runs.front().at("prompt")},
                        {"gpu", runs.front().at("gpu")},
                        {"chapters", ordered_json::array()},
                        {"skipped", fastest->at("skipped")}};
  for (const ordered_json& chapter : fastest->at("chapters")) {
    const ordered_json* other = find_chapter(traced, chapter);
    if (other != nullptr) check_tokens(chapter, *other);
    if (const ordered_json* one = find_chapter(native, chapter)) check_tokens(chapter, *one);
    const ordered_json& counts = other != nullptr ? *other : chapter;
    table["chapters"].push_back(row(*fastest, chapter, counts));
  }
  return table;
}

ordered_json merge_benches(const std::vector<ordered_json>& benches) {
  check_same(benches, {"format", "runs"});
  const ordered_json* traced = find_target(benches, "traced");
  const ordered_json* native = find_target(benches, "native");
  ordered_json json = {{"machine", benches.front().at("device")},
                       {"runs", benches.front().at("runs")}};
  json["counted"] = traced != nullptr ? traced->at("kernels") : nullptr;
  json["native"] = native != nullptr ? native->at("kernels") : nullptr;
  json["plain_loop"] = (native != nullptr ? *native : benches.front()).at("plain");
  const auto rate = [](const ordered_json* bench) -> ordered_json {
    if (bench == nullptr) return nullptr;
    return bench->at("decode").at("tokens_per_second");
  };
  json["decode"] = {{"counted_tokens_per_second", rate(traced)},
                    {"native_tokens_per_second", rate(native)}};
  return json;
}

}  // namespace decode

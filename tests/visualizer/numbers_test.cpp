// The numbers that the window shows for a run are those of the same run's report: what a Recording
// sums up from the events of a decoder beside it, against ladder-traced run --json.
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "common/traffic/fields.h"
#include "tests/visualizer/reported.h"

using namespace viz_test;
using nlohmann::json;
using traffic::Phase;
using viz::Recording;
using viz::Sums;

namespace {

Sums sums_of(const Recording& recording, const std::set<Phase>& phases) {
  Sums sums;
  for (const viz::Step& step : recording.steps()) {
    if (phases.count(step.phase) > 0) sums += recording.sums(step.works);
  }
  return sums;
}

// What differs, as "vram_read_bytes: 3, reported 4"; empty when all is equal.
class Differences {
 public:
  void compare(const char* name, uint64_t ours, const json& theirs) {
    if (ours != theirs.value(name, uint64_t{0})) add(name, ours, theirs);
  }
  // Seconds are written with all their digits, but summed in another order.
  void compare(const char* name, double ours, const json& theirs) {
    const double there = theirs.value(name, 0.0);
    if (std::abs(ours - there) > 1e-12 * std::abs(there)) add(name, ours, theirs);
  }
  const std::string& words() const { return words_; }

 private:
  template <typename Number>
  void add(const char* name, Number ours, const json& theirs) {
    words_ += std::string(name) + ": " + std::to_string(ours) + ", reported " +
              (theirs.contains(name) ? theirs.at(name).dump() : "nothing") + "\n";
  }
  std::string words_;
};

std::string memory_differences(const traffic::MemoryCounts& ours, const json& counted) {
  Differences d;
  const auto compare = [&](const char* name, uint64_t value) { d.compare(name, value, counted); };
  traffic::for_memory_fields(ours, compare);
  compare("vram_bytes", ours.vram_bytes());
  compare("l2_bytes", ours.l2_bytes());
  compare("l1_bytes", ours.l1_bytes());
  compare("host_bytes", ours.host_bytes());
  return d.words();
}

std::string differences(const Sums& ours, const json& reported) {
  Differences d;
  const json& counted = reported.at("counted");
  const auto compare = [&](const char* name, uint64_t value) { d.compare(name, value, counted); };
  traffic::for_kernel_fields(ours.kernels, compare);
  traffic::for_copy_fields(ours.copies, compare);
  compare("shared_bytes", ours.kernels.shared_bytes());
  const json& declared = reported.at("declared");
  d.compare("fp32_multiply_adds", ours.declared.fp32_multiply_adds, declared);
  d.compare("int8_multiply_adds", ours.declared.int8_multiply_adds, declared);
  d.compare("undeclared_launches", ours.declared.undeclared_launches, declared);
  traffic::for_library_fields(ours.library, [&](const char* name, uint64_t value) {
    d.compare(name, value, declared.at("library"));
  });
  const json& modelled = reported.at("modelled");
  const auto sum = [](const viz::BoundSeconds& s) {
    return std::accumulate(s.begin(), s.end(), 0.);
  };
  d.compare("seconds", ours.seconds, modelled);
  d.compare("kernel_seconds", sum(ours.launch_seconds), modelled);
  d.compare("copy_seconds", sum(ours.copy_seconds), modelled);
  d.compare("library_seconds", sum(ours.library_seconds), modelled);
  for (int i = 0; i < traffic::kBounds; ++i) {
    d.compare(traffic::bound_name(static_cast<traffic::Bound>(i)), ours.launch_seconds[i],
              modelled.at("seconds_by_bound"));
  }
  return memory_differences(ours.memory, counted) + d.words();
}

// Every row of the report, against what the recording has for its phase and name; and it has no
// other rows.
std::string kernel_differences(const Recording& recording, const json& rows) {
  std::map<std::pair<std::string, std::string>, Sums> ours;
  for (size_t work = 0; work < recording.works().size(); ++work) {
    const viz::Work& w = recording.works()[work];
    const Phase phase = recording.steps()[w.step].phase;
    ours[{traffic::phase_name(phase), recording.work_name(work)}] +=
        recording.sums({work, work + 1});
  }
  std::string words;
  for (const json& row : rows) {
    const auto found = ours.find({row.at("phase"), row.at("kernel")});
    const std::string d = found == ours.end() ? "missing\n" : differences(found->second, row);
    if (!d.empty()) words += row.at("phase").dump() + " " + row.at("kernel").dump() + ": " + d;
    if (found != ours.end()) ours.erase(found);
  }
  for (const auto& [name, sums] : ours) words += name.first + " " + name.second + ": too much\n";
  return words;
}

std::string tensor_differences(const Recording& recording, const json& rows) {
  std::map<std::pair<std::string, std::string>, traffic::MemoryCounts> ours;
  for (const viz::Step& step : recording.steps()) {
    for (const auto& [tensor, counts] : recording.by_tensor(step.works)) {
      ours[{traffic::phase_name(step.phase), tensor}] += counts;
    }
  }
  std::string words;
  for (const json& row : rows) {
    const auto found = ours.find({row.at("phase"), row.at("tensor")});
    const std::string d =
        found == ours.end() ? "missing\n" : memory_differences(found->second, row.at("counted"));
    if (!d.empty()) words += row.at("phase").dump() + " " + row.at("tensor").dump() + ": " + d;
    if (found != ours.end()) ours.erase(found);
  }
  for (const auto& [name, counts] : ours) words += name.first + " " + name.second + ": too much\n";
  return words;
}

void compare_row(const std::string& chapter, const std::string& variant) {
  INFO(chapter + " " + variant);
  const viz::RunRequest request = short_run(chapter, variant);
  const json row = reported(request);
  const Recording recording = recorded(request);
  const json& counts = row.at("counts");
  const std::set<Phase> decode = {Phase::kDecode, Phase::kDraft, Phase::kVerify};
  REQUIRE(differences(sums_of(recording, {Phase::kPrefill}), counts.at("prefill")) == "");
  REQUIRE(differences(sums_of(recording, decode), counts.at("decode")) == "");
  REQUIRE(differences(sums_of(recording, {Phase::kDraft}), counts.at("draft")) == "");
  REQUIRE(differences(sums_of(recording, {Phase::kVerify}), counts.at("verify")) == "");
  REQUIRE(differences(sums_of(recording, {Phase::kFlush}), counts.at("flush")) == "");
  REQUIRE(kernel_differences(recording, counts.at("kernels")) == "");
  REQUIRE(tensor_differences(recording, counts.at("tensors")) == "");
  std::string text;
  for (const viz::TextAt& piece : recording.texts()) text += piece.text;
  REQUIRE(text == row.at("text").get<std::string>());
}

}  // namespace

TEST_CASE("the window's numbers are those of the report", "[viz][numbers]") {
  const std::pair<const char*, const char*> rows[] = {
      {"00", ""},        {"01", "vram"},  {"01", "host"}, {"02", "vram"}, {"03", "vram"},
      {"04", "weights"}, {"04", "cache"}, {"04", "int4"}, {"05", "03x03"}};
  for (const auto& [chapter, variant] : rows) compare_row(chapter, variant);
}

TEST_CASE("a number that differs by one is found", "[viz][numbers]") {
  const viz::RunRequest request = short_run("01", "vram");
  json row = reported(request);
  const Recording recording = recorded(request);
  json& counted = row["counts"]["decode"]["counted"];
  counted["l2_hit_bytes"] = counted["l2_hit_bytes"].get<uint64_t>() + 1;
  REQUIRE(differences(sums_of(recording, {Phase::kDecode}), row["counts"]["decode"]) != "");
  row["counts"]["kernels"][3]["kernel"] = "another_kernel";
  REQUIRE(kernel_differences(recording, row["counts"]["kernels"]) != "");
  row["counts"]["tensors"].erase(5);
  REQUIRE(tensor_differences(recording, row["counts"]["tensors"]) != "");
}

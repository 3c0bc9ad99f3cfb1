// Runs a study and gathers its rows.
#include "common/decode/study.h"

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/decode/counting.h"      // make_counting
#include "common/decode/error.h"         // DecodeError
#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/machine.h"       // target_name
#include "common/gpu/check.h"            // CUDA_CHECK
#include "common/gpu/work.h"             // begin_phase

namespace decode {
namespace {

using nlohmann::ordered_json;

// The size of the default model's weights: what classroom is shrunk to without a model.
constexpr double kDefaultWeightBytes = 7.6e6;

std::vector<Study>& list() {
  static std::vector<Study> studies;
  return studies;
}

StudyCounts counts_of(const ordered_json& report) {
  const ordered_json& totals = report.at("decode");
  const ordered_json& counted = totals.at("counted");
  const auto number = [&](const char* name) { return counted.at(name).get<double>(); };
  // What lay dirty in L2 at the end was written too.
  const double flushed = report.at("flush").at("counted").at("vram_write_bytes").get<double>();
  StudyCounts c;
  c.vram_bytes = number("vram_bytes") + flushed;
  c.vram_read_bytes = number("vram_read_bytes");
  c.vram_write_bytes = number("vram_write_bytes") + flushed;
  c.l2_bytes = number("l2_bytes");
  c.l2_hit_bytes = number("l2_hit_bytes");
  c.l1_bytes = number("l1_bytes");
  c.l1_hit_bytes = number("l1_hit_bytes");
  c.shared_bytes = number("shared_bytes");
  c.shared_wavefronts = number("shared_wavefronts");
  c.shared_ideal_wavefronts = number("shared_ideal_wavefronts");
  c.host_bytes = number("host_bytes");
  c.launches = number("launches");
  c.estimated_requests = number("estimated_requests");
  const ordered_json& declared = totals.at("declared");
  c.multiply_adds = declared.at("fp32_multiply_adds").get<double>() +
                    declared.at("int8_multiply_adds").get<double>();
  c.seconds = totals.at("modelled").at("seconds").get<double>();
  return c;
}

const Study& find_study(const std::string& name) {
  std::string names;
  for (const Study& one : list()) {
    if (one.name == name) return one;
    names += (names.empty() ? "" : ", ") + one.name;
  }
  throw DecodeError("study: found '" + name + "', expected one of " +
                    (names.empty() ? "none: this program has no studies" : names));
}

}  // namespace

StudyRow& StudyRow::set(const std::string& name, double value) {
  cells_.push_back({name, "", value, false});
  return *this;
}

StudyRow& StudyRow::set(const std::string& name, const std::string& text) {
  cells_.push_back({name, text, 0, true});
  return *this;
}

StudyRun::StudyRun(const Options& options) : options_(options) {}
StudyRun::~StudyRun() = default;

bool StudyRun::can_count() const { return target_name() == "traced"; }

LoadedModel& StudyRun::model() {
  if (!model_) {
    model_ = std::make_unique<LoadedModel>(options_.model);
    model_->upload();
  }
  return *model_;
}

LoadedModel& StudyRun::draft() {
  const std::string path = draft_path(options_);
  if (path.empty()) return model();
  if (!draft_) {
    draft_ = std::make_unique<LoadedModel>(path);
    check_draft(model(), *draft_);
    draft_->upload("draft_weights");
  }
  return *draft_;
}

StudyCounts StudyRun::count(const std::string& gpu,
                            const std::function<std::function<void()>()>& make) {
  if (!can_count()) throw DecodeError("study: only ladder-traced counts");
  const double weights = model_ ? double(model_->device_bytes) : kDefaultWeightBytes;
  CountingOptions counting_options;
  counting_options.gpu = traffic::gpu_spec(gpu, weights);
  const auto counting = make_counting(counting_options);
  const std::function<void()> launch = make();
  counting->begin("study");
  gpu::begin_phase(gpu::Phase::kDecode, 0);
  launch();
  CUDA_CHECK(cudaDeviceSynchronize());
  return counts_of(counting->end());
}

StudyRow& StudyRun::row() { return rows_.emplace_back(); }

void StudyRun::progress(const std::string& what) const {
  if (options_.progress) std::fprintf(stderr, "%s\n", what.c_str());
}

ordered_json StudyRun::rows_json() const {
  ordered_json rows = ordered_json::array();
  for (const StudyRow& row : rows_) {
    ordered_json json = ordered_json::object();
    for (const StudyRow::Cell& cell : row.cells_) {
      json[cell.name] = cell.is_text ? ordered_json(cell.text) : ordered_json(cell.number);
    }
    rows.push_back(std::move(json));
  }
  return rows;
}

RegisterStudy::RegisterStudy(Study study) {
  std::vector<Study>& all = list();
  const auto place =
      std::upper_bound(all.begin(), all.end(), study,
                       [](const Study& a, const Study& b) { return a.name < b.name; });
  all.insert(place, std::move(study));
}

ordered_json study(const Options& options) {
  if (options.study.empty()) {
    for (const Study& one : list()) {
      std::printf("%-20s %s %s\n", one.name.c_str(), one.counts ? "traced" : "native",
                  one.title.c_str());
    }
    return nullptr;
  }
  const Study& chosen = find_study(options.study);
  StudyRun run(options);
  chosen.run(run);
  return {{"format", "decoder-ladder study 1"},
          {"study", chosen.name},
          {"title", chosen.title},
          {"target", target_name()},
          {"rows", run.rows_json()}};
}

}  // namespace decode

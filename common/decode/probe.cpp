// Runs the probes under the counter.
#include "common/decode/probe.h"

#include <cuda_runtime.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/decode/counting.h"   // make_counting
#include "common/decode/error.h"      // DecodeError
#include "common/decode/machine.h"    // target_name
#include "common/decode/options.h"    // Options
#include "common/decode/text_grid.h"  // Grid
#include "common/gpu/check.h"         // CUDA_CHECK
#include "common/gpu/work.h"          // begin_phase
#include "common/traffic/units.h"     // bytes_text

namespace decode {
namespace {

using nlohmann::ordered_json;

std::vector<Probe>& list() {
  static std::vector<Probe> probes;
  return probes;
}

ordered_json run(const Probe& probe, Counting& counting) {
  const std::function<void()> launch = probe.make();
  counting.begin("probe");
  gpu::begin_phase(gpu::Phase::kDecode, 0);
  launch();
  CUDA_CHECK(cudaDeviceSynchronize());
  const ordered_json counts = counting.end();
  if (counts.is_null()) throw DecodeError("probe: only ladder-traced counts");
  const ordered_json& totals = counts.at("decode");
  ordered_json counted;
  for (const char* field : {"shared_bytes", "l1_bytes", "l1_hit_bytes", "l2_bytes", "l2_hit_bytes",
                            "vram_bytes", "host_bytes"}) {
    counted[field] = totals.at("counted").at(field);
  }
  return {{"level", probe.level},
          {"counted", counted},
          {"modelled", {{"seconds", totals.at("modelled").at("seconds")}}}};
}

void print(const ordered_json& report, const traffic::GpuSpec& gpu) {
  Grid grid{"bytes found in", {}, {}};
  for (const ordered_json& row : report["probes"]) grid.rows.push_back(row["level"]);
  const auto add = [&](const char* group, const char* title, const char* field, const auto& text) {
    GridColumn column{group, title, {}};
    for (const ordered_json& row : report["probes"]) {
      column.cells.push_back(text(row[group][field].template get<double>()));
    }
    grid.columns.push_back(column);
  };
  add("counted", "shared", "shared_bytes", traffic::bytes_text);
  add("counted", "L1", "l1_bytes", traffic::bytes_text);
  add("counted", "L1 hits", "l1_hit_bytes", traffic::bytes_text);
  add("counted", "L2", "l2_bytes", traffic::bytes_text);
  add("counted", "L2 hits", "l2_hit_bytes", traffic::bytes_text);
  add("counted", "VRAM", "vram_bytes", traffic::bytes_text);
  add("counted", "PCIe", "host_bytes", traffic::bytes_text);
  add("modelled", "time", "seconds", traffic::seconds_text);
  std::printf("One kernel a level on %s, caches cold.\n%s", gpu.title.c_str(),
              grid_text(grid, 100, Ansi(false)).c_str());
}

}  // namespace

RegisterProbe::RegisterProbe(Probe probe) { list().push_back(std::move(probe)); }

ordered_json probe(const Options& options) {
  const std::string name = options.gpu_given ? options.gpu : "h100";
  // classroom is shrunk to a model; without one, as to the default model's size.
  constexpr double kWeightBytes = 7.6e6;
  const traffic::GpuSpec gpu = traffic::gpu_spec(name, kWeightBytes);
  const auto counting =
      make_counting({gpu, "", options.events, options.trace, true, options.instructions});
  ordered_json report = {{"format", "decoder-ladder probe 1"},
                         {"target", target_name()},
                         {"gpu", name},
                         {"probes", ordered_json::array()}};
  for (const Probe& one : list()) report["probes"].push_back(run(one, *counting));
  if (!options.quiet) print(report, gpu);
  return report;
}

}  // namespace decode

// The tables as JSON.
#include "common/traffic/report.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/traffic/fields.h"

namespace traffic {
namespace {

using nlohmann::ordered_json;

ordered_json memory_json(const MemoryCounts& memory) {
  ordered_json j;
  j["vram_bytes"] = memory.vram_bytes();
  j["l2_bytes"] = memory.l2_bytes();
  j["l1_bytes"] = memory.l1_bytes();
  j["host_bytes"] = memory.host_bytes();
  for_memory_fields(memory, [&j](const char* name, uint64_t value) { j[name] = value; });
  return j;
}

// Sums rows of one phase and name, in order of first appearance.
template <typename Row>
class Groups {
 public:
  Row& of(Phase phase, const std::string& name) {
    const auto [it, fresh] = index_.try_emplace({phase, name}, rows_.size());
    if (fresh) rows_.emplace_back();
    return rows_[it->second];
  }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
  std::map<std::pair<Phase, std::string>, size_t> index_;
};

const char* kind_name(simt::AccessKind kind) {
  return kind == simt::AccessKind::kLoad    ? "load"
         : kind == simt::AccessKind::kStore ? "store"
                                            : "atomic";
}

const char* space_name(simt::Space space) {
  return space == simt::Space::kDevice ? "device" : space == simt::Space::kHost ? "host" : "shared";
}

ordered_json kernels_json(const Recorder& recorder) {
  Groups<KernelRow> groups;
  for (const KernelRow& row : recorder.kernel_rows()) {
    KernelRow& g = groups.of(row.phase, row.kernel);
    g.phase = row.phase;
    g.kernel = row.kernel;
    g.totals += row.totals;
  }
  ordered_json list = ordered_json::array();
  for (const KernelRow& row : groups.rows()) {
    ordered_json k = {{"phase", phase_name(row.phase)}, {"kernel", row.kernel}};
    k.update(totals_json(row.totals, recorder.gpu()));
    list.push_back(std::move(k));
  }
  return list;
}

ordered_json tensors_json(const Recorder& recorder) {
  Groups<MemoryRow> groups;
  for (const MemoryRow& row : recorder.memory_rows()) {
    MemoryRow& g = groups.of(row.phase, row.tensor);
    g.phase = row.phase;
    g.tensor = row.tensor;
    g.memory += row.memory;
  }
  ordered_json list = ordered_json::array();
  for (const MemoryRow& t : groups.rows()) {
    list.push_back(
        {{"phase", phase_name(t.phase)}, {"tensor", t.tensor}, {"counted", memory_json(t.memory)}});
  }
  return list;
}

ordered_json instructions_json(const Recorder& recorder) {
  ordered_json list = ordered_json::array();
  for (const InstructionRow& row : recorder.instruction_rows()) {
    const InstructionCounts& c = row.counts;
    list.push_back({{"kernel", row.kernel},
                    {"text_offset", c.pc},
                    {"kind", kind_name(c.kind)},
                    {"space", space_name(c.space)},
                    {"bytes", c.bytes},
                    {"requests", c.requests},
                    {"lanes", c.lanes},
                    {"sectors", c.sectors},
                    {"wavefronts", c.wavefronts},
                    {"ideal_wavefronts", c.ideal_wavefronts},
                    {"estimated", c.estimated}});
  }
  return list;
}

}  // namespace

ordered_json totals_json(const Totals& t, const GpuSpec& gpu) {
  ordered_json j;
  ordered_json& counted = j["counted"] = memory_json(t.memory);
  counted["shared_bytes"] = t.kernels.shared_bytes();
  const auto set = [&counted](const char* name, uint64_t value) { counted[name] = value; };
  for_kernel_fields(t.kernels, set);
  for_copy_fields(t.copies, set);
  ordered_json& declared = j["declared"];
  declared["fp32_multiply_adds"] = t.declared.fp32_multiply_adds;
  declared["int8_multiply_adds"] = t.declared.int8_multiply_adds;
  declared["undeclared_launches"] = t.declared.undeclared_launches;
  ordered_json& library = declared["library"];
  for_library_fields(t.libraries, [&](const char* name, uint64_t value) { library[name] = value; });
  ordered_json& modelled = j["modelled"];
  modelled["gpu"] = gpu.name;
  modelled["seconds"] = t.modelled.seconds();
  modelled["kernel_seconds"] = t.modelled.kernel_seconds;
  modelled["copy_seconds"] = t.modelled.copy_seconds;
  modelled["library_seconds"] = t.modelled.library_seconds;
  for (int i = 0; i < kBounds; ++i) {
    modelled["seconds_by_bound"][bound_name(static_cast<Bound>(i))] =
        t.modelled.seconds_by_bound[i];
  }
  return j;
}

ordered_json report_json(const Recorder& recorder) {
  ordered_json j;
  ordered_json& gpu = j["gpu"];
  gpu["name"] = recorder.gpu().name;
  gpu["title"] = recorder.gpu().title;
  for_gpu_fields(recorder.gpu(), [&gpu](const char* name, auto value) { gpu[name] = value; });
  gpu["sources"] = recorder.gpu().sources;
  j["kernels"] = kernels_json(recorder);
  j["tensors"] = tensors_json(recorder);
  j["instructions"] = instructions_json(recorder);
  return j;
}

}  // namespace traffic

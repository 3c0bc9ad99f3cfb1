// Grouping rows by kernel and by tensor, and laying out the text table.
#include "common/traffic/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

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

// Appends `row` to the group of this key, keeping the order of first appearance.
template <typename Group, typename Same>
Group& group_of(std::vector<Group>& groups, Same same) {
  const auto it = std::find_if(groups.begin(), groups.end(), same);
  if (it != groups.end()) return *it;
  return groups.emplace_back();
}

std::vector<KernelRow> rows_by_kernel(const Recorder& recorder, const Filter& filter,
                                      bool keep_phases) {
  std::vector<KernelRow> groups;
  for (const KernelRow& row : recorder.kernel_rows()) {
    if (filter.phase && *filter.phase != row.phase) continue;
    if (filter.token && *filter.token != row.token) continue;
    if (filter.kernel && *filter.kernel != row.kernel) continue;
    KernelRow& g = group_of(groups, [&](const KernelRow& k) {
      return k.kernel == row.kernel && (!keep_phases || k.phase == row.phase);
    });
    g.phase = row.phase;
    g.kernel = row.kernel;
    g.totals += row.totals;
  }
  return groups;
}

const char* kind_name(simt::AccessKind kind) {
  return kind == simt::AccessKind::kLoad    ? "load"
         : kind == simt::AccessKind::kStore ? "store"
                                            : "atomic";
}

const char* space_name(simt::Space space) {
  return space == simt::Space::kDevice ? "device" : space == simt::Space::kHost ? "host" : "shared";
}

// What most of the modelled time of some launches is spent on.
const char* main_bound(const ModelledTime& t) {
  const auto longest = std::max_element(t.seconds_by_bound.begin(), t.seconds_by_bound.end());
  if (*longest <= 0) return "";
  return bound_name(static_cast<Bound>(longest - t.seconds_by_bound.begin()));
}

std::string format(const char* pattern, double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, pattern, value, unit);
  return text;
}

std::string scaled(double value, double step, const std::vector<const char*>& units) {
  size_t unit = 0;
  while (std::fabs(value) >= 999.5 && unit + 1 < units.size()) {
    value /= step;
    ++unit;
  }
  if (unit == 0 && value == std::floor(value)) return format("%.0f %s", value, units[0]);
  const double size = std::fabs(value);
  return format(size < 9.995   ? "%.2f %s"
                : size < 99.95 ? "%.1f %s"
                               : "%.0f %s",
                value, units[unit]);
}

struct Column {
  std::string title;
  int importance;  // columns of low importance go first when the table is too wide
  std::vector<std::string> cells;

  size_t width() const {
    size_t w = title.size();
    for (const std::string& c : cells) w = std::max(w, c.size());
    return w;
  }
};

std::vector<Column> columns_of(const std::vector<KernelRow>& rows) {
  std::vector<Column> columns = {
      {"launches", 6, {}}, {"VRAM", 9, {}},     {"L2", 5, {}},      {"L1", 3, {}},
      {"shared", 4, {}},   {"PCIe", 7, {}},     {"w/ideal", 1, {}}, {"mul-adds", 2, {}},
      {"modelled", 8, {}}, {"bound by", 0, {}},
  };
  for (const KernelRow& r : rows) {
    const Totals& t = r.totals;
    const KernelCounts& k = t.kernels;
    const double ratio = k.shared_ideal_wavefronts == 0
                             ? 0
                             : static_cast<double>(k.shared_wavefronts) /
                                   static_cast<double>(k.shared_ideal_wavefronts);
    const std::string cells[] = {
        std::to_string(k.launches + t.libraries.launches),
        bytes_text(static_cast<double>(t.memory.vram_bytes())),
        bytes_text(static_cast<double>(t.memory.l2_bytes())),
        bytes_text(static_cast<double>(t.memory.l1_bytes())),
        bytes_text(static_cast<double>(k.shared_bytes())),
        bytes_text(static_cast<double>(t.memory.host_bytes())),
        ratio == 0 ? "" : format("%.2f%s", ratio, ""),
        t.declared.undeclared_launches > 0
            ? "undeclared"
            : scaled(t.declared.multiply_adds(), 1000, {"", "k", "M", "G", "T"}),
        seconds_text(t.modelled.seconds()),
        main_bound(t.modelled),
    };
    for (size_t i = 0; i < columns.size(); ++i) columns[i].cells.push_back(cells[i]);
  }
  return columns;
}

// Leaves out columns until the rest and a name of `name_width` fit.
void fit(std::vector<Column>& columns, size_t name_width, size_t width) {
  const auto total = [&] {
    size_t sum = name_width;
    for (const Column& c : columns) sum += 2 + c.width();
    return sum;
  };
  while (columns.size() > 1 && total() > width) {
    columns.erase(std::min_element(
        columns.begin(), columns.end(),
        [](const Column& a, const Column& b) { return a.importance < b.importance; }));
  }
}

void pad_left(std::string& line, const std::string& text, size_t width) {
  line.append(width - std::min(width, text.size()), ' ');
  line += text;
}

}  // namespace

std::string bytes_text(double bytes) {
  return scaled(bytes, 1000, {"B", "kB", "MB", "GB", "TB", "PB"});
}

std::string seconds_text(double seconds) {
  if (seconds == 0) return "0 s";
  if (seconds < 1e-3) return scaled(seconds * 1e9, 1000, {"ns", "us"});
  return scaled(seconds * 1e3, 1000, {"ms", "s"});
}

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
  j["gpu"]["name"] = recorder.gpu().name;
  j["gpu"]["title"] = recorder.gpu().title;
  for_gpu_fields(recorder.gpu(), [&j](const char* name, auto value) { j["gpu"][name] = value; });
  j["gpu"]["sources"] = recorder.gpu().sources;
  j["kernels"] = ordered_json::array();
  for (const KernelRow& row : rows_by_kernel(recorder, {}, true)) {
    ordered_json k = {{"phase", phase_name(row.phase)}, {"kernel", row.kernel}};
    k.update(totals_json(row.totals, recorder.gpu()));
    j["kernels"].push_back(std::move(k));
  }
  std::vector<MemoryRow> tensors;
  for (const MemoryRow& row : recorder.memory_rows()) {
    MemoryRow& g = group_of(tensors, [&](const MemoryRow& t) {
      return t.phase == row.phase && t.tensor == row.tensor;
    });
    g.phase = row.phase;
    g.tensor = row.tensor;
    g.memory += row.memory;
  }
  j["tensors"] = ordered_json::array();
  for (const MemoryRow& t : tensors) {
    j["tensors"].push_back(
        {{"phase", phase_name(t.phase)}, {"tensor", t.tensor}, {"counted", memory_json(t.memory)}});
  }
  j["instructions"] = ordered_json::array();
  for (const InstructionRow& row : recorder.instruction_rows()) {
    const InstructionCounts& c = row.counts;
    j["instructions"].push_back({{"kernel", row.kernel},
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
  return j;
}

std::string kernel_table(const Recorder& recorder, const Filter& filter, int width) {
  const std::vector<KernelRow> rows = rows_by_kernel(recorder, filter, false);
  std::vector<Column> columns = columns_of(rows);
  size_t name_width = 6;
  for (const KernelRow& r : rows) name_width = std::max(name_width, r.kernel.size());
  const size_t limit = static_cast<size_t>(std::max(width, 20));
  const size_t short_name = std::min<size_t>(name_width, 24);
  fit(columns, short_name, limit);
  size_t used = 0;
  for (const Column& c : columns) used += 2 + c.width();
  name_width = std::min(name_width, std::max<size_t>(limit - std::min(limit, used), 8));

  std::string text = "kernel" + std::string(name_width - 6, ' ');
  for (const Column& c : columns) pad_left(text, c.title, c.width() + 2);
  text += '\n';
  for (size_t i = 0; i < rows.size(); ++i) {
    std::string name = rows[i].kernel;
    if (name.size() > name_width) name = name.substr(0, name_width - 1) + "~";
    std::string line = name + std::string(name_width - name.size(), ' ');
    for (const Column& c : columns) pad_left(line, c.cells[i], c.width() + 2);
    text += line + '\n';
  }
  return text;
}

}  // namespace traffic

// Cells and words of the kernels panel.
#include "visualizer/panels/kernels_cells.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/traffic/fields.h"
#include "common/traffic/units.h"
#include "visualizer/draw/shapes.h"

namespace viz {

using traffic::Bound;

std::string kernels_caption(const Context& context) {
  const Recording& r = context.run.recording;
  if (r.works().empty()) {
    return r.started() && r.run().target != "traced"
               ? "This program measures time and counts no bytes: it has no launches to list."
               : "Each kernel becomes a row as soon as it has run.";
  }
  const char* const kinds =
      "Bytes, hits and passes are counted, multiply-adds declared, times modelled. Point at a "
      "column's title to learn what it says.";
  const size_t work = context.run.playback.work();
  const Step& step = r.steps()[size_t(r.works()[work].step)];
  const std::string phase = traffic::phase_name(step.phase);
  const std::string where = step.token >= 0 ? "token " + std::to_string(step.token) : phase;
  switch (context.selection.scope) {
    case Scope::kKernel:
      return "The current launch, in " + where + ". " + kinds;
    case Scope::kToken:
      return "All work of " + where + ". " + kinds;
    case Scope::kRun:
      return std::string("The run up to here. ") + kinds;
  }
  return kinds;
}

float kernel_column_width(KernelColumn column) {
  static constexpr float kWidths[kKernelColumns] = {188, 54, 126, 68, 44, 66, 54, 50,
                                                    46,  46, 54,  44, 50, 60, 52};
  return kWidths[static_cast<int>(column)];
}

std::string kernel_cell_text(KernelColumn column, const KernelSums& sums, const KernelSums& total) {
  const double value = sums.value(column);
  if (std::isnan(value)) return "";
  switch (column) {
    case KernelColumn::kName:
      return "";
    case KernelColumn::kBound:
      return sums.seconds > 0 ? traffic::bound_name(sums.bound()) : "";
    case KernelColumn::kLaunches:
      return value > 0 ? std::to_string(uint64_t(value)) : "";
    case KernelColumn::kSeconds:
      return traffic::seconds_text(value);
    case KernelColumn::kMeasured:
      return traffic::seconds_text(value);
    case KernelColumn::kShare:
      return percent_text(total.seconds > 0 ? value / total.seconds : NAN);
    case KernelColumn::kVram:
    case KernelColumn::kPcie:
    case KernelColumn::kShared:
      return value > 0 ? traffic::bytes_text(value) : "0";
    case KernelColumn::kL2Hit:
    case KernelColumn::kL1Hit:
    case KernelColumn::kEfficiency:
      return percent_text(value);
    case KernelColumn::kWavefronts:
      return ratio_text(value);
    case KernelColumn::kMultiplyAdds:
    case KernelColumn::kIntensity:
      return traffic::count_text(value);
  }
  return "";
}

void draw_kernel_cell(const Theme& theme, KernelColumn column, const KernelSums& sums,
                      const KernelSums& total, Work::Kind kind, float strength) {
  const std::string text = kernel_cell_text(column, sums, total);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, height = ImGui::GetTextLineHeight();
  ImDrawList* list = ImGui::GetWindowDrawList();
  float room = width;
  if (column == KernelColumn::kSeconds && total.seconds > 0) {
    const float bar = width - theme.px(64);
    std::vector<BarPart> parts;
    const BoundSeconds seconds = sums.seconds_by_bound();
    for (int b = 0; b < traffic::kBounds; ++b) {
      if (seconds[b] > 0) parts.push_back({seconds[b], with_alpha(theme.bounds[b], strength)});
    }
    if (bar > theme.px(8)) {
      const float inset = theme.px(3);
      horizontal_bar(list, {at.x, at.y + inset}, {at.x + bar, at.y + height - inset}, parts,
                     total.seconds);
    }
    room = theme.px(62);
  }
  ImU32 color = strength < 1 || text == "0" ? theme.muted : theme.text;
  // Only declared: not counted.
  if (kind == Work::kLibrary &&
      (column == KernelColumn::kVram || column == KernelColumn::kLaunches)) {
    color = theme.muted;
  }
  if (column == KernelColumn::kWavefronts && !text.empty() &&
      sums.value(KernelColumn::kWavefronts) > 1.005) {
    color = theme.warning;
  }
  if (column == KernelColumn::kBound && !text.empty()) {
    const float s = theme.px(8), y = at.y + (height - s) / 2;
    list->AddRectFilled({at.x, y}, {at.x + s, y + s},
                        with_alpha(theme.bound(sums.bound()), strength), theme.px(2));
    put_text(list, theme.small, {at.x + s + theme.px(6), at.y}, color, text);
  } else {
    put_text(list, theme.small, {at.x + width, at.y}, color, text, Align::kRight,
             std::max(room, 1.f));
  }
  ImGui::Dummy({width, height});
}

std::string launch_text(const Recording& recording, size_t work) {
  const traffic::TensorTraffic* most = nullptr;
  const auto bytes = [](const traffic::TensorTraffic& t) {
    return t.counts.l1_bytes() + t.counts.host_bytes();
  };
  for (const traffic::TensorTraffic& t : recording.tensors(work)) {
    if (most == nullptr || bytes(t) > bytes(*most)) most = &t;
  }
  return "#" + std::to_string(work) + (most == nullptr ? "" : "  " + most->name);
}

nlohmann::ordered_json kernels_json(const Context& context, const KernelsModel& model) {
  using nlohmann::ordered_json;
  const auto numbers = [](const KernelSums& s) {
    ordered_json j = {{"launches", uint64_t(s.value(KernelColumn::kLaunches))},
                      {"modelled_seconds", s.seconds}};
    if (s.seconds > 0) j["bound"] = traffic::bound_name(s.bound());
    ordered_json& counted = j["counted"];
    traffic::for_memory_fields(s.memory,
                               [&](const char* name, uint64_t value) { counted[name] = value; });
    traffic::for_kernel_fields(s.kernels,
                               [&](const char* name, uint64_t value) { counted[name] = value; });
    j["declared"] = {{"multiply_adds", s.declared.multiply_adds()},
                     {"library_read_bytes", s.library.read_bytes},
                     {"library_written_bytes", s.library.written_bytes}};
    for (const KernelColumn c :
         {KernelColumn::kMeasured, KernelColumn::kL2Hit, KernelColumn::kL1Hit,
          KernelColumn::kWavefronts, KernelColumn::kEfficiency, KernelColumn::kIntensity}) {
      const double value = s.value(c);
      if (!std::isnan(value)) j[column_info(c).id] = value;
    }
    return j;
  };
  static const char* const kinds[] = {"kernel", "copies", "library", "flush"};
  ordered_json j = {{"scope", scope_name(context.selection.scope)},
                    {"gpu", context.run.recording.run().gpu.name}};
  j["kernels"] = ordered_json::array();
  for (const KernelRow& row : model.rows()) {
    ordered_json r = {{"kernel", row.name}, {"kind", kinds[row.kind]}};
    r.update(numbers(row.sums));
    j["kernels"].push_back(std::move(r));
  }
  j["total"] = numbers(model.total());
  return j;
}

}  // namespace viz

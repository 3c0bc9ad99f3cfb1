// What the hierarchy panel tells of one link or level: tooltips, the list of tensors, the export.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/traffic/fields.h"
#include "common/traffic/units.h"
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/hierarchy_text.h"

namespace viz {

using traffic::Bound;
using traffic::bytes_text;
using traffic::count_text;
using traffic::seconds_text;

void link_tooltip(const Theme& theme, const HierarchyModel& model, Link link) {
  const HierarchyView& view = model.view();
  const LinkView& v = view.link(link);
  uint64_t all = 0;
  for (const LinkView& l : view.links) all += l.all.bytes();
  std::vector<std::pair<std::string, std::string>> rows;
  const auto row = [&](const std::string& name, const std::string& value) {
    rows.emplace_back(name, value);
  };
  row(std::string("↑ ") + toward_name(link), exact_bytes_text(v.all.toward));
  row(std::string("↓ ") + away_name(link), exact_bytes_text(v.all.away));
  if (link == Link::kShared) {
    row("warp requests", std::to_string(view.shared.shared_requests));
    row("wavefronts", std::to_string(view.shared.shared_wavefronts));
    row("fewest possible", std::to_string(view.shared.shared_ideal_wavefronts));
  } else {
    row("sectors of 32 B", count_text(double((v.all.bytes() + 31) / 32)));
  }
  if (link == Link::kL1 || link == Link::kL2) {
    const uint64_t atomics =
        link == Link::kL1 ? view.kernels.l1_atomic_bytes : view.kernels.l2_atomic_bytes;
    if (atomics > 0) row("↓ of these atomics", exact_bytes_text(atomics));
  }
  row("share of all links", percent_text(all > 0 ? double(v.all.bytes()) / double(all) : NAN));
  row("time at its bandwidth", seconds_text(v.seconds) + " modelled");
  row("of the modelled time", percent_text(view.seconds > 0 ? v.seconds / view.seconds : NAN));
  for (int c = 0; c < kTensorClasses; ++c) {
    if (v.by_class[c].bytes() == 0) continue;
    const std::string kind = link == Link::kShared ? " (inferred)" : "";
    row(class_name(static_cast<TensorClass>(c)) + kind, exact_bytes_text(v.by_class[c].bytes()));
  }
  if (v.of_no_class().bytes() > 0) row("of no tensor", exact_bytes_text(v.of_no_class().bytes()));
  value_tooltip(theme, std::string(link_title(link)) + " (counted)", rows);
}

void level_tooltip(const Theme& theme, const HierarchyView& view, Level level,
                   const traffic::GpuSpec& gpu) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto row = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) rows.emplace_back(name, value);
  };
  if (gpu.sms > 0) {
    row("size", level_size(level, gpu));
    row(level == Level::kCompute ? "arithmetic, all SMs" : "bandwidth",
        level_bandwidth(level, gpu));
  }
  const traffic::MemoryCounts& k = view.kernels;
  if (view.seconds > 0) {
    if (level == Level::kCompute) {
      row("multiply-adds, declared", count_text(view.declared.multiply_adds()));
    } else if (level == Level::kL1) {
      row("loaded", exact_bytes_text(k.l1_load_bytes));
      row("of these hits", exact_bytes_text(k.l1_hit_bytes));
      row("hit rate", percent_text(view.l1_hit_rate()));
    } else if (level == Level::kL2) {
      row("loads and atomics", exact_bytes_text(k.l2_load_bytes + k.l2_atomic_bytes));
      row("of these hits", exact_bytes_text(k.l2_hit_bytes));
      row("hit rate", percent_text(view.l2_hit_rate()));
    } else if (level == Level::kVram) {
      row("read", exact_bytes_text(view.all.vram_read_bytes));
      row("written", exact_bytes_text(view.all.vram_write_bytes));
      row("of these by copies", exact_bytes_text(view.copied_vram_bytes()));
      if (view.library_calls > 0) {
        row("besides, declared by a library",
            exact_bytes_text(view.library.read_bytes + view.library.written_bytes));
      }
    } else if (level == Level::kHost) {
      row("to the GPU", exact_bytes_text(view.all.host_read_bytes));
      row("from the GPU", exact_bytes_text(view.all.host_write_bytes));
    }
  }
  value_tooltip(theme, std::string(level_name(level)) + ". " + level_meaning(level), rows);
}

void draw_tensor_list(Context& context, const HierarchyModel& model, Link link) {
  const Theme& theme = context.theme;
  const HierarchyView& view = model.view();
  const LinkView& v = view.link(link);
  ImGui::TextUnformatted(link_title(link));
  ImGui::PushFont(theme.small);
  ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
  if (view.seconds <= 0) {
    ImGui::TextWrapped("Here: the tensors that use a link, most bytes first.");
  } else {
    ImGui::TextWrapped("%s at its bandwidth (modelled)", seconds_text(v.seconds).c_str());
    ImGui::TextWrapped("Tensors, by bytes (counted):");
  }
  if (link == Link::kShared) {
    ImGui::TextWrapped(
        "Shared memory is not part of any tensor. Which values the kernel has put there is seen "
        "in the panel of tiles.");
  }
  ImGui::PopStyleColor();
  ImGui::PopFont();

  const std::vector<TensorFlows> tensors = model.tensors(link);
  const float line = ImGui::GetTextLineHeight() + theme.px(10);
  ImDrawList* list = ImGui::GetWindowDrawList();
  ImGuiListClipper clipper;
  clipper.Begin(int(tensors.size()), line);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const TensorFlows& tensor = tensors[size_t(i)];
      const Flow flow = tensor.links[int(link)];
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const float width = ImGui::GetContentRegionAvail().x;
      ImGui::PushID(i);
      const bool selected = context.selection.tensor == tensor.name;
      if (ImGui::Selectable("##tensor", selected, 0, {width, line})) {
        context.selection.tensor = selected ? "" : tensor.name;
      }
      if (ImGui::IsItemHovered() && !context.still) {
        value_tooltip(
            theme, tensor.name,
            {{std::string("↑ ") + toward_name(link), exact_bytes_text(flow.toward)},
             {std::string("↓ ") + away_name(link), exact_bytes_text(flow.away)},
             {"share of this link", percent_text(double(flow.bytes()) / double(v.all.bytes()))}});
      }
      ImGui::PopID();
      const ImU32 color = theme.tensor(tensor.tensor_class);
      const float bytes = put_text(list, theme.small, {at.x + width, at.y + theme.px(3)},
                                   theme.text, bytes_text(double(flow.bytes())), Align::kRight);
      put_text(list, theme.small, {at.x + theme.px(2), at.y + theme.px(3)}, theme.text, tensor.name,
               Align::kLeft, width - bytes - theme.px(12));
      const float y = at.y + line - theme.px(6);
      const float share = float(double(flow.bytes()) / double(v.all.bytes()));
      list->AddRectFilled({at.x + theme.px(2), y}, {at.x + width, y + theme.px(3)},
                          with_alpha(theme.faint, 0.6f));
      list->AddRectFilled({at.x + theme.px(2), y},
                          {at.x + theme.px(2) + (width - theme.px(2)) * share, y + theme.px(3)},
                          color);
    }
  }
  ImGui::PopStyleVar();
}

nlohmann::ordered_json hierarchy_json(const Context& context, const HierarchyModel& model) {
  using nlohmann::ordered_json;
  const HierarchyView& v = model.view();
  ordered_json j = {{"scope", scope_name(context.selection.scope)},
                    {"gpu", context.run.recording.run().gpu.name}};
  ordered_json counted;
  counted["launches"] = v.launches;
  counted["copies"] = v.copies;
  for (int i = 0; i < kLinks; ++i) {
    const Link link = static_cast<Link>(i);
    ordered_json& l = counted["links"][link_id(link)];
    l = {{"toward_bytes", v.links[i].all.toward}, {"away_bytes", v.links[i].all.away}};
    for (int c = 0; c < kTensorClasses; ++c) {
      const uint64_t bytes = v.links[i].by_class[c].bytes();
      if (bytes == 0) continue;
      // Which values are in shared memory is known from the walk of one block only.
      ordered_json& of = link == Link::kShared ? j["inferred"]["shared_by_class"] : l["by_class"];
      of[class_name(static_cast<TensorClass>(c))] = bytes;
    }
  }
  traffic::for_memory_fields(
      v.all, [&](const char* name, uint64_t value) { counted["memory"][name] = value; });
  traffic::for_kernel_fields(
      v.shared, [&](const char* name, uint64_t value) { counted["kernels"][name] = value; });
  j["counted"] = std::move(counted);
  j["declared"] = {{"fp32_multiply_adds", v.declared.fp32_multiply_adds},
                   {"int8_multiply_adds", v.declared.int8_multiply_adds},
                   {"library_read_bytes", v.library.read_bytes},
                   {"library_written_bytes", v.library.written_bytes}};
  ordered_json& modelled = j["modelled"];
  modelled["seconds"] = v.seconds;
  for (int i = 0; i < traffic::kBounds; ++i) {
    modelled["seconds_by_bound"][traffic::bound_name(static_cast<Bound>(i))] =
        v.seconds_by_bound[i];
  }
  modelled["library_seconds"] = v.library_seconds;
  for (int i = 0; i < kLinks; ++i) {
    modelled["seconds_at_link"][link_id(static_cast<Link>(i))] = v.links[i].seconds;
  }
  return j;
}

}  // namespace viz

// What the hierarchy panel says: lines, figures, tooltips, the list of tensors.
#pragma once

#include <imgui.h>

#include <cmath>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "visualizer/panels/hierarchy_parts.h"
#include "visualizer/panels/panel.h"

namespace viz {

// "Token 5, decode", and "97 launches · 4.29 ms modelled".
std::string scope_title(const Context& context);
std::string scope_sums(const HierarchyView& view);
// The current piece of work: "matmul_kernel<1> · 64 blocks of 256 · 670 us, bound by VRAM".
std::string now_text(const Context& context);
// What widths and speeds mean.
std::string scale_text(Scope scope, uint64_t full);

// Of a link that nothing went over; empty where that says little.
const char* nothing_text(Link link);

// The number at the right of a level's box; empty text: none.
struct LevelFigure {
  std::string text, label;
  double part = NAN;  // 0 to 1, as a bar at the bottom of the box
};
LevelFigure level_figure(Level level, const HierarchyView& view);
// Size and bandwidth, as much as fits into `width`; without a GPU, what the level is.
std::string level_line(Level level, const traffic::GpuSpec& gpu, float width, const Theme& theme);

// Modelled time by what it is spent on.
void draw_time_bar(ImDrawList* list, const Theme& theme, const HierarchyView& view, Box box);
void time_tooltip(const Theme& theme, const HierarchyView& view);
// "bounds 71% of the time", around `middle`.
void draw_bound_tag(ImDrawList* list, const Theme& theme, ImU32 color, double share, ImVec2 middle);

void link_tooltip(const Theme& theme, const HierarchyModel& model, Link link);
void level_tooltip(const Theme& theme, const HierarchyView& view, Level level,
                   const traffic::GpuSpec& gpu);
// Into the current ImGui window. A click on a tensor selects it, or nothing when it was selected.
void draw_tensor_list(Context& context, const HierarchyModel& model, Link link);

nlohmann::ordered_json hierarchy_json(const Context& context, const HierarchyModel& model);

}  // namespace viz

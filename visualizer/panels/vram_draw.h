// The two pictures of the VRAM map: areas of allocations, and rows of the KV cache.
#pragma once

#include <string>

#include "visualizer/models/vram_cache.h"
#include "visualizer/models/vram_layout.h"
#include "visualizer/models/vram_model.h"
#include "visualizer/panels/panel.h"

namespace viz {

// What the areas are lit by: bytes that kernels asked for, or bytes that went through VRAM's or
// PCIe's link.
enum class HeatOf { kAsked, kFar };

struct MapLook {
  HeatOf of = HeatOf::kAsked;
  std::string when;  // "in this token": what is summed over
};

// Draws the areas; `layout` is in pixels of the screen. Returns what the mouse is over, if it is.
const VramArea* draw_map(Context& context, const VramLayout& layout, const VramHeat& heat,
                         const MapLook& look, ImVec2 mouse);
void area_tooltip(const Context& context, const VramArea& area, const VramHeat& heat,
                  const MapLook& look);

// Draws all grids into `box`, with a tooltip where the mouse is. Returns where they end.
float draw_cache(Context& context, const CacheModel& cache, const Box& box, const MapLook& look,
                 bool hovered);

// For the export: all memory where the playback stands, and its traffic in the scope.
nlohmann::ordered_json vram_json(const Recording& recording, const Playback& playback, Scope scope);

// "131,072 B".
std::string exact_bytes(uint64_t bytes);
// What marks a write in both pictures.
inline ImU32 written_color(const Theme& theme) { return theme.text; }

}  // namespace viz

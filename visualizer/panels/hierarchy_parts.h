// Parts of the hierarchy panel: where things lie, and how flows are drawn.
#pragma once

#include <imgui.h>

#include <array>
#include <string>
#include <vector>

#include "visualizer/draw/theme.h"
#include "visualizer/models/hierarchy_model.h"

namespace viz {

enum class Level { kCompute, kShared, kL1, kL2, kVram, kHost };
constexpr int kLevels = 6;

struct Box {
  ImVec2 min, max;
  float width() const { return max.x - min.x; }
  float height() const { return max.y - min.y; }
  ImVec2 center() const { return {(min.x + max.x) / 2, (min.y + max.y) / 2}; }
  bool contains(ImVec2 p) const {
    return min.x <= p.x && p.x < max.x && min.y <= p.y && p.y < max.y;
  }
};

// Where a link runs: its middle line from the far level to the near one, and where its two lines of
// text stand.
struct LinkPlace {
  std::vector<ImVec2> line;
  ImVec2 text;
  bool text_left = false;  // the text ends there, else it begins there
  float text_width = 0;    // room for it
  float room = 0;          // height of it
};

struct HierarchyLayout {
  Box gpu, sm;
  std::array<Box, kLevels> levels;
  std::array<LinkPlace, kLinks> links;
  ImVec2 pcie;           // where the name of PCIe stands
  float pcie_width = 0;  // room for it
  float lane = 0;        // full width of one direction of a link
  bool compact = false;  // boxes have room for two lines of text only
  const Box& level(Level l) const { return levels[static_cast<int>(l)]; }
  const LinkPlace& link(Link l) const { return links[static_cast<int>(l)]; }
};
// A pyramid with the arithmetic at the top, filling `area`.
HierarchyLayout lay_out_hierarchy(const Theme& theme, Box area);

struct LanePart {
  float width;  // pixels
  ImU32 color;
  float alpha = 1;
};
// One direction of a link: parts side by side along a line of axis-parallel segments, moved
// sideways by `offset` (to the right of the way it goes), with arrow heads that are `phase` pixels
// along their way.
void draw_lane(ImDrawList* list, const Theme& theme, const std::vector<ImVec2>& line, float offset,
               const std::vector<LanePart>& parts, float phase);

// The line moved sideways, its corners with it.
std::vector<ImVec2> moved_line(const std::vector<ImVec2>& line, float offset);
// Distance of a point from the line.
float distance_to(const std::vector<ImVec2>& line, ImVec2 p);

// What a level is, in a sentence.
const char* level_name(Level level);
const char* level_meaning(Level level);
// "262 kB an SM" and "33.5 TB/s"; empty where there is none.
std::string level_size(Level level, const traffic::GpuSpec& gpu);
std::string level_bandwidth(Level level, const traffic::GpuSpec& gpu);
// How much of the modelled time a level bounds.
struct LevelBound {
  traffic::Bound bound;
  double share;
};
LevelBound level_bound(Level level, const HierarchyView& view);

}  // namespace viz

// What the hierarchy panel draws within one frame: levels, links with what flows over them, words.
#pragma once

#include <imgui.h>

#include <array>
#include <optional>

#include "visualizer/panels/hierarchy_parts.h"
#include "visualizer/panels/panel.h"

namespace viz {

constexpr Link kAllLinks[] = {Link::kShared, Link::kL1,     Link::kL2,
                              Link::kVram,   Link::kPinned, Link::kCopies};

// All that one frame needs.
struct HierarchyPicture {
  Context& context;
  ImDrawList* list;
  const HierarchyModel& model;
  HierarchyLayout layout;
  std::array<float, 2 * kLinks> phases;  // pixels at scale 1 that each direction has moved
  uint64_t full;                         // bytes at which a link has its full width
  std::optional<Link> picked, hovered;

  const HierarchyView& view() const { return model.view(); }
  const Theme& theme() const { return context.theme; }
};

// What was looked at and what runs now, and where its modelled time goes. Returns its height.
float draw_hierarchy_header(const Context& context, const HierarchyView& view, ImVec2 at,
                            float width);
void draw_levels(const HierarchyPicture& f);
void draw_links(const HierarchyPicture& f);
// The tensors' colours, and what widths and speeds mean.
void draw_hierarchy_footer(const HierarchyPicture& f, ImVec2 at, float width);

}  // namespace viz

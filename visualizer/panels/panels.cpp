// Which panels there are.
#include "visualizer/panels/panel.h"

namespace viz {

std::vector<std::unique_ptr<Panel>> make_panels() {
  std::vector<std::unique_ptr<Panel>> panels;
#define ADD(id) panels.push_back(make_##id##_panel())
#ifdef VIZ_PANEL_hierarchy
  ADD(hierarchy);
#endif
#ifdef VIZ_PANEL_timeline
  ADD(timeline);
#endif
#ifdef VIZ_PANEL_kernels
  ADD(kernels);
#endif
#ifdef VIZ_PANEL_vram
  ADD(vram);
#endif
#ifdef VIZ_PANEL_tiles
  ADD(tiles);
#endif
#ifdef VIZ_PANEL_text
  ADD(text);
#endif
#ifdef VIZ_PANEL_compare
  ADD(compare);
#endif
#ifdef VIZ_PANEL_tour
  ADD(tour);
#endif
#undef ADD
  return panels;
}

}  // namespace viz

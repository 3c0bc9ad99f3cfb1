// Which panels there are, in the order of their tabs.
#include "visualizer/panels/panel.h"

namespace viz {

std::vector<std::unique_ptr<Panel>> make_panels() {
  std::vector<std::unique_ptr<Panel>> panels;
  panels.push_back(make_hierarchy_panel());
  panels.push_back(make_timeline_panel());
  panels.push_back(make_kernels_panel());
  panels.push_back(make_vram_panel());
  panels.push_back(make_tiles_panel());
  panels.push_back(make_text_panel());
  panels.push_back(make_compare_panel());
  panels.push_back(make_tour_panel());
  return panels;
}

}  // namespace viz

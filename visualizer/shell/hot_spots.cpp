// Lines of text for a test.
#include "visualizer/shell/hot_spots.h"

#include <imgui.h>

#include <cmath>

namespace viz {

void HotSpots::mark(const std::string& name) {
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  spots_[name] = {min.x, min.y, max.x - min.x, max.y - min.y};
}

void HotSpots::mark_part(const std::string& name, int part, int of) {
  mark(name);
  Area& area = spots_[name];
  area.width /= float(of);
  area.x += float(part) * area.width;
}

std::string HotSpots::text() const {
  std::string all;
  for (const auto& [name, value] : words_) all += name + " " + value + "\n";
  for (const auto& [name, area] : spots_) {
    all += "spot " + name;
    for (const float value : {area.x, area.y, area.width, area.height}) {
      all += " " + std::to_string(std::lround(value));
    }
    all += "\n";
  }
  return all;
}

}  // namespace viz

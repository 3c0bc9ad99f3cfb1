// Drawn with ImGui's own fields.
#include "visualizer/shell/fields.h"

#include <imgui.h>

#include <algorithm>

namespace viz {

void muted_text(const Theme& theme, const std::string& text) {
  ImGui::PushFont(theme.small);
  ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
  ImGui::TextWrapped("%s", text.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

bool whole_number(const char* id, int* value, int least, int most) {
  ImGui::SetNextItemWidth(-1);
  const int before = *value;
  ImGui::InputInt(id, value, 1, 8);
  *value = std::clamp(*value, least, most);
  return *value != before;
}

}  // namespace viz

// Small things of the timeline: choices side by side, legends.
#include <algorithm>

#include "visualizer/panels/timeline_parts.h"

namespace viz {

ImU32 ink_on(ImU32 color) {
  const auto channel = [color](int shift) { return float(color >> shift & 255); };
  const float light = 0.299f * channel(IM_COL32_R_SHIFT) + 0.587f * channel(IM_COL32_G_SHIFT) +
                      0.114f * channel(IM_COL32_B_SHIFT);
  return light > 140 ? IM_COL32(16, 20, 26, 255) : IM_COL32(255, 255, 255, 255);
}

float choice_width(const Theme& theme, const std::vector<const char*>& names) {
  float width = 0;
  for (const char* name : names) width += text_size(theme.small, name).x + theme.px(14);
  return width;
}

int small_choice(const Theme& theme, const char* id, const std::vector<const char*>& names,
                 int chosen, const char* tip) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float height = text_size(theme.small, "0").y + theme.px(3);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  list->AddRectFilled(at, {at.x + choice_width(theme, names), at.y + height}, theme.raised,
                      theme.px(4));
  float x = at.x;
  ImGui::PushID(id);
  for (int i = 0; i < int(names.size()); ++i) {
    const float width = text_size(theme.small, names[size_t(i)]).x + theme.px(14);
    ImGui::SetCursorScreenPos({x, at.y});
    const bool was = i == chosen;
    if (ImGui::InvisibleButton(names[size_t(i)], {width, height})) chosen = i;
    if (was) {
      list->AddRectFilled({x, at.y}, {x + width, at.y + height}, theme.accent, theme.px(4));
    }
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", tip);
    const ImU32 ink = was ? theme.on_accent : ImGui::IsItemHovered() ? theme.text : theme.muted;
    put_text(list, theme.small, {x + width / 2, at.y + theme.px(1.5f)}, ink, names[size_t(i)],
             Align::kCenter);
    x += width;
  }
  ImGui::PopID();
  return chosen;
}

float draw_legend(ImDrawList* list, const Theme& theme, ImVec2 at, float width,
                  const std::vector<LegendItem>& items) {
  const float line = text_size(theme.small, "0").y + theme.px(3), sample = theme.px(10);
  float x = at.x, y = at.y;
  for (const LegendItem& item : items) {
    const float text = text_size(theme.small, item.name).x,
                swatch = item.flat ? 1.8f * sample : sample;
    const float need = swatch + theme.px(5) + text;
    if (x > at.x && x + need > at.x + width) x = at.x, y += line;
    const float high = item.flat ? theme.px(5) : sample, middle = y + line / 2 - theme.px(1.5f);
    list->AddRectFilled({x, middle - high / 2}, {x + swatch, middle + high / 2}, item.color,
                        theme.px(2));
    put_text(list, theme.small, {x + swatch + theme.px(5), y}, theme.muted, item.name);
    x += need + theme.px(14);
  }
  return y - at.y + line;
}

}  // namespace viz

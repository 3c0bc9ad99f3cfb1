// Buttons.
#include "visualizer/draw/widgets.h"

#include <algorithm>

#include "visualizer/draw/shapes.h"

namespace viz {
namespace {

// What an icon is drawn with: its middle, and half its size.
struct Pen {
  ImDrawList* list;
  ImVec2 middle;
  float r;
  ImU32 color;

  ImVec2 at(float x, float y) const { return {middle.x + x * r, middle.y + y * r}; }
  void triangle(float from, float to, float height = 0.9f) const {
    // Clockwise in both directions: the soft edge lies outside.
    if (to > from) {
      list->AddTriangleFilled(at(from, -height), at(to, 0), at(from, height), color);
    } else {
      list->AddTriangleFilled(at(from, height), at(to, 0), at(from, -height), color);
    }
  }
  void bar(float from, float to, float height = 0.9f) const {
    list->AddRectFilled(at(from, -height), at(to, height), color);
  }
};

void draw_sun(const Pen& p, ImU32 background, bool moon) {
  if (moon) {
    p.list->AddCircleFilled(p.middle, p.r * 0.85f, p.color, 24);
    p.list->AddCircleFilled(p.at(0.45f, -0.3f), p.r * 0.75f, background, 24);
    return;
  }
  p.list->AddCircleFilled(p.middle, p.r * 0.5f, p.color, 20);
  constexpr float kRays[8][2] = {{1, 0},  {0.7f, 0.7f},   {0, 1},  {-0.7f, 0.7f},
                                 {-1, 0}, {-0.7f, -0.7f}, {0, -1}, {0.7f, -0.7f}};
  for (const auto& ray : kRays) {
    p.list->AddLine(p.at(ray[0] * 0.72f, ray[1] * 0.72f), p.at(ray[0], ray[1]), p.color,
                    std::max(1.f, p.r * 0.18f));
  }
}

void draw_icon(const Pen& p, Icon icon, ImU32 background, const Theme& theme) {
  switch (icon) {
    case Icon::kToStart:
      p.bar(-0.9f, -0.6f), p.triangle(0.8f, -0.5f);
      break;
    case Icon::kBackToken:
      p.triangle(0, -1, 0.8f), p.triangle(1, 0, 0.8f);
      break;
    case Icon::kBackKernel:
      p.triangle(0.5f, -0.6f, 0.8f);
      break;
    case Icon::kPlay:
      p.triangle(-0.6f, 0.9f);
      break;
    case Icon::kPause:
      p.bar(-0.65f, -0.2f), p.bar(0.2f, 0.65f);
      break;
    case Icon::kNextKernel:
      p.triangle(-0.5f, 0.6f, 0.8f);
      break;
    case Icon::kNextToken:
      p.triangle(-1, 0, 0.8f), p.triangle(0, 1, 0.8f);
      break;
    case Icon::kFollow:
      p.list->AddCircleFilled(p.middle, p.r * 0.45f, p.color, 20);
      p.list->AddCircle(p.middle, p.r * 0.9f, p.color, 24, std::max(1.f, p.r * 0.2f));
      break;
    case Icon::kMoon:
      draw_sun(p, background, true);
      break;
    case Icon::kSun:
      draw_sun(p, background, false);
      break;
    case Icon::kMenu:
      for (const float y : {-0.6f, 0.f, 0.6f}) {
        p.list->AddRectFilled(p.at(-0.8f, y - 0.12f), p.at(0.8f, y + 0.12f), p.color);
      }
      break;
    case Icon::kHelp:
      put_text(p.list, theme.body, {p.middle.x, p.middle.y - theme.body->FontSize / 2}, p.color,
               "?", Align::kCenter);
      break;
  }
}

}  // namespace

bool icon_button(const Theme& theme, const char* id, Icon icon, const std::string& tooltip,
                 bool on) {
  const float side = ImGui::GetFrameHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool clicked = ImGui::InvisibleButton(id, {side, side});
  const bool hovered = ImGui::IsItemHovered(), held = ImGui::IsItemActive();
  const ImU32 background = on        ? mix(theme.surface, theme.accent, 0.28f)
                           : held    ? mix(theme.raised, theme.accent, 0.45f)
                           : hovered ? mix(theme.raised, theme.accent, 0.25f)
                                     : theme.raised;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(at, {at.x + side, at.y + side}, background, theme.px(4));
  const Pen pen{list,
                {at.x + side / 2, at.y + side / 2},
                std::max(4.f, side * 0.26f),
                on ? theme.accent : theme.text};
  draw_icon(pen, icon, background, theme);
  item_tooltip(tooltip);
  return clicked;
}

bool segmented(const Theme& theme, const char* id, const std::vector<std::string>& names,
               int* chosen, float width) {
  ImGui::PushID(id);
  const float height = ImGui::GetFrameHeight(), pad = theme.px(9);
  ImDrawList* list = ImGui::GetWindowDrawList();
  bool changed = false;
  ImGui::BeginGroup();
  for (int i = 0; i < int(names.size()); ++i) {
    const float need = width > 0 ? width / float(names.size())
                                 : text_size(theme.body, names[size_t(i)]).x + 2 * pad;
    if (i > 0) ImGui::SameLine(0, 0);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (ImGui::InvisibleButton(names[size_t(i)].c_str(), {need, height}) && *chosen != i) {
      *chosen = i;
      changed = true;
    }
    const bool on = *chosen == i;
    const ImU32 background = on                       ? mix(theme.surface, theme.accent, 0.3f)
                             : ImGui::IsItemHovered() ? mix(theme.raised, theme.accent, 0.15f)
                                                      : theme.raised;
    const ImDrawFlags round = names.size() == 1            ? ImDrawFlags_RoundCornersAll
                              : i == 0                     ? ImDrawFlags_RoundCornersLeft
                              : i + 1 == int(names.size()) ? ImDrawFlags_RoundCornersRight
                                                           : ImDrawFlags_RoundCornersNone;
    list->AddRectFilled(at, {at.x + need, at.y + height}, background, theme.px(4), round);
    put_text(list, theme.body, {at.x + need / 2, at.y + (height - theme.body->FontSize) / 2},
             on ? theme.text : theme.muted, names[size_t(i)], Align::kCenter, need - theme.px(6));
  }
  ImGui::EndGroup();
  ImGui::PopID();
  return changed;
}

bool main_button(const Theme& theme, const char* label, ImVec2 size) {
  ImGui::PushStyleColor(ImGuiCol_Button, theme.accent);
  ImGui::PushStyleColor(ImGuiCol_ButtonHovered, mix(theme.accent, theme.text, 0.15f));
  ImGui::PushStyleColor(ImGuiCol_ButtonActive, mix(theme.accent, theme.text, 0.3f));
  ImGui::PushStyleColor(ImGuiCol_Text, theme.on_accent);
  const bool clicked = ImGui::Button(label, size);
  ImGui::PopStyleColor(4);
  return clicked;
}

void field_label(const Theme& theme, const char* text) {
  ImGui::PushFont(theme.small);
  ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
  ImGui::TextUnformatted(text);
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void item_tooltip(const std::string& text) {
  if (!text.empty() && ImGui::IsItemHovered()) {
    ImGui::BeginTooltip();
    ImGui::PushTextWrapPos(ImGui::GetFontSize() * 26);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
  }
}

}  // namespace viz

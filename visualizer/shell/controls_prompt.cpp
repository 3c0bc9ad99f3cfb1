// What is to be continued, and how far.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/shell/controls.h"
#include "visualizer/shell/fields.h"

namespace viz {
namespace {

constexpr float kWide = -1;  // ImGui: up to the right edge

// Once after the click: one most often adds to what is there.
int cursor_to_end(ImGuiInputTextCallbackData* data) {
  bool& wanted = *static_cast<bool*>(data->UserData);
  if (wanted) data->CursorPos = data->SelectionStart = data->SelectionEnd = data->BufTextLen;
  wanted = false;
  return 0;
}

}  // namespace

// ImGui's field does not wrap lines: while nobody types, the whole prompt is shown in its place.
void Controls::draw_prompt_box(const Theme& theme, float height) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, pad = theme.px(6);
  if (ImGui::InvisibleButton("##prompt_box", {width, height})) {
    editing_ = 1;
    cursor_to_end_ = true;
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 end = {at.x + width, at.y + height};
  list->AddRectFilled(
      at, end, ImGui::IsItemHovered() ? mix(theme.raised, theme.accent, 0.15f) : theme.raised,
      theme.px(4));
  list->PushClipRect(at, end, true);
  list->AddText(theme.body, theme.body->FontSize, {at.x + pad, at.y + theme.px(4)}, theme.text,
                request_.prompt.data(), request_.prompt.data() + request_.prompt.size(),
                width - 2 * pad);
  list->PopClipRect();
  item_tooltip(request_.prompt + "\n\nClick to change it.");
}

void Controls::draw_prompt(const Theme& theme, HotSpots& spots) {
  field_label(theme, "Prompt");
  const float height = ImGui::GetTextLineHeight() * 3 + theme.px(10);
  if (editing_ > 0) {
    if (editing_ == 1) ImGui::SetKeyboardFocusHere();
    ImGui::InputTextMultiline("##prompt", &request_.prompt, {kWide, height},
                              ImGuiInputTextFlags_CallbackAlways, cursor_to_end, &cursor_to_end_);
    // It takes ImGui a frame or two to give it the keyboard.
    editing_ = ++editing_ > 4 && !ImGui::IsItemActive() ? 0 : std::min(editing_, 5);
  } else {
    draw_prompt_box(theme, height);
  }
  spots.mark("field:prompt");
  field_label(theme, "New tokens");
  whole_number("##tokens", &request_.n_tokens, 1, 100000);
  spots.mark("field:tokens");
}

}  // namespace viz

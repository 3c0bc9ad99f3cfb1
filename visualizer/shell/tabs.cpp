// The panels' names, and what the shown one is for.
#include <imgui.h>

#include <algorithm>

#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/panels/tour.h"  // draw_tour_card
#include "visualizer/shell/app.h"

namespace viz {
namespace {

// A tab, with a line under it when it is shown. `pad`: space beside its name.
bool tab(const Theme& theme, const char* title, bool shown, float pad) {
  const float width = text_size(theme.body, title).x + 2 * pad;
  const float height = ImGui::GetFrameHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool clicked = ImGui::InvisibleButton(title, {width, height});
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (!shown && ImGui::IsItemHovered()) {
    list->AddRectFilled(at, {at.x + width, at.y + height}, theme.raised, theme.px(4));
  }
  put_text(list, theme.body, {at.x + pad, at.y + (height - theme.body->FontSize) / 2 - theme.px(1)},
           shown ? theme.text : theme.muted, title);
  if (shown) {
    list->AddRectFilled({at.x + pad, at.y + height - theme.px(2)},
                        {at.x + width - pad, at.y + height}, theme.accent);
  }
  return clicked;
}

}  // namespace

void App::draw_tabs() {
  if (panels_.empty()) return;
  const Theme& theme = gui_.theme();
  float names = 0;
  for (const auto& p : panels_) names += text_size(theme.body, p->title()).x;
  const float room = ImGui::GetContentRegionAvail().x - names;
  const float pad = std::clamp(room / (2 * float(panels_.size())), theme.px(2), theme.px(12));
  for (size_t i = 0; i < panels_.size(); ++i) {
    if (i > 0) ImGui::SameLine(0, 0);
    if (tab(theme, panels_[i]->title(), i == panel_, pad)) panel_ = i;
    spots_.mark(std::string("tab:") + panels_[i]->id());
    item_tooltip(std::string(panels_[i]->hint()) + " (" + std::to_string(i + 1) + ")");
  }
  if (tour_.on() && std::string(panel().id()) != "tour") {
    with_context([this](Context& context) { draw_tour_card(context, tour_); });
    spots_.mark("tour card");
    return;
  }
  ImGui::PushFont(theme.small);
  ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
  ImGui::TextWrapped("%s", panel().hint());
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

}  // namespace viz

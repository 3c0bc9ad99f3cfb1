// How a frame is laid out: controls on the left; transport, tabs and the panel; the status line.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "visualizer/core/measured.h"  // measured_sum
#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/shell/app.h"
#include "visualizer/shell/transport.h"

namespace viz {
namespace {

constexpr ImGuiWindowFlags kCard = ImGuiWindowFlags_AlwaysUseWindowPadding;
constexpr ImGuiWindowFlags kCardWithoutScroll =
    kCard | ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;

struct Card {
  ImVec2 min, max;
};

Card last_item() { return {ImGui::GetItemRectMin(), ImGui::GetItemRectMax()}; }

// The display was cleared to the cards' colour, which costs nothing; what lies between the cards is
// filled. (Cards filled over a background took a third of a frame's time.)
void draw_between(const Theme& theme, ImVec2 size, const Card& left, const Card& top,
                  const Card& panel) {
  ImDrawList* list = ImGui::GetBackgroundDrawList();
  const ImU32 color = theme.background;
  const auto fill = [&](float x0, float y0, float x1, float y1) {
    if (x1 > x0 && y1 > y0) list->AddRectFilled({x0, y0}, {x1, y1}, color);
  };
  fill(0, 0, size.x, left.min.y);
  fill(0, left.min.y, left.min.x, left.max.y);
  fill(left.max.x, left.min.y, top.min.x, left.max.y);
  fill(top.max.x, left.min.y, size.x, left.max.y);
  fill(top.min.x, top.max.y, top.max.x, panel.min.y);
  fill(top.min.x, panel.max.y, top.max.x, left.max.y);
  fill(0, left.max.y, size.x, size.y);
  const float r = theme.px(6);
  for (const Card& card : {left, top, panel}) {
    outside_corner(list, card.min, r, 1, 1, color);
    outside_corner(list, {card.max.x, card.min.y}, r, -1, 1, color);
    outside_corner(list, {card.min.x, card.max.y}, r, 1, -1, color);
    outside_corner(list, card.max, r, -1, -1, color);
  }
}

// In a window too small for everything, everything is drawn smaller: a button that is cut off is
// never found.
float fitting_scale(ImVec2 window, float wanted) {
  constexpr float kWidth = 880, kHeight = 560;  // that all has room in, at scale 1
  const float fits = std::min(window.x / kWidth, window.y / kHeight);
  if (fits >= wanted) return wanted;
  constexpr float kSteps = 20;  // new fonts for each: not at every pixel
  return std::max(0.5f, std::floor(fits * kSteps) / kSteps);
}

}  // namespace

void App::draw() {
  const ImGuiStyle& style = ImGui::GetStyle();
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  gui_.set_scale(fitting_scale(size, scale_));
  const Theme& theme = gui_.theme();
  spots_.begin_frame();
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::Begin("all", nullptr,
               ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoDecoration |
                   ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar();
  const float status = theme.px(16);
  const float bottom = size.y - style.WindowPadding.y - status;  // of what stands over it
  const bool narrow = size.x < theme.px(1100);
  draw_left(theme.px(narrow ? 216 : 260), bottom - style.WindowPadding.y - style.ItemSpacing.y);
  const Card left = last_item();
  ImGui::SameLine();
  ImGui::BeginGroup();
  draw_top();
  const Card top = last_item();
  draw_messages();
  draw_tabs();
  draw_panel(bottom - style.ItemSpacing.y - ImGui::GetCursorPosY());
  const Card shown = last_item();
  ImGui::EndGroup();
  draw_between(theme, size, left, top, shown);
  ImGui::SetCursorPosY(bottom);
  draw_status(status);
  ImGui::End();
  draw_help();
}

void App::draw_left(float width, float height) {
  ImGui::BeginChild("controls", {width, height}, false, kCardWithoutScroll);
  const Controls::Clicked clicked = controls_.draw(gui_.theme(), catalog_, run_, measured_, spots_);
  ImGui::EndChild();
  gui_.show_text(controls_.request().prompt);
  if (clicked.model_changed) ask_about_model();
  if (!clicked.open.empty()) open_file(clicked.open);
  // A click on another chapter shows it; what a file shows is left only by the button.
  if (clicked.decode || (clicked.switched && !run_.is_file())) decode(controls_.request());
  if (clicked.stop) run_.stop(), measured_.stop();
}

void App::draw_top() {
  const Theme& theme = gui_.theme();
  ImGui::BeginChild("transport", {0, transport_height(theme)}, false, kCardWithoutScroll);
  const ImVec2 begin = ImGui::GetCursorPos();
  const float gap = theme.px(4), right = ImGui::GetContentRegionAvail().x;
  const float icons = 3 * ImGui::GetFrameHeight() + 2 * gap;
  ImGui::SetCursorPosX(begin.x + right - icons);
  if (icon_button(theme, "theme", theme.dark ? Icon::kSun : Icon::kMoon,
                  theme.dark ? "Light colours" : "Dark colours")) {
    gui_.set_dark(!theme.dark);
  }
  spots_.mark("button:theme");
  ImGui::SameLine(0, gap);
  if (icon_button(theme, "menu", Icon::kMenu, "Save what is seen; size of everything")) {
    ImGui::OpenPopup("menu");
  }
  spots_.mark("button:menu");
  draw_menu();
  ImGui::SameLine(0, gap);
  if (icon_button(theme, "help", Icon::kHelp, "Help (F1 or ?)", help_)) help_ = !help_;
  spots_.mark("button:help");
  ImGui::SetCursorPos(begin);
  draw_transport(theme, run_, selection_, right - icons - gap, spots_);
  ImGui::EndChild();
}

void App::draw_panel(float height) {
  if (panels_.empty()) return;
  ImGui::BeginChild("panel", {0, std::max(height, 40.f)}, false, kCard);
  with_context([this](Context& context) { panel().draw(context); });
  ImGui::EndChild();
  spots_.mark("panel");
  spots_.say("panel", panel().id());
}

void App::draw_status(float height) {
  const Theme& theme = gui_.theme();
  const traffic::RunEvent& run = run_.recording().run();
  std::string words = run_.source().name();
  if (run_.recording().started()) {
    words = run.chapter + "   ·   " + run.model + "   ·   " +
            (run.gpu.title.empty() ? run.gpu.name : run.gpu.title) +
            "   ·   bytes are counted, times modelled" +
            (measured_.recording().started() ? " and, beside them, measured" : "");
    if (run_.is_file()) words += "   ·   from " + run_.path();
  }
  spots_.say("chapter", run.chapter.empty() ? "-" : run.chapter);
  spots_.say("form",
             controls_.request().row() + " " + std::to_string(controls_.request().n_tokens));
  spots_.say("state", run_.live() ? "running" : "ended");
  spots_.say("size", std::to_string(int(ImGui::GetIO().DisplaySize.x)) + "x" +
                         std::to_string(int(ImGui::GetIO().DisplaySize.y)));
  spots_.say("theme", theme.dark ? "dark" : "light");
  spots_.say("measured",
             std::to_string(measured_sum(run_.recording(), traffic::Phase::kDecode).steps));
  spots_.say("process", std::to_string(run_.source().process()));
  spots_.say("works", std::to_string(run_.recording().works().size()));
  spots_.say("work", std::to_string(run_.playback.work()));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  put_text(ImGui::GetWindowDrawList(), theme.small, {at.x, at.y}, theme.muted, words, Align::kLeft,
           ImGui::GetContentRegionAvail().x);
  ImGui::Dummy({0, height});
}

}  // namespace viz

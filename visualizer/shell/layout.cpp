// How a frame is laid out: controls on the left; transport, tabs and the panel; the status line.
#include <imgui.h>
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "visualizer/core/measured.h"  // measured_sum
#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/panels/tour.h"  // draw_tour_card
#include "visualizer/shell/app.h"
#include "visualizer/shell/text_file.h"
#include "visualizer/shell/transport.h"

namespace viz {
namespace {

constexpr ImGuiWindowFlags kCard = ImGuiWindowFlags_AlwaysUseWindowPadding;
constexpr ImGuiWindowFlags kCardWithoutScroll =
    kCard | ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;

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

// A file of that name that does not exist yet, in the current folder.
std::string new_file(const std::string& stem, const char* ending) {
  for (int i = 1;; ++i) {
    const std::string path = stem + (i == 1 ? "" : "-" + std::to_string(i)) + ending;
    if (access(path.c_str(), F_OK) != 0) return path;
  }
}

// The corner of a card at `at`, rounded: what is outside is the background. x and y point inward.
void round_corner(ImDrawList* list, ImVec2 at, float r, float x, float y, ImU32 color) {
  constexpr float kArc[][2] = {
      {0, 1}, {0.076f, 0.617f}, {0.293f, 0.293f}, {0.617f, 0.076f}, {1, 0}};
  for (int i = 0; i < 4; ++i) {
    list->AddTriangleFilled(at, {at.x + x * r * kArc[i][0], at.y + y * r * kArc[i][1]},
                            {at.x + x * r * kArc[i + 1][0], at.y + y * r * kArc[i + 1][1]}, color);
  }
}

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
    round_corner(list, card.min, r, 1, 1, color);
    round_corner(list, {card.max.x, card.min.y}, r, -1, 1, color);
    round_corner(list, {card.min.x, card.max.y}, r, 1, -1, color);
    round_corner(list, card.max, r, -1, -1, color);
  }
}

}  // namespace

void App::draw() {
  const Theme& theme = gui_.theme();
  const ImGuiStyle& style = ImGui::GetStyle();
  const ImVec2 size = ImGui::GetIO().DisplaySize;
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
  if (clicked.model_changed) open_file(controls_.request().model);
  if (!clicked.open.empty()) open_file(clicked.open);
  if (clicked.decode) decode(controls_.request());
  if (clicked.stop) run_.stop(), measured_.stop();
}

void App::draw_top() {
  const Theme& theme = gui_.theme();
  ImGui::BeginChild("transport", {0, transport_height(theme)}, false, kCardWithoutScroll);
  const ImVec2 begin = ImGui::GetCursorPos();
  const float gap = theme.px(4), right = ImGui::GetContentRegionAvail().x;
  ImGui::SetCursorPosX(begin.x + right - 3 * ImGui::GetFrameHeight() - 2 * gap);
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
  if (icon_button(theme, "help", Icon::kHelp, "Help (F1)", help_)) help_ = !help_;
  spots_.mark("button:help");
  ImGui::SetCursorPos(begin);
  draw_transport(theme, run_, selection_, spots_);
  ImGui::EndChild();
}

void App::draw_menu() {
  if (!ImGui::BeginPopup("menu")) return;
  const Theme& theme = gui_.theme();
  if (ImGui::MenuItem("Save picture (PNG)")) export_by_menu(".png");
  spots_.mark("menu:png");
  if (ImGui::MenuItem("Save numbers (JSON)")) export_by_menu(".json");
  spots_.mark("menu:json");
  if (ImGui::MenuItem("Save Chrome trace (ui.perfetto.dev)")) export_by_menu("-trace.json");
  spots_.mark("menu:trace");
  ImGui::Separator();
  if (ImGui::MenuItem("Larger")) gui_.set_scale(std::min(4.f, theme.scale + 0.25f));
  if (ImGui::MenuItem("Smaller")) gui_.set_scale(std::max(0.5f, theme.scale - 0.25f));
  ImGui::Separator();
  if (comparing_ && ImGui::MenuItem("End the comparison")) {
    comparing_ = false;
    other_.stop();
  }
  ImGui::EndPopup();
}

void App::export_by_menu(const char* ending) {
  const std::string chapter = run_.recording().run().chapter;
  const std::string path =
      new_file((chapter.empty() ? "ladder" : chapter) + "-" + panel().id(), ending);
  if (std::string(ending) == ".png") {
    picture_wish_ = path;
    return;
  }
  try {
    ending[0] == '-' ? write_trace(path) : write_json(path);
    tell(false, "Saved as " + absolute_path(path));
  } catch (const std::exception& e) {
    tell(true, e.what());
  }
}

void App::draw_messages() {
  const Theme& theme = gui_.theme();
  const auto line = [&](const char* id, ImU32 color, const std::string& text, const char* button) {
    ImGui::PushStyleColor(ImGuiCol_ChildBg, mix(theme.surface, color, 0.22f));
    const float inner = ImGui::GetContentRegionAvail().x - theme.px(button[0] == 'T' ? 260 : 130);
    const ImVec2 need = ImGui::CalcTextSize(text.c_str(), nullptr, false, inner);
    const float height = std::max(need.y, ImGui::GetFrameHeight()) + theme.px(12);
    ImGui::BeginChild(id, {0, height}, false, ImGuiWindowFlags_NoScrollbar);
    ImGui::SetCursorPos({theme.px(12), theme.px(6)});
    ImGui::PushTextWrapPos(theme.px(12) + inner);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
    ImGui::SetCursorPos({inner + theme.px(24), theme.px(6)});
    int clicked = 0;
    if (button[0] == 'T') {
      if (main_button(theme, button, {theme.px(126), 0})) clicked = 2;
      spots_.mark("button:tour");
      ImGui::SameLine();
    }
    if (ImGui::Button("Dismiss")) clicked = 1;
    spots_.mark("button:dismiss");
    ImGui::EndChild();
    ImGui::PopStyleColor();
    return clicked;
  };
  for (size_t i = 0; i < messages_.size(); ++i) {
    const ImU32 color = messages_[i].error ? theme.bad : theme.good;
    spots_.say("message", messages_[i].text);
    const std::string id = "message" + std::to_string(i);
    if (line(id.c_str(), color, messages_[i].text, "Dismiss") != 0) {
      messages_.erase(messages_.begin() + ptrdiff_t(i--));
    }
  }
  if (!welcome_ || !messages_.empty()) return;
  const int clicked =
      line("welcome", theme.accent,
           "A small model is decoding on a simulated GPU, and every byte that it moves is counted. "
           "Choose what to look at by the tabs below; change the chapter on the left.",
           "Take the tour");
  if (clicked != 0) welcome_ = false;
  if (clicked == 2) show_panel("tour");
}

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

void App::draw_help() {
  if (!help_) return;
  const Theme& theme = gui_.theme();
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({size.x / 2, size.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::PushStyleColor(ImGuiCol_WindowBg, theme.raised);
  if (ImGui::Begin("Help", &help_,
                   ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoCollapse |
                       ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings)) {
    constexpr const char* kKeys[][2] = {{"Space", "play, pause"},
                                        {"Left, Right", "one kernel back, on"},
                                        {"Shift+Left, Shift+Right", "one token back, on"},
                                        {"Home", "back to the beginning"},
                                        {"End", "follow the decoder"},
                                        {"1 to 8", "the panels, from left to right"},
                                        {"F1", "this help"},
                                        {"Ctrl+Q", "close the window"}};
    if (ImGui::BeginTable("keys", 2, ImGuiTableFlags_SizingFixedFit)) {
      for (const auto& key : kKeys) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(key[0]);
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(key[1]);
      }
      ImGui::EndTable();
    }
    ImGui::Separator();
    ImGui::PushTextWrapPos(theme.px(420));
    ImGui::TextUnformatted(
        "counted: added up by the simulator, access by access, when the decoder ran. declared: "
        "what "
        "a library call says of itself. modelled: computed from counts and the GPU's data sheet. "
        "measured: by a clock. inferred: read off the order of loads and stores.");
    ImGui::PopTextWrapPos();
    spots_.say("help", "open");
  }
  ImGui::End();
  ImGui::PopStyleColor();
}

}  // namespace viz

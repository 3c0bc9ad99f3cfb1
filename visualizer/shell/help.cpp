// What can be clicked, what the keys do, and what the words for numbers mean.
#include <imgui.h>

#include <algorithm>

#include "visualizer/draw/shapes.h"
#include "visualizer/shell/app.h"

namespace viz {
namespace {

using Row = const char* [2];

constexpr Row kPlaces[] = {
    {"Left", "what is decoded: chapter, model, prompt, GPU; then Decode"},
    {"Bar on top", "the whole run: click or drag to go to a moment of it"},
    {"Tabs", "views of that moment, or of the token or run around it"},
    {"Tour", "leads through a chapter, card by card"},
    {"Menu", "saves the picture, its numbers or the run; size of everything"},
    {"Mouse", "point at a thing to see its numbers; drop a recording or a GGUF file"},
};
constexpr Row kKeys[] = {
    {"Space", "play, pause"},
    {"Left, Right", "one kernel back, on"},
    {"Shift+Left, Shift+Right", "one token back, on"},
    {"Home", "back to the beginning"},
    {"End", "follow the decoder"},
    {"1 to 8", "the panels, from left to right"},
    {"F1 or ?", "this help; Escape closes it"},
    {"Ctrl+Q", "close the window"},
};
constexpr Row kKinds[] = {
    {"counted", "added up by the simulator, access by access"},
    {"declared", "what a library or a kernel says of its own work"},
    {"modelled", "computed from the counts and the GPU's data sheet"},
    {"measured", "by a clock, on this machine"},
    {"inferred", "read off the order of loads and stores"},
};

template <size_t kCount>
void rows(const Theme& theme, const char* title, const Row (&list)[kCount]) {
  ImGui::TextDisabled("%s", title);
  if (!ImGui::BeginTable(title, 2, ImGuiTableFlags_SizingFixedFit)) return;
  // The same for each list: they stand below one another.
  const float first = text_size(theme.body, "Shift+Left, Shift+Right").x + theme.px(8);
  ImGui::TableSetupColumn("what", ImGuiTableColumnFlags_WidthFixed, first);
  ImGui::TableSetupColumn("does", ImGuiTableColumnFlags_WidthFixed);
  for (const Row& row : list) {
    for (const char* text : row) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(text);
    }
  }
  ImGui::EndTable();
  ImGui::Dummy({0, theme.px(4)});
}

}  // namespace

void App::draw_help() {
  if (!help_) return;
  const Theme& theme = gui_.theme();
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({size.x / 2, size.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::PushStyleColor(ImGuiCol_WindowBg, theme.raised);
  ImGui::PushStyleColor(ImGuiCol_TitleBgActive, mix(theme.raised, theme.accent, 0.3f));
  ImGui::PushStyleColor(ImGuiCol_TitleBg, mix(theme.raised, theme.accent, 0.15f));
  if (ImGui::Begin("Help", &help_,
                   ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoCollapse |
                       ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings)) {
    rows(theme, "What is where", kPlaces);
    rows(theme, "Keys", kKeys);
    rows(theme, "What kind of number it is", kKinds);
    spots_.say("help", "open");
  }
  ImGui::End();
  ImGui::PopStyleColor(3);
}

}  // namespace viz

// What is folded away: sampling, the rest, and recordings.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "visualizer/draw/widgets.h"
#include "visualizer/shell/controls.h"
#include "visualizer/shell/fields.h"

namespace viz {
namespace {

constexpr float kWide = -1;  // ImGui: up to the right edge

}  // namespace

void Controls::draw_sampling() {
  if (!ImGui::CollapsingHeader("Sampling")) return;
  ImGui::PushItemWidth(ImGui::GetContentRegionAvail().x * 0.55f);
  ImGui::SliderFloat("temperature", &request_.temperature, 0, 2, "%.2f",
                     ImGuiSliderFlags_AlwaysClamp);
  item_tooltip("0 takes the most likely token");
  ImGui::InputInt("top-k", &request_.top_k, 1, 10);
  request_.top_k = std::max(0, request_.top_k);
  item_tooltip("Choose among so many most likely tokens; 0 means all");
  ImGui::SliderFloat("top-p", &request_.top_p, 0.05f, 1, "%.2f", ImGuiSliderFlags_AlwaysClamp);
  item_tooltip("Choose among the fewest tokens whose probabilities reach this");
  constexpr uint64_t kStep = 1;
  ImGui::InputScalar("seed", ImGuiDataType_U64, &request_.seed, &kStep);
  ImGui::PopItemWidth();
}

void Controls::draw_more(const Theme& theme) {
  if (!ImGui::CollapsingHeader("More")) return;
  field_label(theme, "Cache positions (0: as needed)");
  whole_number("##context", &request_.context, 0, 1 << 20);
  field_label(theme, "Tokens counted (0: by the model)");
  whole_number("##count", &request_.count_tokens, 0, 100000);
  field_label(theme, "Block whose steps are recorded");
  ImGui::SetNextItemWidth(kWide);
  ImGui::InputTextWithHint("##walk", "first, middle, last or a number", &request_.walk_block);
  for (const std::string& target : targets_) {
    bool on = measure_ == target;
    const char* label = target == "gpu" ? "measure on this GPU" : "measure on this CPU";
    if (ImGui::Checkbox(label, &on)) measure_ = on ? target : "";
    item_tooltip("The same run by ladder-" + target +
                 ", beside the counting: its times are shown as measured.");
  }
}

void Controls::draw_open(const Theme& theme, Clicked& clicked) {
  if (!ImGui::CollapsingHeader("Open a recording")) return;
  field_label(theme, "Event file (or drop one on the window)");
  ImGui::SetNextItemWidth(kWide);
  const bool entered =
      ImGui::InputTextWithHint("##open", "path", &open_path_, ImGuiInputTextFlags_EnterReturnsTrue);
  if ((ImGui::Button("Open", {kWide, 0}) || entered) && !open_path_.empty()) {
    clicked.open = open_path_;
  }
}

}  // namespace viz

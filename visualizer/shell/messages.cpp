// Lines over the panel: what went wrong, what was saved, and the welcome.
#include <imgui.h>

#include <algorithm>

#include "visualizer/draw/widgets.h"
#include "visualizer/shell/app.h"

namespace viz {
namespace {

constexpr const char* kWelcome =
    "A small language model is continuing the prompt, on a simulated GPU. Every byte that it moves "
    "is counted; times are modelled. New here? Take the tour. Or choose a view by the tabs below, "
    "and another chapter on the left.";

enum class Answer { kNone, kDismissed, kTour };

// One line of text or more, with buttons at its right.
Answer strip(const Theme& theme, const char* id, ImU32 color, const std::string& text, bool tour,
             HotSpots& spots) {
  const float pad = theme.px(12), gap = ImGui::GetStyle().ItemSpacing.x;
  const float first = tour ? theme.px(116) : 0, last = theme.px(76);
  const float buttons = last + (tour ? first + gap : 0);
  const float inner = ImGui::GetContentRegionAvail().x - buttons - 3 * pad;
  const float words = ImGui::CalcTextSize(text.c_str(), nullptr, false, inner).y;
  const float button = ImGui::GetFrameHeight();
  const float height = std::max(words, button) + theme.px(14);

  ImGui::PushStyleColor(ImGuiCol_ChildBg, mix(theme.surface, color, 0.22f));
  ImGui::BeginChild(id, {0, height}, false, ImGuiWindowFlags_NoScrollbar);
  ImGui::SetCursorPos({pad, (height - words) / 2});
  ImGui::PushTextWrapPos(pad + inner);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  Answer answer = Answer::kNone;
  ImGui::SetCursorPos({2 * pad + inner, (height - button) / 2});
  if (tour) {
    if (main_button(theme, "Take the tour", {first, 0})) answer = Answer::kTour;
    spots.mark("button:tour");
    ImGui::SameLine();
  }
  if (ImGui::Button("Dismiss", {last, 0})) answer = Answer::kDismissed;
  spots.mark("button:dismiss");
  ImGui::EndChild();
  ImGui::PopStyleColor();
  return answer;
}

}  // namespace

void App::draw_messages() {
  const Theme& theme = gui_.theme();
  for (size_t i = 0; i < messages_.size(); ++i) {
    const Message& message = messages_[i];
    spots_.say("message", message.text);
    const std::string id = "message" + std::to_string(i);
    const ImU32 color = message.error ? theme.bad : theme.good;
    if (strip(theme, id.c_str(), color, message.text, false, spots_) != Answer::kNone) {
      messages_.erase(messages_.begin() + ptrdiff_t(i--));
    }
  }
  if (!welcome_ || !messages_.empty()) return;
  const Answer answer = strip(theme, "welcome", theme.accent, kWelcome, true, spots_);
  if (answer != Answer::kNone) welcome_ = false;
  if (answer == Answer::kTour) show_panel("tour");
}

}  // namespace viz

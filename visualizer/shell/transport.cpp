// Buttons, speed, scope, and the bar of all work.
#include "visualizer/shell/transport.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "common/traffic/units.h"  // seconds_text
#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"

namespace viz {
namespace {

float scrub_height(const Theme& theme) { return theme.px(20); }

void draw_buttons(const Theme& theme, Run& run, HotSpots& spots) {
  Playback& playback = run.playback;
  const Recording& recording = run.recording();
  const auto button = [&](const char* name, Icon icon, const char* tooltip, bool on = false) {
    const bool clicked = icon_button(theme, name, icon, tooltip, on);
    spots.mark(std::string("button:") + name);
    ImGui::SameLine(0, theme.px(4));
    return clicked;
  };
  if (button("restart", Icon::kToStart, "Back to the beginning (Home)")) playback.restart();
  if (button("back_token", Icon::kBackToken, "One token back (Shift+Left)")) {
    playback.step_column(-1, recording);
  }
  if (button("back_kernel", Icon::kBackKernel, "One kernel back (Left)")) {
    playback.step_work(-1, recording);
  }
  const bool going = playback.playing() && !playback.at_end(recording);
  const bool pause = going || (playback.following() && run.live());
  if (button("play", pause ? Icon::kPause : Icon::kPlay,
             pause ? "Pause (Space)" : "Play (Space)")) {
    toggle_play(run);
  }
  if (button("next_kernel", Icon::kNextKernel, "One kernel on (Right)")) {
    playback.step_work(1, recording);
  }
  if (button("next_token", Icon::kNextToken, "One token on (Shift+Right)")) {
    playback.step_column(1, recording);
  }
  if (button("follow", Icon::kFollow,
             "Follow the decoder: always show its newest work; when it has ended, go to the last "
             "token (End)",
             playback.following())) {
    playback.follow(!playback.following());
    playback.play(true);
  }
}

// The number stands beside the slider: its handle would lie over it.
void draw_speed(const Theme& theme, Playback& playback, HotSpots& spots, bool words) {
  ImGui::SetNextItemWidth(theme.px(76));
  float speed = float(playback.speed());
  if (ImGui::SliderFloat("##speed", &speed, 0.05f, 200, " ",
                         ImGuiSliderFlags_Logarithmic | ImGuiSliderFlags_NoInput)) {
    playback.set_speed(speed);
  }
  spots.mark("slider:speed");
  char number[32];
  const double shown = playback.speed();
  std::snprintf(number, sizeof number, shown < 1 ? "%.2f" : shown < 10 ? "%.1f" : "%.0f", shown);
  const std::string all = number + std::string(" tokens/s");
  item_tooltip((words ? "" : all + ". ") +
               "How fast Play goes. Each kernel takes its share of the time that the GPU's model "
               "gives it.");
  if (!words) return;
  ImGui::SameLine(0, theme.px(6));
  ImGui::AlignTextToFramePadding();
  const float from = ImGui::GetCursorPosX();
  ImGui::TextUnformatted(all.c_str());
  // What is behind it keeps its place while the number changes.
  ImGui::SameLine(0, 0);
  ImGui::SetCursorPosX(from + text_size(theme.body, "0.05 tokens/s").x);
}

// The piece of work at a share of all modelled time.
size_t work_at(const Recording& recording, double share) {
  const auto& works = recording.works();
  const double when = share * recording.seconds();
  const auto after = std::upper_bound(works.begin(), works.end(), when,
                                      [](double t, const Work& work) { return t < work.begin; });
  return after == works.begin() ? 0 : size_t(after - works.begin()) - 1;
}

void draw_columns(const Theme& theme, const Recording& recording, ImVec2 min, ImVec2 max,
                  int current) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const double all = recording.seconds();
  const auto x_of = [&](double t) { return min.x + float(t / all) * (max.x - min.x); };
  float drawn = min.x - 1;  // what is narrower than a pixel is not drawn again and again
  for (size_t i = 0; i < recording.columns().size(); ++i) {
    const Column& column = recording.columns()[i];
    if (column.works.empty()) continue;
    const Work& last = recording.works()[column.works.end - 1];
    const float from = x_of(recording.works()[column.works.begin].begin);
    const float to = x_of(last.begin + last.seconds);
    const bool here = int(i) == current;
    if (to < drawn + 1 && !here) continue;
    drawn = to;
    const float gap = to - from > 4 ? 1.f : 0.f;
    const ImU32 color = theme.phase(column.phase);
    list->AddRectFilled({from, min.y}, {std::max(to - gap, from + 1), max.y},
                        here ? mix(color, theme.accent, 0.75f) : color);
  }
}

void draw_scrub(const Theme& theme, Run& run, HotSpots& spots) {
  const Recording& recording = run.recording();
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 max = {min.x + width, min.y + scrub_height(theme)};
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(min, max, theme.raised, theme.px(3));
  ImGui::InvisibleButton("scrub", {width, scrub_height(theme)});
  spots.mark("scrub");
  if (recording.works().empty() || recording.seconds() <= 0) return;
  draw_columns(theme, recording, min, max, run.playback.column(recording));

  const Work& work = recording.works()[std::min(run.playback.work(), recording.works().size() - 1)];
  const double now = work.begin + work.seconds * run.playback.done();
  const float x = std::round(min.x + float(now / recording.seconds()) * (width - 2)) + 1;
  list->AddRectFilled({x - 1, min.y - theme.px(3)}, {x + 1, max.y + theme.px(3)}, theme.text);
  const double share = std::clamp((ImGui::GetIO().MousePos.x - min.x) / width, 0.f, 1.f);
  if (ImGui::IsItemActive()) run.playback.go_to_work(work_at(recording, share), recording);
  if (ImGui::IsItemHovered()) {
    ImGui::SetTooltip("%s", position_words(recording, work_at(recording, share)).c_str());
  }
}

// What the bar's colours mean, up to the right end `at`. Returns its width.
float draw_phases(const Theme& theme, const Recording& recording, ImVec2 at) {
  using traffic::Phase;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float side = theme.small->FontSize * 0.7f;
  float x = at.x;
  for (const Phase phase : {Phase::kVerify, Phase::kDraft, Phase::kDecode, Phase::kPrefill}) {
    const auto& columns = recording.columns();
    const bool there = std::any_of(columns.begin(), columns.end(),
                                   [phase](const Column& c) { return c.phase == phase; });
    if (!there) continue;
    // A round of drafting ends with its verification: one column.
    const char* name = phase == Phase::kDraft ? "draft, verify" : traffic::phase_name(phase);
    x -= put_text(list, theme.small, {x, at.y}, theme.muted, name, Align::kRight);
    x -= side + theme.px(5);
    const float y = at.y + (theme.small->FontSize - side) / 2;
    list->AddRectFilled({x, y}, {x + side, y + side}, theme.phase(phase), theme.px(2));
    x -= theme.px(12);
  }
  return at.x - x;
}

// Whether nothing is to be played but, at most, what is written back at the end.
bool at_last_token(const Run& run) {
  const Recording& recording = run.recording();
  if (run.live() || recording.columns().empty()) return false;
  const Column& last = recording.columns().back();
  const bool flush = last.phase == traffic::Phase::kFlush;
  return flush && run.playback.work() + 1 >= last.works.begin;
}

}  // namespace

void toggle_play(Run& run) {
  Playback& playback = run.playback;
  if (playback.following()) {
    playback.follow(false);
    playback.play(!run.live());
    if (!run.live()) playback.restart();
  } else if (playback.playing() && playback.at_end(run.recording())) {
    playback.restart();
  } else {
    playback.play(!playback.playing());
    const bool over = playback.at_end(run.recording()) || at_last_token(run);
    if (playback.playing() && over) playback.restart();
  }
}

std::string position_words(const Recording& recording, size_t work) {
  const int index = recording.column_of(work);
  if (index < 0) return "";
  const Column& column = recording.columns()[size_t(index)];
  const Step& step = recording.steps()[size_t(recording.step_of(work))];
  std::string words;
  if (column.token >= 0) {
    words = column.last_token > column.token ? "tokens " + std::to_string(column.token) + " to " +
                                                   std::to_string(column.last_token)
                                             : "token " + std::to_string(column.token);
    words += "  ·  ";
  }
  words += std::string(traffic::phase_name(step.phase)) + "  ·  " + recording.work_name(work) +
           ", " + std::to_string(work - column.works.begin + 1) + " of " +
           std::to_string(column.works.size()) + "  ·  " +
           traffic::seconds_text(recording.works()[work].seconds) + " modelled";
  return words;
}

float transport_height(const Theme& theme) {
  const ImGuiStyle& style = ImGui::GetStyle();
  return 2 * style.WindowPadding.y + ImGui::GetFrameHeight() + scrub_height(theme) + theme.px(16) +
         2 * style.ItemSpacing.y;
}

void draw_transport(const Theme& theme, Run& run, Selection& selection, float room,
                    HotSpots& spots) {
  draw_buttons(theme, run, spots);
  ImGui::SameLine(0, theme.px(8));
  draw_speed(theme, run.playback, spots, room > theme.px(540));
  ImGui::SameLine(0, theme.px(10));
  if (room > theme.px(620)) {
    ImGui::AlignTextToFramePadding();
    ImGui::TextDisabled("add up over");
    ImGui::SameLine(0, theme.px(6));
  }
  int scope = int(selection.scope);
  if (segmented(theme, "scope", {"kernel", "token", "run"}, &scope)) selection.scope = Scope(scope);
  spots.mark("scope");
  item_tooltip(
      "What the numbers and pictures add up: the current kernel, all of the current token, or the "
      "run up to here.");

  draw_scrub(theme, run, spots);
  const Recording& recording = run.recording();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float legend = draw_phases(theme, recording, {at.x + width, at.y - theme.px(1)});
  const std::string words = recording.works().empty()
                                ? "nothing has been recorded yet"
                                : position_words(recording, run.playback.work());
  put_text(ImGui::GetWindowDrawList(), theme.small, {at.x, at.y - theme.px(1)}, theme.muted, words,
           Align::kLeft, std::max(theme.px(80), width - legend - theme.px(16)));
}

}  // namespace viz

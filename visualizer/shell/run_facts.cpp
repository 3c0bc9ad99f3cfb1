// Tokens so far, and the time of one.
#include "visualizer/shell/run_facts.h"

#include <imgui.h>

#include <algorithm>

#include "common/traffic/units.h"      // seconds_text
#include "visualizer/core/measured.h"  // measured_sum
#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"  // item_tooltip

namespace viz {
namespace {

using traffic::Phase;

// Modelled seconds of the decoding columns, and how many tokens they brought.
MeasuredSum modelled_sum(const Recording& recording) {
  MeasuredSum sum;
  for (const Column& column : recording.columns()) {
    if (column.token < 0 || column.works.empty() || column.phase == Phase::kPrefill) continue;
    const Work& last = recording.works()[column.works.end - 1];
    sum.seconds += last.begin + last.seconds - recording.works()[column.works.begin].begin;
    sum.steps += column.last_token - column.token + 1;
  }
  return sum;
}

// Phases of decoding that were measured, per token of the columns that have them.
MeasuredSum measured_decode(const Recording& recording) {
  MeasuredSum sum;
  for (const Column& column : recording.columns()) {
    if (column.token < 0 || column.phase == Phase::kPrefill) continue;
    double seconds = 0;
    for (size_t i = column.first_step; i < column.end_step; ++i) {
      seconds += recording.steps()[i].measured_seconds;
    }
    if (seconds <= 0) continue;
    sum.seconds += seconds;
    sum.steps += column.last_token - column.token + 1;
  }
  return sum;
}

// Tokens that are to come, as the decoder says: it counts fewer of a large model than were asked
// for.
int tokens_to_come(const Run& run) {
  const int said = run.recording().run().setup.n_tokens;
  return said > 0 ? said : run.request().n_tokens;
}

std::string state_words(const Run& run) {
  const std::string tokens = std::to_string(run.text_tokens());
  const int asked = tokens_to_come(run);
  switch (run.source().state()) {
    case Source::State::kIdle:
      return run.recording().works().empty() ? "Nothing runs"
                                             : "Stopped after " + tokens + " tokens";
    case Source::State::kRunning:
      return std::string(run.is_file() ? "Reading: " : "Decoding: ") + tokens + " of " +
             std::to_string(asked) + " tokens";
    case Source::State::kFinished:
      return tokens + " tokens, done";
    case Source::State::kFailed:
      return "Ended early, after " + tokens + " tokens";
  }
  return "";
}

}  // namespace

float run_facts_height(const Theme& theme) { return theme.px(58); }

void draw_run_facts(const Theme& theme, const Run& run, const Run& measured) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  put_text(list, theme.small, at, theme.text, state_words(run), Align::kLeft, width);
  const double share =
      std::clamp(double(run.text_tokens()) / std::max(1, tokens_to_come(run)), 0.0, 1.0);
  const float y = at.y + theme.px(17);
  list->AddRectFilled({at.x, y}, {at.x + width, y + theme.px(3)}, theme.faint);
  list->AddRectFilled({at.x, y}, {at.x + float(share) * width, y + theme.px(3)}, theme.accent);

  const MeasuredSum modelled = modelled_sum(run.recording());
  if (modelled.steps > 0) {
    put_text(list, theme.small, {at.x, at.y + theme.px(25)}, theme.muted,
             traffic::seconds_text(modelled.seconds / modelled.steps) + " a token, modelled",
             Align::kLeft, width);
  }
  const MeasuredSum clock = measured_decode(run.recording());
  if (clock.steps > 0) {
    const std::string where = measured.request().program.ends_with("gpu") ? "GPU" : "CPU";
    put_text(list, theme.small, {at.x, at.y + theme.px(41)}, theme.muted,
             traffic::seconds_text(clock.seconds / clock.steps) + " a token, measured" +
                 (measured.request().program.empty() ? "" : " on this " + where),
             Align::kLeft, width);
  }
  const int asked = run.request().n_tokens, comes = tokens_to_come(run);
  const bool fewer = !run.is_file() && run.recording().started() && comes < asked;
  if (fewer && clock.steps == 0) {
    put_text(
        list, theme.small, {at.x, at.y + theme.px(41)}, theme.muted,
        "counted: " + std::to_string(comes) + " of the " + std::to_string(asked) + " asked for",
        Align::kLeft, width);
  }
  ImGui::Dummy({width, run_facts_height(theme)});
  if (fewer) {
    item_tooltip(
        "Counting a model this large takes long, so it stops early. \"Tokens counted\", "
        "under More, sets where.");
  }
}

}  // namespace viz

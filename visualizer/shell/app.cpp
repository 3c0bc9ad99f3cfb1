// What is looked at, and how a frame is laid out.
#include "visualizer/shell/app.h"

#include <imgui.h>

#include "visualizer/core/programs.h"
#include "visualizer/draw/shapes.h"

namespace viz {

App::App(const Options& options, Gui& gui, bool still)
    : options_(options), gui_(gui), still_(still), panels_(make_panels()) {
  if (!options.panel.empty()) show_panel(options.panel);
  if (options.scope == "kernel") selection_.scope = Scope::kKernel;
  if (options.scope == "run") selection_.scope = Scope::kRun;
}

void App::start() {
  if (!options_.replay.empty()) {
    run_.open(options_.replay);
  } else {
    RunRequest request = options_.run;
    request.program = program_path(own_folder(), options_.target);
    run_.source().record(options_.record);
    run_.start(request);
    run_.source().record("");
  }
  if (options_.compare) {
    comparing_ = true;
    other_.open(*options_.compare);
  }
}

bool App::update(double seconds) {
  bool changed = run_.take(3);
  if (comparing_) changed = other_.take(2) || changed;
  run_.advance(seconds);
  if (comparing_) other_.advance(seconds);
  if (!still_) clock_ += seconds;
  grant_wishes();
  return changed;
}

void App::grant_wishes() {
  if (wishes_.panel) show_panel(*wishes_.panel);
  if (wishes_.run) run_.start(*wishes_.run);
  if (wishes_.compare) {
    comparing_ = true;
    other_.start(*wishes_.compare);
  }
  wishes_ = {};
}

void App::show_panel(const std::string& id) {
  for (size_t i = 0; i < panels_.size(); ++i) {
    if (panels_[i]->id() == id) panel_ = i;
  }
}

void App::stand_at(const int* token) {
  const auto stand = [token](Run& run) {
    run.playback.play(false);
    const Recording& r = run.recording();
    size_t last = r.works().empty() ? 0 : r.works().size() - 1;
    const int column = token == nullptr ? -1 : r.column_of_token(*token);
    if (column >= 0 && !r.columns()[size_t(column)].works.empty()) {
      last = r.columns()[size_t(column)].works.end - 1;
    }
    run.playback.go_to_work(last, r);
  };
  stand(run_);
  if (comparing_) stand(other_);
}

void App::draw() {
  const Theme& theme = gui_.theme();
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::Begin("all", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoSavedSettings);
  ImGui::PopStyleVar();
  const float status = theme.px(24);
  const float left = theme.px(size.x < theme.px(1100) ? 220 : 260);
  const float height = ImGui::GetContentRegionAvail().y - status;
  draw_controls(left, height);
  ImGui::SameLine();
  ImGui::BeginGroup();
  const float top = theme.px(84);
  draw_transport(top);
  draw_tabs();
  draw_panel(size.y - ImGui::GetCursorPosY() - status - ImGui::GetStyle().WindowPadding.y -
             ImGui::GetStyle().ItemSpacing.y);
  ImGui::EndGroup();
  draw_status();
  ImGui::End();
}

void App::draw_controls(float width, float height) {
  ImGui::BeginChild("controls", {width, height}, false, ImGuiWindowFlags_AlwaysUseWindowPadding);
  ImGui::TextUnformatted(run_.source().name().c_str());
  ImGui::EndChild();
}

void App::draw_transport(float height) {
  ImGui::BeginChild("transport", {0, height}, false, ImGuiWindowFlags_AlwaysUseWindowPadding);
  ImGui::Text("work %zu of %zu", run_.playback.work() + 1, run_.recording().works().size());
  ImGui::EndChild();
}

void App::draw_tabs() {
  for (size_t i = 0; i < panels_.size(); ++i) {
    if (i > 0) ImGui::SameLine();
    if (ImGui::Button(panels_[i]->title())) panel_ = i;
  }
  if (panels_.empty()) return;
  ImGui::PushStyleColor(ImGuiCol_Text, gui_.theme().muted);
  ImGui::TextUnformatted(panel().hint());
  ImGui::PopStyleColor();
}

void App::draw_panel(float height) {
  if (panels_.empty()) return;
  ImGui::BeginChild("panel", {0, height}, false, ImGuiWindowFlags_AlwaysUseWindowPadding);
  with_context([this](Context& context) { panel().draw(context); });
  ImGui::EndChild();
}

void App::draw_status() { ImGui::TextUnformatted(run_.source().message().c_str()); }

}  // namespace viz

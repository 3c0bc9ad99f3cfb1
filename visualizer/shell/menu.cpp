// The menu: files of what is seen, and the size of everything.
#include <imgui.h>
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "visualizer/shell/app.h"
#include "visualizer/shell/text_file.h"

namespace viz {
namespace {

// A file of that name that does not exist yet, in the current folder.
std::string new_file(const std::string& stem, const char* ending) {
  for (int i = 1;; ++i) {
    const std::string path = stem + (i == 1 ? "" : "-" + std::to_string(i)) + ending;
    if (access(path.c_str(), F_OK) != 0) return path;
  }
}

}  // namespace

void App::draw_menu() {
  if (!ImGui::BeginPopup("menu")) return;
  const Theme& theme = gui_.theme();
  const bool any = run_.recording().started(), whole = run_.recording().complete();
  if (ImGui::MenuItem("Save picture (PNG)")) save_by_menu(".png");
  spots_.mark("menu:png");
  if (ImGui::MenuItem("Save numbers (JSON)", nullptr, false, any)) save_by_menu(".json");
  spots_.mark("menu:json");
  if (ImGui::MenuItem("Save Chrome trace (ui.perfetto.dev)", nullptr, false, any)) {
    save_by_menu("-trace.json");
  }
  spots_.mark("menu:trace");
  const char* events =
      whole ? "Save recording (for --replay)" : "Save recording (at the run's end)";
  if (ImGui::MenuItem(events, nullptr, false, whole)) save_by_menu(".jsonl");
  spots_.mark("menu:events");
  ImGui::Separator();
  if (ImGui::MenuItem("Larger")) scale_ = std::min(4.f, theme.scale + 0.25f);
  spots_.mark("menu:larger");
  if (ImGui::MenuItem("Smaller")) scale_ = std::max(0.5f, theme.scale - 0.25f);
  spots_.mark("menu:smaller");
  if (comparing_) {
    ImGui::Separator();
    if (ImGui::MenuItem("End the comparison")) {
      comparing_ = false;
      other_.stop();
    }
  }
  ImGui::EndPopup();
}

// In the current folder, under a name that is free.
void App::save_by_menu(const char* ending) {
  const std::string kind = ending;
  const std::string chapter = run_.recording().run().chapter;
  const std::string stem = chapter.empty() ? "ladder" : chapter;
  // A trace and a recording hold the whole run, whatever panel is shown.
  const bool of_run = kind == "-trace.json" || kind == ".jsonl";
  const std::string path =
      absolute_path(new_file(of_run ? stem : stem + "-" + panel().id(), ending));
  if (kind == ".png") {
    picture_wish_ = path;
    return;
  }
  try {
    kind == ".json" ? write_json(path) : kind == ".jsonl" ? write_events(path) : write_trace(path);
    tell(false, "Saved as " + path);
  } catch (const std::exception& e) {
    tell(true, e.what());
  }
}

}  // namespace viz

// The program, whatever it is drawn on: what is looked at, and one frame of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "visualizer/options.h"
#include "visualizer/panels/panel.h"
#include "visualizer/shell/gui.h"
#include "visualizer/shell/run.h"

namespace viz {

class App {
 public:
  // `still`: for pictures, nothing moves.
  App(const Options& options, Gui& gui, bool still);

  // Starts what the command line asks for.
  void start();
  // Before each frame: `seconds` have gone by. True when something has changed.
  bool update(double seconds);
  // One frame, between ImGui::NewFrame() and Render(), over the whole display.
  void draw();

  Run& run() { return run_; }
  Run* other() { return comparing_ ? &other_ : nullptr; }
  Panel& panel() { return *panels_[panel_]; }
  void show_panel(const std::string& id);
  // Places run and comparison at a text token (from 0), or at their end.
  void stand_at(const int* token);
  // What the panel is given.
  template <class Use>
  auto with_context(Use use) {
    Seen second{other_.recording(), other_.playback, other_.request()};
    Context context{{run_.recording(), run_.playback, run_.request()},
                    comparing_ ? &second : nullptr,
                    selection_,
                    wishes_,
                    gui_.theme(),
                    clock_,
                    still_};
    return use(context);
  }

 private:
  void draw_controls(float width, float height);
  void draw_transport(float height);
  void draw_tabs();
  void draw_panel(float height);
  void draw_status();
  void grant_wishes();

  Options options_;
  Gui& gui_;
  const bool still_;
  Run run_, other_;
  bool comparing_ = false;
  Selection selection_;
  Wishes wishes_;
  std::vector<std::unique_ptr<Panel>> panels_;
  size_t panel_ = 0;
  double clock_ = 0;
};

}  // namespace viz

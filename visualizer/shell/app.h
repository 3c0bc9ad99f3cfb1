// The program, whatever it is drawn on: what is looked at, and one frame of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "visualizer/core/catalog.h"
#include "visualizer/models/tour_model.h"
#include "visualizer/options.h"
#include "visualizer/panels/panel.h"
#include "visualizer/shell/command.h"
#include "visualizer/shell/controls.h"
#include "visualizer/shell/gui.h"
#include "visualizer/shell/hot_spots.h"
#include "visualizer/shell/run.h"

namespace viz {

// A line over the picture, until it is dismissed.
struct Message {
  bool error = false;
  std::string text;
};

class App {
 public:
  // `still`: for pictures, nothing moves.
  App(const Options& options, Gui& gui, bool still);

  // Starts what the command line asks for; a decoder as soon as the catalog is there.
  void start();
  bool starting() const { return waiting_for_catalog_; }
  // Before each frame: `seconds` have gone by. True when there is something new to draw.
  bool update(double seconds);
  // Whether the picture changes by itself.
  bool moving() const;
  // One frame, between ImGui::NewFrame() and Render(), over the whole display.
  void draw();

  // What was last decoded, once more.
  void decode_again() { decode(run_.request()); }

  void command(Command command, int panel = 0);
  // A file that was dropped on the window: a model (GGUF) or a recording.
  void open_file(const std::string& path);
  void tell(bool error, const std::string& text);

  Run& run() { return run_; }
  Run* other() { return comparing_ ? &other_ : nullptr; }
  const std::vector<Message>& messages() const { return messages_; }
  const HotSpots& spots() const { return spots_; }
  std::vector<std::unique_ptr<Panel>>& panels() { return panels_; }
  Panel& panel() { return *panels_[panel_]; }
  void show_panel(const std::string& id);
  // Places run and comparison at a text token (from 0), or at their end.
  void stand_at(const int* token);
  // What is wrong with --at TOKEN, in one line; empty: the text that has come has that token.
  std::string token_problem(int token) const;

  // Files of what is seen. Throw std::runtime_error.
  void write_json(const std::string& path);
  void write_trace(const std::string& path) const;
  // The run's events, which --replay shows; whole only when the run has ended.
  void write_events(const std::string& path) const;
  // A picture is asked for from the menu: the host writes it after it has drawn the frame.
  std::optional<std::string> take_picture_wish();

  // What a panel is given.
  template <class Use>
  auto with_context(Use use) {
    Seen second{other_.recording(), other_.playback, other_.request()};
    Context context{{run_.recording(), run_.playback, run_.request()},
                    comparing_ ? &second : nullptr,
                    selection_,
                    wishes_,
                    gui_.theme(),
                    clock_,
                    still_,
                    &catalog_.data(),
                    &tour_,
                    [this](const std::string& name) { spots_.mark(name); }};
    return use(context);
  }

 private:
  void begin_tour(const std::string& card);
  void decode(RunRequest request);
  void compare(RunRequest request);
  void compare_with(const std::string& row_or_file);
  void measure_beside(const RunRequest& request);
  void ask_about_model();
  void take_catalog();
  void fill_form();
  void take_events(bool& changed);
  void show_new_text(const Run& run, size_t& seen);
  void pair_playback();
  void tell_failures();
  void stand_at_end(bool moved);
  void go_to_wished_token();
  void grant_wishes();

  // layout.cpp
  void draw_left(float width, float height);
  void draw_top();
  void draw_panel(float height);
  void draw_status(float height);
  // tabs.cpp, messages.cpp, help.cpp, menu.cpp
  void draw_tabs();
  void draw_messages();
  void draw_help();
  void draw_menu();
  void save_by_menu(const char* ending);

  Options options_;
  Gui& gui_;
  float scale_;  // that is wished for; a small window makes it smaller
  const bool still_;
  Catalog catalog_;
  bool waiting_for_catalog_ = false;
  bool form_filled_ = false;  // with what the file that is shown says of itself
  Controls controls_;
  Run run_, other_, measured_;
  bool comparing_ = false;
  size_t text_seen_ = 0, other_text_seen_ = 0;
  Source::State told_[3] = {};  // states of run_, other_ and measured_ that were told
  std::optional<int> wished_token_;
  Selection selection_;
  Wishes wishes_;
  Tour tour_;
  std::vector<std::unique_ptr<Panel>> panels_;
  size_t panel_ = 0;
  std::vector<Message> messages_;
  std::optional<std::string> picture_wish_;
  bool welcome_ = false, help_ = false;
  HotSpots spots_;
  double clock_ = 0;
};

}  // namespace viz

// What a panel is, and what it is given each frame.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "visualizer/core/playback.h"
#include "visualizer/core/recording.h"
#include "visualizer/core/run_request.h"
#include "visualizer/draw/theme.h"

namespace viz {

struct CatalogData;  // core/catalog.h
class Tour;          // models/tour_model.h

// What the user has picked out; all panels share it.
struct Selection {
  Scope scope = Scope::kToken;
  std::string kernel;  // by kernel_name(); empty: none
  std::string tensor;  // by name; empty: none
};

// What a panel asks of the program; done after the frame.
struct Wishes {
  std::optional<std::string> panel;   // show that panel
  std::optional<RunRequest> run;      // decode that
  std::optional<RunRequest> compare;  // decode that as the second run
};

// One run that is looked at.
struct Seen {
  const Recording& recording;
  Playback& playback;  // a panel may move it
  const RunRequest& request;
};

struct Context {
  Seen run;
  Seen* other;  // the second run of the comparison; null: none
  Selection& selection;
  Wishes& wishes;
  const Theme& theme;
  double clock;                          // seconds, for what moves; stands still in screenshots
  bool still;                            // a screenshot: no hover, no blinking
  const CatalogData* catalog = nullptr;  // chapters that could be decoded; null: not known
  Tour* tour = nullptr;                  // null: there is none
  // Names the last item of ImGui, so that tests find it and click there. Empty: nobody asks.
  std::function<void(const std::string& name)> mark = {};
};

class Panel {
 public:
  virtual ~Panel() = default;
  virtual const char* id() const = 0;     // "hierarchy": for --panel
  virtual const char* title() const = 0;  // "Hierarchy": on its tab
  virtual const char* hint() const = 0;   // one sentence: what is seen here and what to click
  // Draws into the current ImGui window, using all of its content region.
  virtual void draw(Context& context) = 0;
  // The numbers that draw() shows now, for the export.
  virtual nlohmann::ordered_json seen(const Context& context) const = 0;
};

// One each, in the order of their tabs.
std::unique_ptr<Panel> make_hierarchy_panel();
std::unique_ptr<Panel> make_timeline_panel();
std::unique_ptr<Panel> make_kernels_panel();
std::unique_ptr<Panel> make_vram_panel();
std::unique_ptr<Panel> make_tiles_panel();
std::unique_ptr<Panel> make_text_panel();
std::unique_ptr<Panel> make_compare_panel();
std::unique_ptr<Panel> make_tour_panel();
std::vector<std::unique_ptr<Panel>> make_panels();

}  // namespace viz

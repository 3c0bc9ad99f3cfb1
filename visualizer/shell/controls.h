// The form on the left: what is to be decoded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "visualizer/core/catalog.h"
#include "visualizer/core/programs.h"
#include "visualizer/core/run_request.h"
#include "visualizer/draw/theme.h"
#include "visualizer/shell/hot_spots.h"
#include "visualizer/shell/run.h"

namespace viz {

class Controls {
 public:
  // What was clicked in a frame.
  struct Clicked {
    bool decode = false, stop = false;
    bool switched = false;       // another chapter, variant or place of the cache was chosen
    bool model_changed = false;  // the catalog has to be asked about it
    std::string open;            // an event file
  };

  explicit Controls(RunRequest request);

  // Draws into the current ImGui window, using all of its content region.
  Clicked draw(const Theme& theme, const Catalog& catalog, const Run& run, const Run& measured,
               HotSpots& spots);

  // The form's values; program is not set.
  const RunRequest& request() const { return request_; }
  void set_request(const RunRequest& request);
  // The values that a recording says of itself: it names its models without their folders.
  void show_recording(RunRequest request);
  // Whether the form asks for something else than this decoder was asked for.
  bool differs(const RunRequest& request) const;
  // "native" or "gpu" where time is to be measured beside the counting; else empty.
  const std::string& measure() const { return measure_; }
  void set_measure(const std::string& target) { measure_ = target == "none" ? "" : target; }

 private:
  void draw_chapter(const Theme& theme, const CatalogData& catalog, Clicked& clicked,
                    HotSpots& spots);
  void draw_variant(const CatalogData& catalog, Clicked& clicked, HotSpots& spots);
  void draw_place(const Theme& theme, const CatalogData& catalog, Clicked& clicked,
                  HotSpots& spots);
  void draw_model(const Theme& theme, const Catalog& catalog, Clicked& clicked, HotSpots& spots);
  void draw_prompt_box(const Theme& theme, float height);
  void draw_prompt(const Theme& theme, HotSpots& spots);
  void draw_gpu(const Theme& theme, const CatalogData& catalog, HotSpots& spots);
  void draw_draft(const Theme& theme, const CatalogData& catalog);
  void draw_sampling();
  void draw_more(const Theme& theme);
  void draw_open(const Theme& theme, Clicked& clicked);
  void draw_decode(const Theme& theme, const Run& run, Clicked& clicked, HotSpots& spots);

  RunRequest request_;
  std::vector<ModelChoice> models_;
  bool own_model_ = false, own_draft_ = false;  // a path is typed
  std::string last_vram_;                       // variant before the cache went to host RAM
  std::vector<std::string> targets_;            // that can measure
  std::string measure_;
  std::string open_path_;
  bool cursor_to_end_ = false;
  int editing_ = 0;  // frames since the prompt was clicked; 0: it is not being changed
};

}  // namespace viz

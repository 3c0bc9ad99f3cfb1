// The parts of the timeline's picture.
#pragma once

#include <imgui.h>

#include <string>
#include <utility>
#include <vector>

#include "visualizer/draw/shapes.h"
#include "visualizer/models/timeline_model.h"
#include "visualizer/models/timeline_works.h"
#include "visualizer/panels/panel.h"

namespace viz {

// What all lanes share: the axis, and where on it we are.
struct TimelineFrame {
  ImDrawList* list;
  const Theme& theme;
  const TimelineModel& model;
  TimelineView view;
  float left, right;     // of the plot, in pixels
  int current, hovered;  // index into model.columns(); -1: none
  double playhead;       // on the axis; -1: nowhere

  float x(double position) const {
    return left + float((position - view.begin) / view.width()) * (right - left);
  }
  double position(float at) const {
    return view.begin + double(at - left) / double(right - left) * view.width();
  }
  const std::vector<TimelineColumn>& columns() const { return model.columns(); }
  bool seen(const TimelineColumn& c) const { return c.end > view.begin && c.begin < view.end; }
};

// The phases of each column as a band of colours.
void draw_phase_band(const TimelineFrame& frame, float top, float bottom);
// A lane's bars with its grid; the name stands above it, outside.
void draw_lane(const TimelineFrame& frame, TimelineLevel level, const TimelineScale& scale,
               float top, float bottom);
// Seconds a column: measured ones as bars, modelled ones as a line across.
void draw_time_lane(const TimelineFrame& frame, const TimelineScale& scale, float top,
                    float bottom);
// Which token a column is, and its text where there is room. Returns the bottom.
float draw_axis(const TimelineFrame& frame, float top);
// `head`: with a mark to take it by.
void draw_playhead(const TimelineFrame& frame, float top, float bottom, bool head);

// Numbers of one column at one level, with their kind.
void column_tooltip(const Theme& theme, const TimelineColumn& column, TimelineLevel level);
// "token 5", "tokens 2-6", "the prefill", "loading", "the flush of L2".
std::string column_name(const TimelineColumn& column);

// A few choices side by side. Returns the chosen one.
int small_choice(const Theme& theme, const char* id, const std::vector<const char*>& names,
                 int chosen, const char* tip);
float choice_width(const Theme& theme, const std::vector<const char*>& names);

// Colour samples with names, in as many lines as they need. Returns the height.
struct LegendItem {
  ImU32 color;
  std::string name;
  bool flat = false;  // a band, not a square
};
float draw_legend(ImDrawList* list, const Theme& theme, ImVec2 at, float width,
                  const std::vector<LegendItem>& items);
ImU32 ink_on(ImU32 color);  // black or white, whichever can be read there

// The work inside the current column: a strip whose blocks are as long as their modelled time, and
// a table in order. Draws from the cursor down to the end of the window.
class TimelineKernels {
 public:
  void draw(Context& context, const TimelineColumn& column, TimelineLevel sram);
  const TimelineWorks& works() const { return works_; }
  void update(const Recording& recording, WorkRange range);

 private:
  void draw_head(const Context& context, const TimelineColumn& column, float width);
  void draw_strip(Context& context, float width);
  void draw_table(Context& context, TimelineLevel sram);
  void draw_row(Context& context, const TimelineWork& work, size_t index, float top, float width,
                TimelineLevel sram) const;

  const Recording* recording_ = nullptr;
  WorkRange range_;
  TimelineWorks works_;
  size_t shown_work_ = SIZE_MAX;  // that the table was scrolled to
};

}  // namespace viz

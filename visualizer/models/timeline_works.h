// The work inside one column of the timeline, in order, with what bounds each piece.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "visualizer/models/timeline_model.h"

namespace viz {

// One piece of work of a column.
struct TimelineWork {
  size_t work = 0;
  Work::Kind kind = Work::kLaunch;
  std::string name;
  traffic::Phase phase = traffic::Phase::kLoad;
  traffic::Bound bound = traffic::Bound::kLaunch;  // modelled
  double begin = 0, seconds = 0;                   // modelled; from the column's beginning
  std::array<uint64_t, kTimelineLevels> bytes{};   // counted; a library's VRAM bytes are declared

  uint64_t at(TimelineLevel level) const { return bytes[static_cast<int>(level)]; }
};
struct TimelineWorks {
  std::vector<TimelineWork> works;
  double seconds = 0;  // modelled
  double longest = 0;  // modelled, of one piece
  // Modelled, as Recording::seconds_by_bound() has it; a library's, which rests on declared bytes,
  // stands apart.
  BoundSeconds seconds_by_bound{};
  double library_seconds = 0;
};
TimelineWorks works_of(const Recording& recording, WorkRange range);

// What bounds a piece of work in the model: a launch's own word; for a copy, a library call or the
// flush the level that takes longest.
traffic::Bound bound_of(const Recording& recording, size_t work);

}  // namespace viz

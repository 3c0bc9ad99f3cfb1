// The work inside a column.
#include "visualizer/models/timeline_works.h"

#include <algorithm>

namespace viz {

using traffic::Bound;

Bound bound_of(const Recording& recording, size_t work) {
  if (const auto* e = recording.launch(work)) return e->bound;
  const BoundSeconds s = recording.seconds_by_bound(work);
  return static_cast<Bound>(std::max_element(s.begin(), s.end()) - s.begin());
}

TimelineWorks works_of(const Recording& recording, WorkRange range) {
  TimelineWorks result;
  range.end = std::min(range.end, recording.works().size());
  for (size_t i = range.begin; i < range.end; ++i) {
    const Work& work = recording.works()[i];
    TimelineWork w;
    w.work = i;
    w.kind = work.kind;
    w.name = recording.work_name(i);
    w.phase = recording.steps()[work.step].phase;
    w.bound = bound_of(recording, i);
    w.begin = work.begin - recording.works()[range.begin].begin;
    w.seconds = work.seconds;
    const Sums sums = recording.sums({i, i + 1});
    for (int level = 0; level < kTimelineLevels; ++level) {
      w.bytes[level] = bytes_at(static_cast<TimelineLevel>(level), sums).total();
    }
    if (work.kind == Work::kLibrary) {
      w.bytes[static_cast<int>(TimelineLevel::kVram)] =
          sums.library.read_bytes + sums.library.written_bytes;
    }
    result.seconds += w.seconds;
    result.longest = std::max(result.longest, w.seconds);
    result.seconds_by_bound += sums.counted_seconds();
    if (work.kind == Work::kLibrary) result.library_seconds += w.seconds;
    result.works.push_back(std::move(w));
  }
  return result;
}

}  // namespace viz

// The work inside a column.
#include "visualizer/models/timeline_works.h"

#include <algorithm>

namespace viz {

using traffic::Bound;

Bound bound_of(const Recording& recording, size_t work) {
  if (const auto* e = recording.launch(work)) return e->bound;
  const traffic::GpuSpec& gpu = recording.run().gpu;
  const auto longer = [](double bytes, double bandwidth) {
    return bytes > 0 && bandwidth > 0 ? bytes / bandwidth : 0;
  };
  if (const auto* e = recording.library(work)) {
    const double bytes = double(e->counts.read_bytes + e->counts.written_bytes);
    const double launching = double(e->counts.launches) * gpu.launch_seconds;
    return launching > longer(bytes, gpu.vram_bandwidth) ? Bound::kLaunch : Bound::kVram;
  }
  traffic::MemoryCounts memory;
  for (const traffic::TensorTraffic& t : recording.tensors(work)) memory += t.counts;
  const double pcie =
      longer(double(std::max(memory.host_read_bytes, memory.host_write_bytes)), gpu.pcie_bandwidth);
  return pcie > longer(double(memory.vram_bytes()), gpu.vram_bandwidth) ? Bound::kPcie
                                                                        : Bound::kVram;
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
    result.seconds_by_bound[static_cast<int>(w.bound)] += w.seconds;
    result.works.push_back(std::move(w));
  }
  return result;
}

}  // namespace viz

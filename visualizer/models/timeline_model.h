// What the timeline shows: one column a token on an axis of text tokens, and the work of one column
// in order. A column that brings several tokens (a round of speculation) is that much wider.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "visualizer/core/playback.h"
#include "visualizer/core/recording.h"

namespace viz {

enum class TimelineLevel { kVram, kL2, kL1, kShared, kHost };
constexpr int kTimelineLevels = 5;
const char* level_name(TimelineLevel level);  // "VRAM", "L2", ..., "host RAM"

// Bytes at one level: counted (those of the caches under the cache model).
struct TimelineBytes {
  std::array<uint64_t, kTensorClasses> by_class{};
  uint64_t no_tensor = 0;  // what lanes moved in shared memory: it is no tensor's

  uint64_t total() const;
};
TimelineBytes bytes_at(TimelineLevel level, const Sums& sums);

// A phase takes [begin, end) of its column's modelled time, as shares of it.
struct TimelinePhase {
  traffic::Phase phase;
  double begin, end;
  double seconds;           // modelled
  double measured_seconds;  // 0: none
};

struct TimelineColumn {
  int column = 0;              // index into Recording::columns()
  double begin = 0, end = 0;   // on the axis, in tokens
  int token = -1, tokens = 0;  // the first that it brought and how many; 0: loading, flush
  std::string label;           // "load", "prefill", "7", "2-6", "flush"
  std::string text;            // of the tokens that it brought, as one line
  traffic::Phase phase = traffic::Phase::kLoad;  // of its first step
  std::vector<TimelinePhase> phases;
  std::array<TimelineBytes, kTimelineLevels> bytes;
  uint64_t launches = 0;        // counted
  uint64_t library_bytes = 0;   // declared, in none of the above
  double seconds = 0;           // modelled
  double measured_seconds = 0;  // by a clock; 0: none
  WorkRange works;

  const TimelineBytes& at(TimelineLevel level) const { return bytes[static_cast<int>(level)]; }
};

// From bytes or seconds to the height of a bar.
struct TimelineScale {
  double top = 1, bottom = 0;  // the bottom is 0 on a linear scale
  bool log = false;
  bool cut = false;  // the prefill is higher than the top

  // 0 to 1. Nothing is 0, more than the top is 1.
  double height(double amount) const;
};

// The part of the axis that is seen.
struct TimelineView {
  double begin = 0, end = 1;

  double width() const { return end - begin; }
  // `by` < 1 comes nearer; what is at `around` stays where it is. Not nearer than two tokens, not
  // further than all of it.
  void zoom(double around, double by, double length);
  void pan(double by, double length);
  // Moves just so far that `position` is seen, with some room ahead of it.
  void show(double position, double length);
};

class TimelineModel {
 public:
  // Takes what is new in the recording. Cheap when nothing is.
  void update(const Recording& recording);

  const std::vector<TimelineColumn>& columns() const { return columns_; }
  // Where the axis ends, at 8 or more. While a run goes on there is room for what comes, in steps,
  // so that the picture does not shrink with every token.
  double length() const { return length_; }
  bool measured() const { return measured_; }  // some column has seconds by a clock

  // Index into columns() of what is at this place of the axis or holds this piece of work; -1:
  // none.
  int at(double position) const;
  int of_work(size_t work) const;
  // Where the playback is on the axis: inside its column as far as its modelled time has gone; -1
  // when there is no work.
  double position(const Recording& recording, const Playback& playback) const;
  // The piece of work that goes on at a position of the axis: the nearest where there is none.
  size_t work_at(const Recording& recording, double position) const;

  // `cut_prefill`: the scale is that of the other columns where the prefill is much higher. A scale
  // never goes below a thousandth of VRAM's, so that next to nothing looks like it.
  TimelineScale scale(TimelineLevel level, bool log, bool cut_prefill) const;
  // The same for the seconds of a column, the longer of measured and modelled.
  TimelineScale time_scale(bool log, bool cut_prefill) const;
  bool has_class(TensorClass c) const { return has_class_[static_cast<int>(c)]; }
  bool has_phase(traffic::Phase p) const { return has_phase_[static_cast<int>(p)]; }

 private:
  TimelineColumn make(const Recording& recording, size_t column) const;
  void note(const TimelineColumn& column);
  TimelineScale scale_of(double (*value)(const TimelineColumn&, TimelineLevel), TimelineLevel level,
                         double floor, bool log, bool cut_prefill) const;

  const Recording* recording_ = nullptr;
  const traffic::Event* first_ = nullptr;
  size_t events_ = 0, built_ = 0;  // events seen; columns of the recording that are built
  double measured_seconds_ = 0;    // of all steps, when they were built
  std::vector<TimelineColumn> columns_;
  double length_ = 1;
  bool measured_ = false;
  std::array<bool, kTensorClasses> has_class_{};
  std::array<bool, traffic::kPhases> has_phase_{};
};

}  // namespace viz

// Times by a clock, from a second run of the same request on a target that runs in real time,
// beside the counts of the first.
#pragma once

#include "visualizer/core/recording.h"

namespace viz {

// Gives each step of `counted` that has no measured time the one of the same phase and token of
// `measured`. Either may still grow: call it again then. Returns how many steps got one now.
int merge_measured(Recording& counted, const Recording& measured);

// Measured seconds of all steps of one phase, and how many there are; both 0: none.
struct MeasuredSum {
  double seconds = 0;
  int steps = 0;
};
MeasuredSum measured_sum(const Recording& recording, traffic::Phase phase);

}  // namespace viz

// Times by a clock, from a second run of the same request on a target that runs in real time,
// beside the counts of the first.
#pragma once

#include "visualizer/core/recording.h"

namespace viz {

// Gives each step of `counted` that has no measured time the one of the same phase and token of
// `measured`, up to where their texts part: behind that, a round of speculative decoding is another
// one. Either may still grow: call it again then. Nothing, when they are not runs of one request
// (the number of tokens aside). Returns how many steps got one now.
int merge_measured(Recording& counted, const Recording& measured);

// The first token that both runs have put out and that differs; INT_MAX: none.
int texts_part_at(const Recording& a, const Recording& b);

// Measured seconds of all steps of one phase, and how many there are; both 0: none.
struct MeasuredSum {
  double seconds = 0;
  int steps = 0;
};
MeasuredSum measured_sum(const Recording& recording, traffic::Phase phase);

}  // namespace viz

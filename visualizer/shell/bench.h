// Frames are timed while a decoder runs: each panel for a while, or one.
#pragma once

#include <string>

#include "visualizer/options.h"
#include "visualizer/shell/app.h"
#include "visualizer/shell/frame_times.h"

namespace viz {

class Bench {
 public:
  Bench(const Options& options, App& app);

  // Before a frame at this time (seconds): shows the panel whose turn it is, and starts the decoder
  // again when it is done; to compare, a second one decodes beside it. False: the time is over.
  bool next(double now);
  // After it.
  void add(FrameTime time);
  void report(const std::string& where) const;  // to standard output; `where`: on what it was drawn

 private:
  void show(size_t panel);
  void compare();
  std::string beside() const;

  const Options& options_;
  App& app_;
  double begin_ = -1;
  size_t first_ = 0, count_ = 1;  // panels
  int frames_of_panel_ = 0;
  int runs_ = 0;      // decodings that were begun
  size_t works_ = 0;  // of the recording, at the last frame
  FrameTimes times_;
};

// The same without a display, at 60 frames a second. Returns the exit status.
int bench_without_window(const Options& options);

}  // namespace viz

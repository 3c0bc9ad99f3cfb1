// How long each launch took, by events of the GPU around it. What the GPU waited there for the host
// is in it: a launch is asked for after its first event.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "common/gpu/stream.h"      // Event
#include "common/gpu/work.h"        // launch_listener
#include "common/traffic/events.h"  // KernelTime

namespace decode {

// One at a time. All launches must be on the default stream, or on streams that wait for it.
class LaunchClock {
 public:
  LaunchClock() {
    gpu::launch_listener() = [this](const char* kernel) { kernel ? end(kernel) : begin(); };
  }
  ~LaunchClock() { gpu::launch_listener() = nullptr; }
  LaunchClock(const LaunchClock&) = delete;

  // Of the launches since the last call, by kernel, as first launched. The device has done them.
  std::vector<traffic::KernelTime> take() {
    std::vector<traffic::KernelTime> times;
    for (size_t i = 0; i < kernels_.size(); ++i) {
      const auto same = [&](const traffic::KernelTime& t) { return t.kernel == kernels_[i]; };
      auto time = std::find_if(times.begin(), times.end(), same);
      if (time == times.end()) time = times.insert(time, {kernels_[i], 0, 0});
      ++time->launches;
      time->seconds += double(events_[2 * i + 1].milliseconds_since(events_[2 * i])) * 1e-3;
    }
    kernels_.clear();
    begun_ = false;
    return times;
  }

 private:
  // The last one before a launch counts.
  void begin() {
    if (events_.size() < 2 * kernels_.size() + 2) events_.resize(2 * kernels_.size() + 2);
    events_[2 * kernels_.size()].record();
    begun_ = true;
  }
  // A launcher that declares no work is timed as nothing.
  void end(const char* kernel) {
    if (!begun_) begin();
    events_[2 * kernels_.size() + 1].record();
    kernels_.push_back(kernel);
    begun_ = false;
  }

  std::vector<gpu::Event> events_;    // two a launch; they are used again and again
  std::vector<std::string> kernels_;  // of each launch
  bool begun_ = false;
};

}  // namespace decode

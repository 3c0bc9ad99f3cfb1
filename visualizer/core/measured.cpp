// Steps are found by phase and token: both runs decode the same text.
#include "visualizer/core/measured.h"

#include <map>
#include <utility>

namespace viz {

int merge_measured(Recording& counted, const Recording& measured) {
  std::map<std::pair<traffic::Phase, int>, double> times;
  for (const Step& step : measured.steps()) {
    if (step.measured_seconds > 0) times[{step.phase, step.token}] += step.measured_seconds;
  }
  std::vector<traffic::MeasuredEvent> found;
  std::map<std::pair<traffic::Phase, int>, bool> has;  // of the counted steps
  for (const Step& step : counted.steps())
    has[{step.phase, step.token}] |= step.measured_seconds > 0;
  for (const auto& [key, already] : has) {
    const auto time = times.find(key);
    if (!already && time != times.end()) {
      found.push_back({key.first, key.second, time->second});
    }
  }
  for (const traffic::MeasuredEvent& event : found) counted.add(event);
  return int(found.size());
}

MeasuredSum measured_sum(const Recording& recording, traffic::Phase phase) {
  MeasuredSum sum;
  for (const Step& step : recording.steps()) {
    if (step.phase != phase || step.measured_seconds <= 0) continue;
    sum.seconds += step.measured_seconds;
    ++sum.steps;
  }
  return sum;
}

}  // namespace viz

// Steps are found by phase and token: both runs decode the same text.
#include "visualizer/core/measured.h"

#include <algorithm>
#include <climits>
#include <map>
#include <tuple>
#include <utility>

namespace viz {

namespace {

// What decides on a text and on the work for it.
auto request_of(const traffic::RunEvent& run) {
  const traffic::RunSetup& s = run.setup;
  return std::tuple(run.model, run.chapter, s.prompt, s.temperature, s.top_k, s.top_p, s.seed,
                    s.draft, s.draft_tokens);
}

}  // namespace

int texts_part_at(const Recording& a, const Recording& b) {
  const size_t both = std::min(a.texts().size(), b.texts().size());
  for (size_t i = 0; i < both; ++i) {
    const TextAt &x = a.texts()[i], &y = b.texts()[i];
    if (x.token != y.token || x.text != y.text) return std::min(x.token, y.token);
  }
  return INT_MAX;
}

int merge_measured(Recording& counted, const Recording& measured) {
  if (request_of(counted.run()) != request_of(measured.run())) return 0;
  using Key = std::pair<traffic::Phase, int>;
  std::map<Key, traffic::MeasuredEvent> times;
  for (const Step& step : measured.steps()) {
    if (step.measured_seconds <= 0) continue;
    traffic::MeasuredEvent& time = times[{step.phase, step.token}];
    time.phase = step.phase, time.token = step.token;
    time.seconds += step.measured_seconds;
    const auto& kernels = step.measured_kernels;
    time.kernels.insert(time.kernels.end(), kernels.begin(), kernels.end());
  }
  std::vector<traffic::MeasuredEvent> found;
  std::map<Key, bool> has;  // of the counted steps
  for (const Step& step : counted.steps())
    has[{step.phase, step.token}] |= step.measured_seconds > 0;
  // The token at which they part has been made from the same text still.
  const int last = texts_part_at(counted, measured);
  for (const auto& [key, already] : has) {
    const auto time = times.find(key);
    if (!already && time != times.end() && key.second <= last) found.push_back(time->second);
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

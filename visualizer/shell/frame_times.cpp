// Order statistics.
#include "visualizer/shell/frame_times.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace viz {
namespace {

struct Part {
  const char* name;
  double (*value)(const FrameTime&);
};
constexpr Part kParts[] = {{"update", [](const FrameTime& t) { return t.update; }},
                           {"build", [](const FrameTime& t) { return t.build; }},
                           {"render", [](const FrameTime& t) { return t.render; }},
                           {"total", [](const FrameTime& t) { return t.total(); }},
                           {"cpu", [](const FrameTime& t) { return t.cpu; }}};

Spread spread_of(const std::vector<FrameTime>& times, const Part& part) {
  std::vector<double> values;
  for (const FrameTime& time : times) values.push_back(part.value(time));
  return spread(std::move(values));
}

size_t frames_over(const std::vector<FrameTime>& times) {
  return size_t(std::count_if(times.begin(), times.end(),
                              [](const FrameTime& t) { return t.total() > kFrameBudget; }));
}

// What a decoder did beside these frames.
struct Beside {
  double live = 0;   // part of the frames, 0 to 1
  double works = 0;  // a frame
};

Beside beside(const std::vector<FrameTime>& times) {
  Beside all;
  if (times.empty()) return all;
  for (const FrameTime& time : times) all.live += time.live, all.works += double(time.works);
  return {all.live / double(times.size()), all.works / double(times.size())};
}

}  // namespace

double processor_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * double(now.tv_sec) + 1e-6 * double(now.tv_nsec);
}

Spread spread(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  const double median = (values[(n - 1) / 2] + values[n / 2]) / 2;
  const auto rank = size_t(std::ceil(0.95 * double(n)));
  return {median, values[rank - 1], values.back()};
}

void FrameTimes::add(const std::string& panel, FrameTime time) {
  for (auto& [name, times] : panels_) {
    if (name == panel) return times.push_back(time);
  }
  panels_.push_back({panel, {time}});
}

size_t FrameTimes::count() const {
  size_t all = 0;
  for (const auto& [name, times] : panels_) all += times.size();
  return all;
}

std::string FrameTimes::table() const {
  std::string text = "milliseconds a frame: median / 95% / largest\n";
  char line[256];
  std::snprintf(line, sizeof line, "%-10s %6s  %-20s %-20s %-20s %-20s %-20s %9s %9s %s\n", "panel",
                "frames", "update", "build", "render", "total", "processor", "over 16", "decoding",
                "launches");
  text += line;
  for (const auto& [name, times] : panels_) {
    std::snprintf(line, sizeof line, "%-10s %6zu", name.c_str(), times.size());
    text += line;
    for (const Part& part : kParts) {
      const Spread s = spread_of(times, part);
      std::snprintf(line, sizeof line, "  %5.2f /%5.2f /%6.2f", s.median, s.most_of, s.max);
      text += line;
    }
    const Beside decoder = beside(times);
    std::snprintf(line, sizeof line, " %9zu %8.0f%% %8.1f\n", frames_over(times),
                  100 * decoder.live, decoder.works);
    text += line;
  }
  return text +
         "processor: of all threads of this program, without the decoder.\n"
         "over 16: frames that took longer. decoding: frames beside which a decoder ran.\n"
         "launches: of the decoder, a frame.\n";
}

std::string FrameTimes::json(const std::string& where) const {
  nlohmann::ordered_json j;
  j["format"] = "decoder-ladder frame times 1";
  j["unit"] = "ms";
  j["where"] = where;
  for (const auto& [name, times] : panels_) {
    nlohmann::ordered_json panel;
    panel["frames"] = times.size();
    panel["over"] = frames_over(times);
    panel["decoding"] = beside(times).live;
    panel["launches_a_frame"] = beside(times).works;
    for (const Part& part : kParts) {
      const Spread s = spread_of(times, part);
      panel[part.name] = {{"median", s.median}, {"p95", s.most_of}, {"max", s.max}};
    }
    j["panels"][name] = panel;
  }
  return j.dump(2) + "\n";
}

}  // namespace viz

// How long frames take, by panel.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace viz {

// A frame that takes longer than this comes late on a display of 60 pictures a second.
// Milliseconds.
constexpr double kFrameBudget = 16;

// Milliseconds of one frame, and what ran beside it.
struct FrameTime {
  double update = 0;  // events are taken, time goes on
  double build = 0;   // what is to be drawn is listed
  double render = 0;  // it is drawn
  double cpu = 0;     // of all threads, in all of it: what a busy machine does not change much
  bool live = false;  // a decoder ran beside it
  size_t works = 0;   // launches and copies that it told since the frame before
  double total() const { return update + build + render; }
};

class FrameTimes {
 public:
  void add(const std::string& panel, FrameTime time);
  size_t count() const;
  // A table with median, 95% and largest for each panel, in milliseconds; how many frames were over
  // the budget; in how many a decoder ran, and how much it told.
  std::string table() const;
  // {"where":..., "panels":{"hierarchy":{"frames":n,"over":n,"build":{"median":...}}}}
  std::string json(const std::string& where) const;

 private:
  std::vector<std::pair<std::string, std::vector<FrameTime>>> panels_;  // in order of coming
};

struct Spread {
  double median = 0, most_of = 0, max = 0;  // most_of: 95% are not above it
};
// Milliseconds that this process has spent on processors, by all its threads.
double processor_ms();
Spread spread(std::vector<double> values);

}  // namespace viz

// Charts as SVG text: drawn from numbers, the same to the byte on every machine. Colours are those
// of Okabe and Ito, which colour-blind readers tell apart; lines differ in dashes and marks too.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace lesson {

using NumberText = std::function<std::string(double)>;

struct Axis {
  std::string title;
  bool log = false;
  NumberText text;  // of a tick
};

struct Series {
  std::string title;
  std::vector<std::pair<double, double>> points;  // (x, y), ascending in x
};

struct LineChart {
  std::string title;
  Axis x, y;
  std::vector<Series> series;
};

// Throws LessonError when there is nothing to draw, or a number that its axis cannot show.
std::string line_chart_svg(const LineChart& chart);

// Horizontal bars: a row a label, panels side by side that share the labels.
struct BarPanel {
  std::string title;
  NumberText text;             // beside each bar
  std::vector<double> values;  // one a label, >= 0; NaN: no bar
};

struct BarChart {
  std::string title;
  std::vector<std::string> labels;
  std::vector<BarPanel> panels;
};

std::string bar_chart_svg(const BarChart& chart);

// Places for ticks from `least` to `most`: powers of 10 (with 2 and 5 between them when few fit),
// or multiples of 1, 2 or 5 times a power of 10.
std::vector<double> tick_places(double least, double most, bool log);

}  // namespace lesson

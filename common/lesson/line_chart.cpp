// Lines over two axes, with a legend to the right.
#include <algorithm>
#include <cmath>

#include "common/lesson/chart.h"
#include "common/lesson/error.h"  // LessonError
#include "common/lesson/svg.h"    // Svg

namespace lesson {
namespace {

constexpr double kWidth = 760, kHeight = 400;
constexpr double kLeft = 92, kRight = 530, kTop = 74, kBottom = 340;  // of the plotted area
constexpr double kLegend = 552;
constexpr double kNearest = 44;  // between the numbers along the x axis

// From a number to a place on the page.
class Scale {
 public:
  Scale(double least, double most, bool log, double from, double to)
      : log_(log), least_(at(least)), most_(at(most)), from_(from), to_(to) {}
  double operator()(double value) const {
    return from_ + (to_ - from_) * (at(value) - least_) / (most_ - least_);
  }

 private:
  double at(double value) const { return log_ ? std::log10(value) : value; }
  bool log_;
  double least_, most_, from_, to_;
};

struct Range {
  double least = INFINITY, most = -INFINITY;
  void take(double value, const Axis& axis) {
    if (!std::isfinite(value) || (axis.log && value <= 0)) {
      throw LessonError("'" + axis.title + "' cannot show " + std::to_string(value));
    }
    least = std::min(least, value), most = std::max(most, value);
  }
  // A linear axis begins at 0; no range is empty.
  void widen(const Axis& axis) {
    if (!axis.log) least = std::min(least, 0.0);
    if (least == most) most = axis.log ? most * 10 : most + 1;
  }
};

// Whole powers of 10 around the values, or the next of 2 and 5 times them.
void round_outwards(Range& range, bool log) {
  const double least = range.least, most = range.most;
  if (log) {
    const auto places = tick_places(least / 10, most * 10, true);
    for (const double place : places) {
      if (place <= least * (1 + 1e-9)) range.least = place;
    }
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
      if (*place >= most * (1 - 1e-9)) range.most = *place;
    }
    return;
  }
  const auto places = tick_places(least, most, false);
  if (places.size() > 1 && places.back() < most) range.most = places.back() + places[1] - places[0];
}

// The x of the data where these are few and far enough apart, else round numbers.
std::vector<double> x_places(const LineChart& chart, const Range& range, const Scale& to_x) {
  std::vector<double> all;
  for (const Series& series : chart.series) {
    for (const auto& point : series.points) all.push_back(point.first);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (size_t i = 1; i < all.size(); ++i) {
    if (to_x(all[i]) - to_x(all[i - 1]) < kNearest) {
      return tick_places(range.least, range.most, chart.x.log);
    }
  }
  return all;
}

}  // namespace

std::string line_chart_svg(const LineChart& chart) {
  Range x, y;
  for (const Series& series : chart.series) {
    for (const auto& [at, value] : series.points) x.take(at, chart.x), y.take(value, chart.y);
  }
  if (!(x.least <= x.most)) throw LessonError("no points to draw");
  y.widen(chart.y);
  if (x.least == x.most) x.widen(chart.x);
  round_outwards(y, chart.y.log);
  const Scale to_x(x.least, x.most, chart.x.log, kLeft + 12, kRight - 12);
  const Scale to_y(y.least, y.most, chart.y.log, kBottom, kTop);

  Svg svg(kWidth, kHeight, chart.title);
  for (const double place : tick_places(y.least, y.most, chart.y.log)) {
    svg.line(kLeft, to_y(place), kRight, to_y(place), "#e4e7eb");
    svg.text(kLeft - 8, to_y(place) + 4, chart.y.text(place),
             "text-anchor=\"end\" font-size=\"12\"");
  }
  for (const double place : x_places(chart, x, to_x)) {
    svg.line(to_x(place), kBottom, to_x(place), kBottom + 5, "#52606d");
    svg.text(to_x(place), kBottom + 20, chart.x.text(place),
             "text-anchor=\"middle\" font-size=\"12\"");
  }
  svg.line(kLeft, kBottom, kRight, kBottom, "#52606d");
  svg.text((kLeft + kRight) / 2, kBottom + 44, chart.x.title, "text-anchor=\"middle\"");
  svg.text(24, kTop - 18, chart.y.title, "font-size=\"12\"");
  for (size_t i = 0; i < chart.series.size(); ++i) {
    std::vector<std::pair<double, double>> line;
    for (const auto& [at, value] : chart.series[i].points) line.push_back({to_x(at), to_y(value)});
    const std::string stroke =
        "stroke-width=\"2.5\"" + std::string(Svg::dashes(i).empty() ? "" : " ") + Svg::dashes(i);
    svg.path(line, Svg::color(i), stroke);
    for (const auto& [at, value] : line) svg.mark(at, value, i);
    const double row = kTop + 8 + 24 * double(i);
    svg.path({{kLegend, row}, {kLegend + 34, row}}, Svg::color(i), stroke);
    svg.mark(kLegend + 17, row, i);
    svg.text(kLegend + 42, row + 4, chart.series[i].title, "font-size=\"12\"");
  }
  return svg.str();
}

}  // namespace lesson

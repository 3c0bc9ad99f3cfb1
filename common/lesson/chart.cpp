// What both charts share, and the bars.
#include "common/lesson/chart.h"

#include <algorithm>
#include <cmath>

#include "common/lesson/error.h"  // LessonError
#include "common/lesson/svg.h"    // Svg

namespace lesson {
namespace {

constexpr double kWidth = 760, kRowHeight = 30, kLabelWidth = 190, kTextWidth = 72;

}  // namespace

std::vector<double> tick_places(double least, double most, bool log) {
  std::vector<double> places;
  if (log) {
    const int first = int(std::floor(std::log10(least))), last = int(std::ceil(std::log10(most)));
    const bool few = std::log10(most / least) < 2.5;
    for (int power = first; power <= last; ++power) {
      for (const int digit : {1, 2, 5}) {
        const double place = digit * std::pow(10.0, power);
        const bool inside = place >= least * (1 - 1e-9) && place <= most * (1 + 1e-9);
        if (inside && (digit == 1 || few)) places.push_back(place);
      }
    }
    return places;
  }
  const double rough = (most - least) / 5;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double step = power * (rough / power > 5   ? 10
                               : rough / power > 2 ? 5
                               : rough / power > 1 ? 2
                                                   : 1);
  for (double at = std::ceil(least / step - 1e-9) * step; at <= most + 1e-9 * step; at += step) {
    places.push_back(at + 0.0);  // no -0
  }
  return places;
}

std::string bar_chart_svg(const BarChart& chart) {
  if (chart.labels.empty() || chart.panels.empty()) throw LessonError("no bars to draw");
  const double height = 92 + kRowHeight * double(chart.labels.size());
  const double panel = (kWidth - 24 - kLabelWidth) / double(chart.panels.size());
  Svg svg(kWidth, height, chart.title);
  for (size_t row = 0; row < chart.labels.size(); ++row) {
    const double y = 80 + kRowHeight * double(row);
    if (row % 2 == 0) svg.rectangle(12, y - 4, kWidth - 24, kRowHeight, "#f5f7fa");
    svg.text(24, y + 15, chart.labels[row]);
  }
  for (size_t p = 0; p < chart.panels.size(); ++p) {
    const BarPanel& one = chart.panels[p];
    const double x = 24 + kLabelWidth + panel * double(p), room = panel - kTextWidth - 20;
    double most = 0;
    for (const double value : one.values) most = std::isnan(value) ? most : std::max(most, value);
    svg.text(x, 62, one.title, "font-weight=\"bold\"");
    for (size_t row = 0; row < one.values.size(); ++row) {
      const double y = 80 + kRowHeight * double(row), value = one.values[row];
      if (std::isnan(value)) {
        svg.text(x, y + 15, "-");
        continue;
      }
      const double length = most > 0 ? room * value / most : 0;
      svg.rectangle(x, y, std::max(length, 1.0), kRowHeight - 8, Svg::color(p));
      svg.text(x + length + 6, y + 15, one.text(value), "font-size=\"12\"");
    }
  }
  return svg.str();
}

}  // namespace lesson

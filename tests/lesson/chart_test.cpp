#include "common/lesson/chart.h"

#include <cmath>
#include <regex>

#include "common/lesson/error.h"
#include "tests/catch.h"

namespace {

std::string plain(double value) { return std::to_string(int(value)); }

lesson::LineChart chart() {
  return {"A & B",
          {"tokens", true, plain},
          {"bytes", true, plain},
          {{"one <1>", {{128, 1000}, {256, 10000}, {512, 100000}}}, {"two", {{128, 5000}}}}};
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

// Where the marks of a series are, as "x" or "y" attributes of its circles.
std::vector<double> circles(const std::string& svg, const std::string& attribute) {
  std::vector<double> places;
  const std::regex pattern("<circle[^>]* " + attribute + "=\"([0-9.]+)\"");
  for (std::sregex_iterator at(svg.begin(), svg.end(), pattern), end; at != end; ++at) {
    places.push_back(std::stod((*at)[1]));
  }
  return places;
}

}  // namespace

TEST_CASE("points on log axes stand at equal distances when their ratios are equal", "[lesson]") {
  const std::string svg = lesson::line_chart_svg(chart());
  const auto x = circles(svg, "cx"), y = circles(svg, "cy");
  REQUIRE(x.size() == 4);  // three points and the legend's mark
  CHECK(std::abs((x[1] - x[0]) - (x[2] - x[1])) < 0.2);
  CHECK(std::abs((y[1] - y[0]) - (y[2] - y[1])) < 0.2);
  CHECK(x[1] > x[0]);
  CHECK(y[1] < y[0]);  // larger is higher
}

TEST_CASE("a chart names its axes and series, and each series has a look of its own", "[lesson]") {
  const std::string svg = lesson::line_chart_svg(chart());
  for (const char* words : {"A &amp; B", "tokens", "bytes", "one &lt;1&gt;", ">two<", ">128<",
                            ">512<", ">1000<", ">100000<"}) {
    CAPTURE(words);
    CHECK(svg.find(words) != std::string::npos);
  }
  CHECK(svg.find("<1>") == std::string::npos);
  CHECK(count(svg, "stroke-dasharray") == 2);  // the second line and its legend
  CHECK(svg == lesson::line_chart_svg(chart()));
}

TEST_CASE("what cannot be drawn is an error", "[lesson]") {
  lesson::LineChart wrong = chart();
  wrong.series[0].points[0].second = 0;
  CHECK_THROWS_AS(lesson::line_chart_svg(wrong), lesson::LessonError);
  wrong.series[0].points[0].second = NAN;
  CHECK_THROWS_AS(lesson::line_chart_svg(wrong), lesson::LessonError);
  wrong.series.clear();
  CHECK_THROWS_AS(lesson::line_chart_svg(wrong), lesson::LessonError);
  CHECK_THROWS_AS(lesson::bar_chart_svg({"t", {}, {}}), lesson::LessonError);
}

TEST_CASE("ticks are round numbers inside the range", "[lesson]") {
  using Places = std::vector<double>;
  CHECK(lesson::tick_places(0, 10, false) == Places{0, 2, 4, 6, 8, 10});
  CHECK(lesson::tick_places(1, 1e5, true) == Places{1, 10, 100, 1000, 10000, 100000});
  CHECK(lesson::tick_places(1, 20, true) == Places{1, 2, 5, 10, 20});
}

TEST_CASE("a bar is as long as its value", "[lesson]") {
  const std::string svg = lesson::bar_chart_svg(
      {"ladder", {"a", "b", "c"}, {{"panel", plain, {100, 50, NAN}}, {"other", plain, {0, 1, 2}}}});
  std::vector<double> widths;
  const std::regex pattern("width=\"([0-9.]+)\" height=\"22\" fill=\"#0072b2\"");
  for (std::sregex_iterator at(svg.begin(), svg.end(), pattern), end; at != end; ++at) {
    widths.push_back(std::stod((*at)[1]));
  }
  REQUIRE(widths.size() == 2);  // the third has no bar
  CHECK(std::abs(widths[0] - 2 * widths[1]) < 0.2);
  CHECK(svg.find(">-<") != std::string::npos);
}

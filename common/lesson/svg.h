// SVG elements in the look of the lessons' pictures: dark text on a white card, so that it reads on
// light and dark pages alike.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace lesson {

class Svg {
 public:
  Svg(double width, double height, const std::string& title);

  // `attributes` are written as they are.
  void text(double x, double y, const std::string& text, const std::string& attributes = "");
  void line(double x1, double y1, double x2, double y2, const std::string& color,
            const std::string& attributes = "");
  void rectangle(double x, double y, double width, double height, const std::string& color);
  void path(const std::vector<std::pair<double, double>>& points, const std::string& color,
            const std::string& attributes = "");
  // One of several shapes: circle, square, triangle, diamond, ...
  void mark(double x, double y, size_t series);

  // The whole file.
  std::string str() const { return text_ + "</svg>\n"; }

  static std::string color(size_t series);   // of Okabe and Ito, darkest first
  static std::string dashes(size_t series);  // a stroke-dasharray attribute, or ""

 private:
  std::string text_;
};

}  // namespace lesson

// Each element is one line.
#include "common/lesson/svg.h"

#include <cstdio>

namespace lesson {
namespace {

// One digit after the point is enough for a picture, and the same everywhere.
std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value + 0.0);
  std::string result = text;
  if (result.size() > 2 && result.compare(result.size() - 2, 2, ".0") == 0) {
    result.resize(result.size() - 2);
  }
  return result == "-0" ? "0" : result;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string attribute(const char* name, double value) {
  return std::string(" ") + name + "=\"" + number(value) + "\"";
}

std::string with(const std::string& attributes) {
  return attributes.empty() ? "" : " " + attributes;
}

}  // namespace

Svg::Svg(double width, double height, const std::string& title) {
  text_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " " +
          number(height) +
          "\" font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\" font-size=\"13\" "
          "fill=\"#1f2933\">\n  <title>" +
          escaped(title) + "</title>\n  <rect" + attribute("width", width) +
          attribute("height", height) + " rx=\"8\" fill=\"#ffffff\"/>\n";
  text(24, 32, title, "font-weight=\"bold\" font-size=\"14\"");
}

void Svg::text(double x, double y, const std::string& text, const std::string& attributes) {
  text_ += "  <text" + attribute("x", x) + attribute("y", y) + with(attributes) + ">" +
           escaped(text) + "</text>\n";
}

void Svg::line(double x1, double y1, double x2, double y2, const std::string& color,
               const std::string& attributes) {
  text_ += "  <line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) +
           attribute("y2", y2) + " stroke=\"" + color + "\"" + with(attributes) + "/>\n";
}

void Svg::rectangle(double x, double y, double width, double height, const std::string& color) {
  text_ += "  <rect" + attribute("x", x) + attribute("y", y) + attribute("width", width) +
           attribute("height", height) + " fill=\"" + color + "\"/>\n";
}

void Svg::path(const std::vector<std::pair<double, double>>& points, const std::string& color,
               const std::string& attributes) {
  std::string steps;
  for (const auto& [x, y] : points) {
    steps += (steps.empty() ? "M" : " L") + number(x) + " " + number(y);
  }
  text_ += "  <path d=\"" + steps + "\" stroke=\"" + color + "\" fill=\"none\"" + with(attributes) +
           "/>\n";
}

void Svg::mark(double x, double y, size_t series) {
  constexpr double r = 4;
  std::string shape;
  switch (series % 4) {
    case 0:
      shape = "<circle" + attribute("cx", x) + attribute("cy", y) + attribute("r", r);
      break;
    case 1:
      shape = "<rect" + attribute("x", x - r) + attribute("y", y - r) + attribute("width", 2 * r) +
              attribute("height", 2 * r);
      break;
    case 2:
      shape = "<path d=\"M" + number(x) + " " + number(y - r - 1) + " L" + number(x + r + 1) + " " +
              number(y + r) + " L" + number(x - r - 1) + " " + number(y + r) + " z\"";
      break;
    default:
      shape = "<path d=\"M" + number(x) + " " + number(y - r - 1) + " L" + number(x + r + 1) + " " +
              number(y) + " L" + number(x) + " " + number(y + r + 1) + " L" + number(x - r - 1) +
              " " + number(y) + " z\"";
  }
  text_ += "  " + shape + " fill=\"" + color(series) + "\"/>\n";
}

std::string Svg::color(size_t series) {
  static const char* const kColors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                        "#56b4e9", "#e69f00", "#52606d", "#000000"};
  return kColors[series % 8];
}

std::string Svg::dashes(size_t series) {
  static const char* const kDashes[] = {"", "8 4", "2 3", "10 4 2 4"};
  const std::string dash = kDashes[series % 4];
  return dash.empty() ? "" : "stroke-dasharray=\"" + dash + "\"";
}

}  // namespace lesson

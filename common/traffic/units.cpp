// Scaling and rounding.
#include "common/traffic/units.h"

#include <cmath>
#include <cstdio>
#include <vector>

namespace traffic {
namespace {

std::string format(const char* pattern, double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, pattern, value);
  return *unit == '\0' ? std::string(text) : std::string(text).append(" ").append(unit);
}

std::string scaled(double value, const std::vector<const char*>& units) {
  size_t unit = 0;
  while (std::fabs(value) >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  if (unit == 0 && value == std::floor(value)) return format("%.0f", value, units[0]);
  const double size = std::fabs(value);
  return format(size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f", value, units[unit]);
}

}  // namespace

std::string bytes_text(double bytes) { return scaled(bytes, {"B", "kB", "MB", "GB", "TB", "PB"}); }

std::string seconds_text(double seconds) {
  if (seconds == 0) return "0 s";
  if (seconds < 1e-3) return scaled(seconds * 1e9, {"ns", "us"});
  return scaled(seconds * 1e3, {"ms", "s"});
}

std::string count_text(double count) { return scaled(count, {"", "k", "M", "G", "T", "P"}); }

}  // namespace traffic

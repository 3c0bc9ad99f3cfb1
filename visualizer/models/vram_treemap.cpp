// Rows of boxes along the shorter side, each row ended where one more box would make it worse.
#include "visualizer/models/vram_treemap.h"

#include <algorithm>
#include <cstddef>

namespace viz {
namespace {

// Longest side ratio in a row of areas of that sum, laid along `side`.
double worst_ratio(double largest, double smallest, double sum, double side) {
  if (smallest <= 0 || sum <= 0) return 1e300;
  const double s2 = sum * sum, w2 = side * side;
  return std::max(w2 * largest / s2, s2 / (w2 * smallest));
}

}  // namespace

Box Box::inset(float by) const {
  const float dx = std::min(by, width / 2), dy = std::min(by, height / 2);
  return {x + dx, y + dy, width - 2 * dx, height - 2 * dy};
}

std::vector<Box> squarified(const std::vector<double>& weights, const Box& whole) {
  std::vector<Box> boxes(weights.size());
  double total = 0;
  for (double w : weights) total += w;
  Box rest = whole;
  const double scale = total > 0 ? double(whole.area()) / total : 0;
  for (size_t first = 0; first < weights.size();) {
    const double side = std::min(rest.width, rest.height);
    double sum = weights[first] * scale, largest = sum, smallest = sum;
    size_t end = first + 1;
    for (; end < weights.size(); ++end) {
      const double next = weights[end] * scale;
      const double more =
          worst_ratio(std::max(largest, next), std::min(smallest, next), sum + next, side);
      if (more > worst_ratio(largest, smallest, sum, side)) break;
      sum += next, largest = std::max(largest, next), smallest = std::min(smallest, next);
    }
    const bool upright = rest.width >= rest.height;  // the row is a column at the left
    const float thick = end == weights.size() ? (upright ? rest.width : rest.height)
                                              : float(side > 0 ? sum / side : 0);
    double along = 0;
    for (size_t i = first; i < end; ++i) {
      const float from = float(sum > 0 ? along / sum * side : 0);
      along += weights[i] * scale;
      const float to = float(sum > 0 ? along / sum * side : 0);
      boxes[i] = upright ? Box{rest.x, rest.y + from, thick, to - from}
                         : Box{rest.x + from, rest.y, to - from, thick};
    }
    if (upright) {
      rest.x += thick, rest.width = std::max(0.f, rest.width - thick);
    } else {
      rest.y += thick, rest.height = std::max(0.f, rest.height - thick);
    }
    first = end;
  }
  return boxes;
}

}  // namespace viz

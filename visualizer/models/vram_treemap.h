// Areas in a rectangle, each as large as its weight asks, and none very thin.
//
// Source: Bruls, Huizing, van Wijk, "Squarified treemaps", 2000.
#pragma once

#include <vector>

namespace viz {

struct Box {
  float x = 0, y = 0, width = 0, height = 0;

  float right() const { return x + width; }
  float bottom() const { return y + height; }
  float area() const { return width * height; }
  bool contains(float px, float py) const {
    return x <= px && px < right() && y <= py && py < bottom();
  }
  // Smaller by that much on every side; never turned inside out.
  Box inset(float by) const;
};

// One box for each weight, in the order of the weights; together they fill `whole`. Weights are
// >= 0, and descend where the boxes should be as square as possible.
std::vector<Box> squarified(const std::vector<double>& weights, const Box& whole);

}  // namespace viz

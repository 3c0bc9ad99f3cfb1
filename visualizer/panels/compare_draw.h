// The parts of the comparison's picture.
#pragma once

#include <imgui.h>

#include "visualizer/draw/theme.h"
#include "visualizer/models/compare_model.h"

namespace viz {

// Where the columns of the comparison begin; the bars of the first run end where those of the
// second begin.
struct CompareColumns {
  float label, value_a, middle, value_b, ratio, words, right;  // pixels of the screen
  float bar;                                                   // the longest bar

  CompareColumns(const Theme& theme, float left, float width);
};

// Two titles, and unless they are `compact` what is summed over below. Returns the height.
float draw_compared_sides(const Theme& theme, const Compared& compared, ImVec2 at, float width,
                          bool compact);
// A heading over rows, and the line above it. Returns the height.
float draw_compared_heading(const Theme& theme, const CompareColumns& columns, float y,
                            const char* text, bool titles, const Compared& compared);
// One row; each has its own scale. `picked`: its tensors are shown below.
void draw_compared_row(const Theme& theme, const CompareColumns& columns, float y, float height,
                       const ComparedRow& row, const Compared& compared, bool picked, bool hovered);
// One class of tensors of a row, on a scale that all classes share.
void draw_compared_class(const Theme& theme, const CompareColumns& columns, float y, float height,
                         const ComparedRow& row, TensorClass tensor, const Compared& compared,
                         double full);

}  // namespace viz

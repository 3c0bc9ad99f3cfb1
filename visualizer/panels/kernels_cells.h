// Cells and words of the kernels panel.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "visualizer/models/kernels_model.h"
#include "visualizer/panels/panel.h"

namespace viz {

// Which part of the run the table is of, and what its numbers are.
std::string kernels_caption(const Context& context);
float kernel_column_width(KernelColumn column);  // pixels at scale 1
// The number of a column as text; "" where it does not apply.
std::string kernel_cell_text(KernelColumn column, const KernelSums& sums, const KernelSums& total);
// Draws it into the current cell of a table. Bars are as long as their part of the total, and paler
// with less `strength`.
void draw_kernel_cell(const Theme& theme, KernelColumn column, const KernelSums& sums,
                      const KernelSums& total, Work::Kind kind, float strength = 1);
// Of a single launch, what tells it from others: its place and its largest tensor.
std::string launch_text(const Recording& recording, size_t work);

nlohmann::ordered_json kernels_json(const Context& context, const KernelsModel& model);

}  // namespace viz

// The numbers that are compared.
#pragma once

#include <vector>

#include "visualizer/models/compare_model.h"  // ComparedRow, ComparedSide

namespace viz {

// Sums are divided by each side's tokens; `kv` is the cache's bytes, whole, NaN when not known.
std::vector<ComparedRow> compared_rows(const ComparedSide& a, double kv_a, const ComparedSide& b,
                                       double kv_b);

}  // namespace viz

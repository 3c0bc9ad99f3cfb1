// A comparison for the export.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "visualizer/models/compare_model.h"

namespace viz {

const char* part_id(Part part);  // "per_token", "prefill", "here"
// Both sides, what is warned of, and each number of both with its ratio and who is better.
nlohmann::ordered_json compared_json(const Compared& compared);

}  // namespace viz

// What is done without a window: a picture.
#pragma once

#include "visualizer/options.h"

namespace viz {

// Decodes or reads to the end, or to options.at, and writes the files that are asked for. Returns
// the exit status; throws std::runtime_error.
int without_window(const Options& options);

}  // namespace viz

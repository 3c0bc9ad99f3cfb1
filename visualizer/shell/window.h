// The program's window.
#pragma once

#include "visualizer/options.h"

namespace viz {

// Until it is closed. Returns the exit status; without a display or OpenGL it says so, what to do,
// and returns 1.
int run_window(const Options& options);

// Whether there is a display to open one on.
bool display_is_there();

}  // namespace viz

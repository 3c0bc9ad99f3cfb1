// What is done without a window: a picture.
#pragma once

#include "visualizer/options.h"
#include "visualizer/shell/app.h"
#include "visualizer/shell/headless.h"

namespace viz {

// Starts what the options say, waits for its end and stands at options.at. Throws
// std::runtime_error with the message that the window would show.
void prepare_picture(App& app, const Options& options);
// What the window would show at that size, in pixels; `screen` has it, too.
Image draw_picture(Headless& screen, Gui& gui, App& app, int width, int height);

// Decodes or reads to the end, stands at options.at, and writes the files that are asked for.
// Returns the exit status; throws std::runtime_error.
int without_window(const Options& options);

}  // namespace viz

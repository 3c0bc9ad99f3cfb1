// What a run does now, in words and a bar.
#pragma once

#include "visualizer/draw/theme.h"
#include "visualizer/shell/run.h"

namespace viz {

// Draws three lines into the current ImGui window.
void draw_run_facts(const Theme& theme, const Run& run, const Run& measured);
float run_facts_height(const Theme& theme);

}  // namespace viz

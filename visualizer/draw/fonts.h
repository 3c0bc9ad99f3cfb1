// The fonts of the theme.
#pragma once

#include "visualizer/draw/theme.h"

namespace viz {

// Loads the theme's fonts into ImGui's atlas, at theme.scale: DejaVu Sans where the system has it
// (fonts-dejavu-core), else ImGui's own; with Chinese, Japanese and Korean glyphs when a font with
// them is found. Call it after ImGui::CreateContext() and before the first frame.
void load_fonts(Theme& theme);

}  // namespace viz

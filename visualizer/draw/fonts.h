// The fonts of the theme.
#pragma once

#include <string>

#include "visualizer/draw/theme.h"

namespace viz {

// Loads the theme's fonts into ImGui's atlas, at theme.scale: DejaVu Sans where the system has it
// (fonts-dejavu-core), else ImGui's own. Replaces what was loaded. Never between NewFrame and
// Render; the atlas' texture must be made anew after it.
// `rare`: text whose characters are wanted too, although they are not those of European writing:
// Chinese, Japanese and Korean ones come from the first font of the system that has them. (All of
// them would take a second and a texture of a hundred megabytes.)
void load_fonts(Theme& theme, const std::string& rare = "");

// The characters of a text that load_fonts() needs to be told, each once; empty: none.
std::string rare_characters(const std::string& text);

}  // namespace viz

// Parts of the form that it has in several places.
#pragma once

#include <string>

#include "visualizer/draw/theme.h"

namespace viz {

// Small and muted, over as many lines as it needs.
void muted_text(const Theme& theme, const std::string& text);

// A whole number with buttons for less and more, as wide as there is room. True when it was
// changed; it stays in its range, whatever is typed.
bool whole_number(const char* id, int* value, int least, int most);

}  // namespace viz

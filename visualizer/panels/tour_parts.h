// What the tour's list and its card share.
#pragma once

#include <string>

#include "visualizer/panels/tour.h"

namespace viz {

// "Tour, 02 tiled_attention, card 3 of 5"
std::string card_place(const Tour& tour, size_t index);

// Names the last item of ImGui for who clicks from outside.
void mark(const Context& context, const std::string& name);

}  // namespace viz

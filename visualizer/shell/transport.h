// The bar on top: where in the run we are, and how time goes on.
#pragma once

#include "visualizer/panels/panel.h"
#include "visualizer/shell/hot_spots.h"
#include "visualizer/shell/run.h"

namespace viz {

// Draws into the current ImGui window. `room`: pixels of its first line that are free.
void draw_transport(const Theme& theme, Run& run, Selection& selection, float room,
                    HotSpots& spots);
float transport_height(const Theme& theme);

// Play or pause; from the end, play begins anew.
void toggle_play(Run& run);

// "token 12 · decode · flash_decode_kernel, 17 of 33 · 4.83 us modelled"
std::string position_words(const Recording& recording, size_t work);

}  // namespace viz

// The card of the tour, which stays visible while the panel that it speaks of is shown.
#pragma once

#include "visualizer/models/tour_model.h"  // Tour
#include "visualizer/panels/panel.h"       // Context

namespace viz {

// Draws the current card at the cursor of the current ImGui window, over its whole width, and moves
// the cursor below it. Draws nothing while the tour is not on. What its buttons ask for is in
// context.wishes; Back, Next and a click on the card set playback and selection themselves. The
// shell calls it between the tabs and the panel, for every panel but the tour's own.
void draw_tour_card(Context& context, Tour& tour);

// Turns the tour on at a card: its panel, its selection, and its place once it has been recorded.
void go_to_card(Context& context, Tour& tour, size_t index);

}  // namespace viz

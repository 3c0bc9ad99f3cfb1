// The picture of a block at work: memory above, shared memory in the middle, what goes back below,
// and time to the right.
#pragma once

#include "visualizer/models/tiles_model.h"
#include "visualizer/models/vram_treemap.h"  // Box
#include "visualizer/panels/panel.h"

namespace viz {

struct TilesPicture {
  int hovered_column = -1;  // -1: the mouse is not over the time
  bool any_inferred = false;
};

// Draws into `box`. `position` is in columns: what lies after it is dimmed. `mouse` is far away
// when it is not over the picture.
TilesPicture draw_tiles(const Context& context, const Tiles& tiles, const Box& box, float position,
                        ImVec2 mouse);

// For the export: the group of that label.
nlohmann::ordered_json tiles_json(const std::string& label, const Tiles& tiles);

// "block #23 of 24, 64 threads, 9.22 kB shared, 2 barriers".
std::string segment_text(const TileSegment& segment);

}  // namespace viz

// The picture of a block, drawn within one frame: tiles_draw.cpp lays it out, tiles_lanes.cpp draws
// lanes of memory, tiles_shared.cpp what stands in shared memory.
#pragma once

#include <imgui.h>

#include <algorithm>
#include <string>
#include <vector>

#include "visualizer/panels/tiles_draw.h"

namespace viz {

class TilesPainter {
 public:
  TilesPainter(const Context& context, const Tiles& tiles, const Box& box, float position,
               ImVec2 mouse)
      : context_(context),
        theme_(context.theme),
        tiles_(tiles),
        box_(box),
        position_(position),
        mouse_(mouse),
        list_(ImGui::GetWindowDrawList()) {}

  TilesPicture paint();

 private:
  struct Place {
    const TileLane* lane;
    Box box;
  };

  bool inside(const Box& b) const { return b.contains(mouse_.x, mouse_.y); }
  int last_column() const {
    return std::min(int(tiles_.columns.size()), first_column_ + shown_columns_);
  }
  float column_x(float column) const { return plot_.x + (column - float(first_column_)) * slot_; }
  bool on_host(size_t allocation) const {
    return allocation != SIZE_MAX &&
           context_.run.recording.allocations()[allocation].space == simt::Space::kHost;
  }
  bool visible(int begin, int end) const { return end > first_column_ && begin < last_column(); }

  void lay_out_columns();
  void lay_out_rows();
  void draw_frames();
  void frame(const Box& b);
  void draw_headers();
  void draw_barriers();
  void draw_cursor();

  void draw_lane_name(const Place& place);
  Box mark_box(const Place& place, const TileMark& mark) const;
  void draw_lane(const Place& place);
  void in_box(const Box& b, const std::string& text, ImU32 color);
  void draw_arrows();
  void arrow(float x, float from, float to, ImU32 color);

  Box shared_box(int begin, int end, const traffic::ByteRange& range) const;
  void draw_shared();
  void label_tile(const SharedTile& tile, const Box& b, ImU32 color);
  void hatch(const Box& b, ImU32 color);
  void tile_tooltip(const SharedTile& tile);

  const Context& context_;
  const Theme& theme_;
  const Tiles& tiles_;
  Box box_, plot_, shared_;
  float position_;
  ImVec2 mouse_;
  ImDrawList* list_;
  TilesPicture picture_;
  std::vector<Place> places_;  // of the lanes that are drawn
  LaneCounts fit_;
  float slot_ = 1, above_title_ = 0, shared_title_ = 0, below_title_ = 0;
  int first_column_ = 0, shown_columns_ = 0;
};

}  // namespace viz

// Lanes of memory with the rows that a block touches, and the tiles in shared memory.
#include "visualizer/panels/tiles_draw.h"

#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"  // bytes_text
#include "visualizer/draw/shapes.h"

namespace viz {
namespace {

using traffic::ByteRange;
using traffic::bytes_text;
using traffic::WalkStep;

constexpr size_t kMostLanes = 4;  // above, and as many below

struct Place {
  const TileLane* lane;
  Box box;
};

bool is_host(const Recording& recording, size_t allocation) {
  return allocation != SIZE_MAX && recording.allocations()[allocation].space == simt::Space::kHost;
}

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

  TilesPicture paint() {
    lay_out_columns();
    lay_out_rows();
    draw_frames();
    list_->PushClipRect({plot_.x, box_.y}, {plot_.right(), box_.bottom()}, true);
    draw_arrows();
    for (const Place& place : places_) draw_lane(place);
    draw_shared();
    draw_barriers();
    draw_cursor();
    list_->PopClipRect();
    if (inside(plot_)) {
      picture_.hovered_column = first_column_ + int((mouse_.x - plot_.x) / slot_);
      if (picture_.hovered_column >= last_column()) picture_.hovered_column = -1;
    }
    return picture_;
  }

 private:
  bool inside(const Box& b) const { return b.contains(mouse_.x, mouse_.y); }
  int last_column() const {
    return std::min(int(tiles_.columns.size()), first_column_ + shown_columns_);
  }
  float column_x(float column) const { return plot_.x + (column - float(first_column_)) * slot_; }
  bool visible(int begin, int end) const { return end > first_column_ && begin < last_column(); }

  // As many columns as can be told apart; around the position where not all fit.
  void lay_out_columns() {
    const float gutter = std::min(theme_.px(150), box_.width * 0.24f);
    plot_ = {box_.x + gutter, box_.y, box_.width - gutter, box_.height};
    const int all = int(tiles_.columns.size());
    shown_columns_ = std::min(all, std::max(1, int(plot_.width / theme_.px(9))));
    slot_ = std::min(plot_.width / float(shown_columns_), theme_.px(120));
    plot_.width = slot_ * float(shown_columns_);
    first_column_ =
        std::clamp(int(position_) - shown_columns_ * 2 / 3, 0, std::max(0, all - shown_columns_));
  }

  void lay_out_rows() {
    const float header = 2 * theme_.small->FontSize + theme_.px(8);
    const float title = theme_.small->FontSize + theme_.px(4), gap = theme_.px(5);
    const size_t above = std::min(tiles_.above.size(), kMostLanes);
    const size_t below = std::min(tiles_.below.size(), kMostLanes);
    const float lanes = float(above + below);
    const float shared_weight = tiles_.shared.empty() ? 0.6f : 2.6f;
    const float fixed = header + 2 * title + theme_.px(6) + (lanes + 3) * gap;
    const float unit = std::max(theme_.px(14), (box_.height - fixed) / (lanes + shared_weight));
    const float lane = std::min(unit, theme_.px(90));
    float y = box_.y + header;
    const auto lay = [&](const std::vector<TileLane>& from, size_t count) {
      for (size_t i = 0; i < count; ++i) {
        places_.push_back({&from[i], {plot_.x, y, plot_.width, lane}});
        y += lane + gap;
      }
    };
    above_title_ = y;
    y += title;
    lay(tiles_.above, above);
    shared_title_ = y;
    y += theme_.px(6);  // the arrows' heads
    shared_ = {plot_.x, y, plot_.width, std::min(unit * shared_weight, theme_.px(260))};
    y += shared_.height + gap;
    below_title_ = y;
    y += title;
    lay(tiles_.below, below);
    plot_.height = y - plot_.y;
  }

  void draw_frames() {
    const float left = box_.x;
    const bool host = std::any_of(tiles_.above.begin(), tiles_.above.end(), [&](const TileLane& l) {
      return is_host(context_.run.recording, l.allocation);
    });
    const std::string from = host ? "loaded from memory" : "loaded from VRAM";
    put_text(list_, theme_.small, {left, above_title_}, theme_.muted, from, Align::kLeft,
             plot_.x - left - theme_.px(8));
    if (!tiles_.below.empty()) {
      put_text(list_, theme_.small, {left, below_title_}, theme_.muted, "written to VRAM",
               Align::kLeft, plot_.x - left - theme_.px(8));
    }
    for (const Place& place : places_) {
      frame(place.box);
      draw_lane_name(place);
    }
    frame(shared_);
    const float room = plot_.x - left - theme_.px(8), line = theme_.small->FontSize;
    put_text(list_, theme_.small, {left, shared_.y}, theme_.text, "shared memory", Align::kLeft,
             room);
    const std::string bytes = tiles_.shared_bytes > 0
                                  ? bytes_text(double(tiles_.shared_bytes)) + " of the block"
                                  : "none";
    put_text(list_, theme_.small, {left, shared_.y + line}, theme_.muted, bytes, Align::kLeft,
             room);
    if (tiles_.shared_bytes > 0 && shared_.height > 4 * line) {
      put_text(list_, theme_.small, {left, shared_.y + 2 * line}, theme_.muted, "first byte on top",
               Align::kLeft, room);
    }
    draw_headers();
  }

  void frame(const Box& b) {
    list_->AddRectFilled({b.x, b.y}, {b.right(), b.bottom()},
                         mix(theme_.surface, theme_.raised, 0.6f), theme_.px(2));
  }

  void draw_lane_name(const Place& place) {
    const TileLane& lane = *place.lane;
    const float room = place.box.x - box_.x - theme_.px(8), line = theme_.small->FontSize;
    float y = place.box.y;
    std::string name = lane.allocation == SIZE_MAX ? "unnamed" : tensor_label(lane.name);
    if (is_host(context_.run.recording, lane.allocation)) name += ", host RAM";
    const float wide = put_text(list_, theme_.small, {box_.x, y},
                                theme_.tensor(class_of(lane.name)), name, Align::kLeft, room);
    if (lane.round_trip && room > wide + theme_.px(30)) {
      put_text(list_, theme_.small, {box_.x + wide + theme_.px(6), y}, theme_.warning, "round trip",
               Align::kLeft, room - wide - theme_.px(6));
    }
    std::string axis = lane.shape.known() ? "rows " : "bytes ";
    axis += std::to_string(lane.first) + "-" + std::to_string(lane.end - 1);
    if (lane.shape.known()) axis += " of " + std::to_string(lane.shape.rows);
    if (place.box.height >= 2 * line) {
      put_text(list_, theme_.small, {box_.x, y += line}, theme_.muted, axis, Align::kLeft, room);
    }
    if (place.box.height >= 3 * line && lane.shape.known() && lane.shape.has_heads()) {
      put_text(list_, theme_.small, {box_.x, y += line}, theme_.muted,
               place_text(lane.shape, lane.marks[0].range), Align::kLeft, room);
    }
  }

  void draw_headers() {
    for (const TileSegment& s : tiles_.segments) {
      if (!visible(s.begin, s.end)) continue;
      const float from = std::max(plot_.x, column_x(float(s.begin)));
      const float to = std::min(plot_.right(), column_x(float(s.end)));
      const float room =
          std::max(1.f, (tiles_.segments.size() == 1 ? box_.right() : to) - from - theme_.px(6));
      put_text(list_, theme_.small, {from + theme_.px(3), box_.y}, theme_.text, s.kernel,
               Align::kLeft, room);
      std::string text = segment_text(s);
      while (text_size(theme_.small, text).x > room && text.rfind(',') != std::string::npos) {
        text.resize(text.rfind(','));
      }
      put_text(list_, theme_.small, {from + theme_.px(3), box_.y + theme_.small->FontSize},
               theme_.muted, text, Align::kLeft, room);
      if (s.begin > first_column_) {
        list_->AddLine({from, box_.y}, {from, plot_.bottom()}, theme_.muted, theme_.px(1.5f));
      }
      if (s.shared_bytes == 0 && to - from > theme_.px(60)) {
        put_text(list_, theme_.small,
                 {(from + to) / 2, shared_.y + (shared_.height - theme_.small->FontSize) / 2},
                 theme_.muted, "none used", Align::kCenter, to - from - theme_.px(8));
      }
    }
  }

  Box mark_box(const Place& place, const TileMark& mark) const {
    const ByteRange at = place.lane->on_axis(mark.range);
    const double span = std::max<double>(1, double(place.lane->end - place.lane->first));
    const float from = float(double(at.begin - place.lane->first) / span);
    const float to = float(double(at.end - place.lane->first) / span);
    const float pad = slot_ > theme_.px(16) ? theme_.px(2) : 0.5f;
    const float height = std::max(theme_.px(3), (to - from) * place.box.height);
    const float y = std::min(place.box.y + from * place.box.height, place.box.bottom() - height);
    return {column_x(float(mark.column)) + pad, y, slot_ - 2 * pad, height};
  }

  void draw_lane(const Place& place) {
    const ImU32 color = theme_.tensor(class_of(place.lane->name));
    for (const TileMark& mark : place.lane->marks) {
      if (!visible(mark.column, mark.column + 1)) continue;
      const Box b = mark_box(place, mark);
      const bool store = mark.kind == WalkStep::kStore;
      list_->AddRectFilled({b.x, b.y}, {b.right(), b.bottom()},
                           store ? mix(theme_.surface, color, 0.45f) : color, theme_.px(2));
      if (store) list_->AddRect({b.x, b.y}, {b.right(), b.bottom()}, theme_.text, theme_.px(2));
      const std::string text = rows_text(place.lane->shape, mark.range);
      in_box(b, text, store ? theme_.text : theme_.background);
      if (!inside(b)) continue;
      const AllocationAt* a = place.lane->allocation == SIZE_MAX
                                  ? nullptr
                                  : &context_.run.recording.allocations()[place.lane->allocation];
      value_tooltip(theme_,
                    std::string(store ? "stored to " : "loaded from ") +
                        (a != nullptr ? a->name : "memory without a name"),
                    {{"what", text + (place_text(place.lane->shape, mark.range).empty()
                                          ? ""
                                          : ", " + place_text(place.lane->shape, mark.range))},
                     {"bytes in it",
                      std::to_string(mark.range.begin) + " to " + std::to_string(mark.range.end)},
                     {"moved by the lanes", std::to_string(mark.bytes) + " B (counted)"}});
    }
  }

  // A label where there is room for it.
  void in_box(const Box& b, const std::string& text, ImU32 color) {
    const float line = theme_.small->FontSize;
    if (text.empty() || b.height < line || text_size(theme_.small, text).x > b.width - 4) return;
    put_text(list_, theme_.small, {b.x + b.width / 2, b.y + (b.height - line) / 2}, color, text,
             Align::kCenter);
  }

  // From memory into the block, and back.
  void draw_arrows() {
    for (const Place& place : places_) {
      const bool above = place.box.y < shared_.y;
      const ImU32 color = with_alpha(theme_.tensor(class_of(place.lane->name)), 0.75f);
      int last = -1;
      for (const TileMark& mark : place.lane->marks) {
        if (mark.column == last || !visible(mark.column, mark.column + 1)) continue;
        last = mark.column;
        const float x = column_x(float(mark.column) + 0.5f);
        const Box b = mark_box(place, mark);
        if (above) {
          arrow(x, b.bottom(), shared_.y - theme_.px(1), color);
        } else if (mark.kind == WalkStep::kStore) {
          arrow(x, shared_.bottom(), b.y, color);
        } else {
          arrow(x, b.y, shared_.bottom() + theme_.px(1), color);
        }
      }
    }
  }

  void arrow(float x, float from, float to, ImU32 color) {
    const float head = std::min(theme_.px(5), slot_ / 2), down = to > from ? 1.f : -1.f;
    list_->AddLine({x, from}, {x, to - down * head}, color, theme_.px(1.5f));
    const ImVec2 tip{x, to}, left{x - head, to - down * head}, right{x + head, to - down * head};
    down > 0 ? list_->AddTriangleFilled(left, right, tip, color)
             : list_->AddTriangleFilled(left, tip, right, color);
  }

  Box shared_box(int begin, int end, const ByteRange& range) const {
    const double all = std::max<double>(1, double(tiles_.shared_bytes));
    const float y = shared_.y + float(double(range.begin) / all) * shared_.height;
    const float height =
        std::max(theme_.px(2), float(double(range.end - range.begin) / all) * shared_.height - 1);
    return {column_x(float(begin)) + 1, y, slot_ * float(end - begin) - 2,
            std::min(height, shared_.bottom() - y)};
  }

  void draw_shared() {
    for (const SharedTile& tile : tiles_.shared) {
      if (!visible(tile.begin, tile.end)) continue;
      const Box b = shared_box(tile.begin, tile.end, tile.shared);
      const bool known = tile.allocation != SIZE_MAX;
      const TensorClass kind =
          known ? class_of(context_.run.recording.allocations()[tile.allocation].name)
                : TensorClass::kOther;
      const ImU32 color = theme_.tensor(kind);
      const bool copied = tile.source == WalkStep::kCopied;
      list_->AddRectFilled({b.x, b.y}, {b.right(), b.bottom()},
                           mix(theme_.surface, color,
                               copied  ? 0.85f
                               : known ? 0.35f
                                       : 0.3f),
                           theme_.px(2));
      if (tile.source == WalkStep::kInferred) hatch(b, color);
      if (inside(b)) tile_tooltip(tile);
    }
    for (const TileMark& read : tiles_.shared_reads) {
      if (!visible(read.column, read.column + 1)) continue;
      const Box b = shared_box(read.column, read.column + 1, read.range);
      list_->AddRectFilled({b.x, b.y}, {b.right(), b.bottom()}, with_alpha(theme_.text, 0.22f));
      const float bar = std::min(theme_.px(3), b.height);
      list_->AddRectFilled({b.x, b.bottom() - bar}, {b.right(), b.bottom()}, theme_.text);
    }
    for (const SharedTile& tile : tiles_.shared) {
      if (!visible(tile.begin, tile.end)) continue;
      label_tile(tile, shared_box(tile.begin, tile.end, tile.shared),
                 tile.source == WalkStep::kCopied ? theme_.background : theme_.text);
    }
  }

  void label_tile(const SharedTile& tile, const Box& b, ImU32 color) {
    const Box seen{std::max(b.x, plot_.x), b.y, 0, b.height};
    const float right = std::min(b.right(), plot_.right());
    in_box({seen.x, seen.y, right - seen.x, seen.height}, tile.label, color);
  }

  // Slanted lines: the values are not known to be the tensor's.
  void hatch(const Box& b, ImU32 color) {
    picture_.any_inferred = true;
    list_->PushClipRect({b.x, b.y}, {b.right(), b.bottom()}, true);
    const float step = theme_.px(7);
    for (float x = b.x - b.height; x < b.right(); x += step) {
      list_->AddLine({x, b.bottom()}, {x + b.height, b.y}, with_alpha(color, 0.8f), 1);
    }
    list_->PopClipRect();
  }

  void tile_tooltip(const SharedTile& tile) {
    std::vector<std::pair<std::string, std::string>> rows;
    const bool known = tile.allocation != SIZE_MAX;
    if (known) {
      const AllocationAt& a = context_.run.recording.allocations()[tile.allocation];
      const RowShape shape = row_shape(a);
      rows.push_back({"from", a.name});
      rows.push_back({"what", rows_text(shape, tile.range)});
      if (!place_text(shape, tile.range).empty()) {
        rows.push_back({"of", place_text(shape, tile.range)});
      }
    }
    rows.push_back({"known how", tile.source == WalkStep::kCopied ? "copied: the same bytes"
                                 : known ? "inferred: computed from what was loaded last"
                                         : "not loaded: computed, or zeros"});
    if (!tile.array.empty()) rows.push_back({"array", tile.array});
    rows.push_back({"bytes", std::to_string(tile.shared.begin) + " to " +
                                 std::to_string(tile.shared.end) + " of the block's"});
    value_tooltip(theme_, "in shared memory", rows);
  }

  void draw_barriers() {
    for (int c = first_column_; c < last_column(); ++c) {
      if (!tiles_.columns[size_t(c)].after_barrier) continue;
      const float x = std::round(column_x(float(c)));
      const float dash = theme_.px(4);
      for (float y = shared_title_; y < shared_.bottom() + dash; y += 2 * dash) {
        list_->AddLine({x, y}, {x, y + dash}, theme_.text, 1);
      }
    }
  }

  void draw_cursor() {
    if (position_ >= float(tiles_.columns.size())) return;
    const float x = std::clamp(column_x(position_), plot_.x, plot_.right());
    const float top = above_title_;
    list_->AddRectFilled({x, top}, {plot_.right(), plot_.bottom()},
                         with_alpha(theme_.surface, 0.72f));
    list_->AddLine({x, top}, {x, plot_.bottom()}, theme_.accent, theme_.px(2));
  }

  const Context& context_;
  const Theme& theme_;
  const Tiles& tiles_;
  Box box_, plot_, shared_;
  float position_;
  ImVec2 mouse_;
  ImDrawList* list_;
  TilesPicture picture_;
  std::vector<Place> places_;
  float slot_ = 1, above_title_ = 0, shared_title_ = 0, below_title_ = 0;
  int first_column_ = 0, shown_columns_ = 0;
};

}  // namespace

TilesPicture draw_tiles(const Context& context, const Tiles& tiles, const Box& box, float position,
                        ImVec2 mouse) {
  return TilesPainter(context, tiles, box, position, mouse).paint();
}

std::string segment_text(const TileSegment& s) {
  std::string text = "block #" + std::to_string(s.block) + " of " + std::to_string(s.blocks) +
                     ", " + std::to_string(s.threads) + " threads, " +
                     (s.shared_bytes > 0 ? bytes_text(double(s.shared_bytes)) + " shared, "
                                         : std::string("no shared memory, ")) +
                     std::to_string(s.barriers) + (s.barriers == 1 ? " barrier" : " barriers");
  return s.cut ? "cut, there was more: " + text : text;
}

}  // namespace viz

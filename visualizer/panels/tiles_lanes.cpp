// Lanes of memory: the rows that a block touches, and the arrows to and from it.
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/tiles_painter.h"

namespace viz {

using traffic::ByteRange;
using traffic::WalkStep;

void TilesPainter::draw_lane_name(const Place& place) {
  const TileLane& lane = *place.lane;
  const float room = place.box.x - box_.x - theme_.px(8), line = theme_.small->FontSize;
  float y = place.box.y;
  std::string name = lane.allocation == SIZE_MAX ? "unnamed" : tensor_label(lane.name);
  if (on_host(lane.allocation)) name += ", host RAM";
  const float wide = put_text(list_, theme_.small, {box_.x, y}, theme_.tensor(class_of(lane.name)),
                              name, Align::kLeft, room);
  if (lane.round_trip && room > wide + theme_.px(30)) {
    put_text(list_, theme_.small, {box_.x + wide + theme_.px(6), y}, theme_.warning, "round trip",
             Align::kLeft, room - wide - theme_.px(6));
  }
  const bool one = lane.end == lane.first + 1;
  std::string axis = lane.shape.known() ? "row" : "byte";
  axis += (one ? " " : "s ") + std::to_string(lane.first);
  if (!one) axis += "-" + std::to_string(lane.end - 1);
  if (lane.shape.known()) axis += " of " + std::to_string(lane.shape.rows);
  if (place.box.height >= 2 * line) {
    put_text(list_, theme_.small, {box_.x, y += line}, theme_.muted, axis, Align::kLeft, room);
  }
  if (place.box.height >= 3 * line && lane.shape.known() && lane.shape.has_heads()) {
    put_text(list_, theme_.small, {box_.x, y += line}, theme_.muted,
             place_text(lane.shape, lane.marks[0].range), Align::kLeft, room);
  }
}

Box TilesPainter::mark_box(const Place& place, const TileMark& mark) const {
  const ByteRange at = place.lane->on_axis(mark.range);
  const double span = std::max<double>(1, double(place.lane->end - place.lane->first));
  const float from = float(double(at.begin - place.lane->first) / span);
  const float to = float(double(at.end - place.lane->first) / span);
  const float pad = slot_ > theme_.px(16) ? theme_.px(2) : 0.5f;
  const float height = std::max(theme_.px(3), (to - from) * place.box.height);
  const float y = std::min(place.box.y + from * place.box.height, place.box.bottom() - height);
  return {column_x(float(mark.column)) + pad, y, slot_ - 2 * pad, height};
}

void TilesPainter::draw_lane(const Place& place) {
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
void TilesPainter::in_box(const Box& b, const std::string& text, ImU32 color) {
  const float line = theme_.small->FontSize;
  if (text.empty() || b.height < line || text_size(theme_.small, text).x > b.width - 4) return;
  put_text(list_, theme_.small, {b.x + b.width / 2, b.y + (b.height - line) / 2}, color, text,
           Align::kCenter);
}

// From memory into the block, and back.
void TilesPainter::draw_arrows() {
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

void TilesPainter::arrow(float x, float from, float to, ImU32 color) {
  const float head = std::min(theme_.px(5), slot_ / 2), down = to > from ? 1.f : -1.f;
  list_->AddLine({x, from}, {x, to - down * head}, color, theme_.px(1.5f));
  const ImVec2 tip{x, to}, left{x - head, to - down * head}, right{x + head, to - down * head};
  down > 0 ? list_->AddTriangleFilled(left, right, tip, color)
           : list_->AddTriangleFilled(left, tip, right, color);
}

}  // namespace viz

// How the picture of a block is laid out: columns of time, rows of lanes, their frames.
#include <cmath>

#include "common/traffic/units.h"  // bytes_text
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/tiles_painter.h"

namespace viz {

using traffic::bytes_text;

TilesPicture TilesPainter::paint() {
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

// As many columns as can be told apart; around the position where not all fit.
void TilesPainter::lay_out_columns() {
  const float gutter = std::min(theme_.px(150), box_.width * 0.24f);
  plot_ = {box_.x + gutter, box_.y, box_.width - gutter, box_.height};
  const int all = int(tiles_.columns.size());
  shown_columns_ = std::min(all, std::max(1, int(plot_.width / theme_.px(9))));
  slot_ = std::min(plot_.width / float(shown_columns_), theme_.px(120));
  plot_.width = slot_ * float(shown_columns_);
  first_column_ =
      std::clamp(int(position_) - shown_columns_ * 2 / 3, 0, std::max(0, all - shown_columns_));
}

void TilesPainter::lay_out_rows() {
  const float header = 2 * theme_.small->FontSize + theme_.px(8);
  const float title = theme_.small->FontSize + theme_.px(4), gap = theme_.px(5);
  const float shared_weight = tiles_.shared.empty() ? 0.6f : 2.6f;
  const float around = header + 2 * title + theme_.px(6) + 3 * gap;
  // A lane has room for its name and its rows.
  const float least = 2 * theme_.small->FontSize;
  const float room = (box_.height - around - shared_weight * least) / (least + gap);
  fit_ = lanes_that_fit(tiles_.above.size(), tiles_.below.size(), size_t(std::max(0.f, room)));
  const float lanes = float(fit_.above + fit_.below);
  const float unit =
      std::max(theme_.px(14), (box_.height - around - lanes * gap) / (lanes + shared_weight));
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
  lay(tiles_.above, fit_.above);
  shared_title_ = y;
  y += theme_.px(6);  // the arrows' heads
  shared_ = {plot_.x, y, plot_.width, std::min(unit * shared_weight, theme_.px(260))};
  y += shared_.height + gap;
  below_title_ = y;
  y += title;
  lay(tiles_.below, fit_.below);
  plot_.height = y - plot_.y;
}

void TilesPainter::draw_frames() {
  const float left = box_.x;
  const bool host = std::any_of(tiles_.above.begin(), tiles_.above.end(),
                                [&](const TileLane& l) { return on_host(l.allocation); });
  const std::string from = host ? "loaded from memory" : "loaded from VRAM";
  put_text(list_, theme_.small, {left, above_title_}, theme_.muted, from, Align::kLeft,
           plot_.x - left - theme_.px(8));
  if (!tiles_.below.empty()) {
    put_text(list_, theme_.small, {left, below_title_}, theme_.muted, "written to VRAM",
             Align::kLeft, plot_.x - left - theme_.px(8));
  }
  for (const bool above : {true, false}) {
    const std::string more =
        above ? left_out_text(tiles_.above, fit_.above) : left_out_text(tiles_.below, fit_.below);
    put_text(list_, theme_.small, {plot_.x + theme_.px(3), above ? above_title_ : below_title_},
             theme_.muted, more, Align::kLeft, box_.right() - plot_.x - theme_.px(3));
  }
  for (const Place& place : places_) {
    frame(place.box);
    draw_lane_name(place);
  }
  frame(shared_);
  const float room = plot_.x - left - theme_.px(8), line = theme_.small->FontSize;
  put_text(list_, theme_.small, {left, shared_.y}, theme_.text, "shared memory", Align::kLeft,
           room);
  const std::string bytes =
      tiles_.shared_bytes > 0 ? bytes_text(double(tiles_.shared_bytes)) + " of the block" : "none";
  put_text(list_, theme_.small, {left, shared_.y + line}, theme_.muted, bytes, Align::kLeft, room);
  if (tiles_.shared_bytes > 0 && shared_.height > 4 * line) {
    put_text(list_, theme_.small, {left, shared_.y + 2 * line}, theme_.muted, "first byte on top",
             Align::kLeft, room);
  }
  draw_headers();
}

void TilesPainter::frame(const Box& b) {
  list_->AddRectFilled({b.x, b.y}, {b.right(), b.bottom()},
                       mix(theme_.surface, theme_.raised, 0.6f), theme_.px(2));
}

void TilesPainter::draw_headers() {
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

void TilesPainter::draw_barriers() {
  for (int c = first_column_; c < last_column(); ++c) {
    if (!tiles_.columns[size_t(c)].after_barrier) continue;
    const float x = std::round(column_x(float(c)));
    const float dash = theme_.px(4);
    for (float y = shared_title_; y < shared_.bottom() + dash; y += 2 * dash) {
      list_->AddLine({x, y}, {x, y + dash}, theme_.text, 1);
    }
  }
}

void TilesPainter::draw_cursor() {
  if (position_ >= float(tiles_.columns.size())) return;
  const float x = std::clamp(column_x(position_), plot_.x, plot_.right());
  const float top = above_title_;
  list_->AddRectFilled({x, top}, {plot_.right(), plot_.bottom()},
                       with_alpha(theme_.surface, 0.72f));
  list_->AddLine({x, top}, {x, plot_.bottom()}, theme_.accent, theme_.px(2));
}

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

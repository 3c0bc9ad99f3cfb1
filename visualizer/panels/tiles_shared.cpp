// What stands in a block's shared memory, and for how long.
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/tiles_painter.h"

namespace viz {

using traffic::ByteRange;
using traffic::WalkStep;

Box TilesPainter::shared_box(int begin, int end, const ByteRange& range) const {
  const double all = std::max<double>(1, double(tiles_.shared_bytes));
  const float y = shared_.y + float(double(range.begin) / all) * shared_.height;
  const float height =
      std::max(theme_.px(2), float(double(range.end - range.begin) / all) * shared_.height - 1);
  return {column_x(float(begin)) + 1, y, slot_ * float(end - begin) - 2,
          std::min(height, shared_.bottom() - y)};
}

void TilesPainter::draw_shared() {
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

void TilesPainter::label_tile(const SharedTile& tile, const Box& b, ImU32 color) {
  const Box seen{std::max(b.x, plot_.x), b.y, 0, b.height};
  const float right = std::min(b.right(), plot_.right());
  in_box({seen.x, seen.y, right - seen.x, seen.height}, tile.label, color);
}

// Slanted lines: the values are not known to be the tensor's.
void TilesPainter::hatch(const Box& b, ImU32 color) {
  picture_.any_inferred = true;
  list_->PushClipRect({b.x, b.y}, {b.right(), b.bottom()}, true);
  const float step = theme_.px(7);
  for (float x = b.x - b.height; x < b.right(); x += step) {
    list_->AddLine({x, b.bottom()}, {x + b.height, b.y}, with_alpha(color, 0.8f), 1);
  }
  list_->PopClipRect();
}

void TilesPainter::tile_tooltip(const SharedTile& tile) {
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

}  // namespace viz

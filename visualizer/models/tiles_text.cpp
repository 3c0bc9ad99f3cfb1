// Steps of a walk, and lanes, in words.
#include <algorithm>

#include "common/traffic/units.h"  // bytes_text
#include "visualizer/models/tiles_model.h"
#include "visualizer/models/vram_layout.h"  // short_name

namespace viz {
namespace {

using traffic::ByteRange;
using traffic::WalkStep;

// "K rows 32-63 of layer 0, head 1".
std::string tensor_part(const Recording& recording, size_t allocation, const ByteRange& range) {
  if (allocation == SIZE_MAX) return "memory without a name";
  const AllocationAt& a = recording.allocations()[allocation];
  const RowShape shape = row_shape(a);
  std::string text = tensor_label(a.name) + " " + rows_text(shape, range);
  const std::string place = place_text(shape, range);
  return place.empty() ? text : text + " of " + place;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  const size_t shown = std::min<size_t>(parts.size(), 3);
  for (size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  if (parts.size() > shown) text += " and " + std::to_string(parts.size() - shown) + " more";
  return text;
}

}  // namespace

std::string tensor_label(const std::string& name) {
  const auto ends = [&name](const std::string& with) {
    return name.size() >= with.size() &&
           name.compare(name.size() - with.size(), with.size(), with) == 0;
  };
  const std::string draft = name.rfind("draft", 0) == 0 ? "draft " : "";
  if (ends("kv_cache.k")) return draft + "K";
  if (ends("kv_cache.v")) return draft + "V";
  if (ends("kv_cache.k.scales")) return draft + "K scales";
  if (ends("kv_cache.v.scales")) return draft + "V scales";
  return short_name(name);
}

std::string column_text(const Recording& recording, const Tiles& tiles, int column) {
  if (column < 0 || size_t(column) >= tiles.columns.size()) return "";
  std::vector<std::string> parts;
  const WalkStep::Kind kind = tiles.columns[size_t(column)].kind;
  if (kind == WalkStep::kLoad || kind == WalkStep::kStore) {
    for (const auto* lanes : {&tiles.above, &tiles.below}) {
      for (const TileLane& lane : *lanes) {
        for (const TileMark& mark : lane.marks) {
          if (mark.column != column) continue;
          parts.push_back(tensor_part(recording, lane.allocation, mark.range));
        }
      }
    }
    return joined(parts) + (kind == WalkStep::kLoad ? ": from memory into registers"
                                                    : ": from registers back to memory");
  }
  bool inferred = false;
  std::vector<std::string> written;
  for (const SharedTile& tile : tiles.shared) {
    if (tile.begin != column || tile.label.empty()) continue;
    inferred |= tile.source == WalkStep::kInferred;
    const std::string part = tile.source == WalkStep::kCopied
                                 ? tensor_part(recording, tile.allocation, tile.range)
                             : tile.source == WalkStep::kInferred ? tile.label
                                                                  : "values that were not loaded";
    if (std::find(written.begin(), written.end(), part) == written.end()) written.push_back(part);
  }
  for (const TileMark& read : tiles.shared_reads) {
    if (read.column != column) continue;
    for (const SharedTile& tile : tiles.shared) {
      if (tile.begin > column || tile.end <= column || tile.label.empty()) continue;
      if (!overlap(tile.shared, read.range)) continue;
      if (std::find(parts.begin(), parts.end(), tile.label) == parts.end()) {
        parts.push_back(tile.label);
      }
    }
  }
  std::string text;
  if (kind == WalkStep::kSharedRead || !parts.empty()) {
    text = (parts.empty() ? std::string("values") : joined(parts)) +
           ": read from shared memory, and computed with";
  }
  if (written.empty()) return text;
  return text + (text.empty() ? "" : "; ") + joined(written) + ": written to shared memory" +
         (inferred ? " (inferred)" : "");
}

LaneCounts lanes_that_fit(size_t above, size_t below, size_t room) {
  while (above + below > room && above + below > 0) {
    if (above <= 1 && below <= 1) break;  // of each side there is one
    above > below ? --above : --below;
  }
  return {above, below};
}

std::string left_out_text(const std::vector<TileLane>& lanes, size_t shown) {
  if (shown >= lanes.size()) return "";
  std::string text = std::to_string(lanes.size() - shown) + " more, without room here:";
  for (size_t i = shown; i < lanes.size(); ++i) {
    const TileLane& lane = lanes[i];
    text += i == shown ? " " : ", ";
    text += lane.allocation == SIZE_MAX ? "unnamed" : tensor_label(lane.name);
    text += " " + traffic::bytes_text(double(lane.loaded_bytes + lane.stored_bytes));
  }
  return text;
}

}  // namespace viz

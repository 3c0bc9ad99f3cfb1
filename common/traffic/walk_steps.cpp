// Pieces of memory that grow together.
#include "common/traffic/walk_steps.h"

#include <algorithm>

#include "common/traffic/touched.h"  // join_ranges

namespace traffic {
namespace {

constexpr uint64_t kSpareBytes = 16;
constexpr size_t kMaxPieces = 8;  // of one key; a reader wants a place, not a comb

ByteRange hull(const ByteRange& a, const ByteRange& b) {
  if (a.begin == a.end) return b;
  if (b.begin == b.end) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

}  // namespace

void WalkSteps::join(Piece& into, const Piece& piece) {
  into.end = std::max(into.end, piece.end);
  into.bytes += piece.bytes;
  into.order = std::min(into.order, piece.order);
  into.from = hull(into.from, piece.from);
}

void WalkSteps::add(const StepKey& key, const ByteRange& at, const ByteRange& from,
                    uint64_t bytes) {
  Pieces& pieces = pieces_[key];
  const Piece piece{at.end, bytes, order_++, from};
  auto next = pieces.upper_bound(at.begin);
  auto place = next;
  if (next != pieces.begin() && std::prev(next)->second.end >= at.begin) {
    place = std::prev(next);
    join(place->second, piece);
  } else {
    place = pieces.emplace_hint(next, at.begin, piece);
  }
  while (next != pieces.end() && next->first <= place->second.end) {
    join(place->second, next->second);
    next = pieces.erase(next);
  }
}

// Rows with a few spare bytes behind each (against bank conflicts) are one place, and so are the
// many rows of a regular pattern.
void WalkSteps::close_gaps(Pieces& pieces) {
  for (auto it = pieces.begin(); it != pieces.end();) {
    const auto next = std::next(it);
    if (next == pieces.end()) break;
    const uint64_t gap = next->first - it->second.end;
    const uint64_t shorter = std::min(it->second.end - it->first, next->second.end - next->first);
    if (gap > kSpareBytes || gap >= shorter) {
      it = next;
      continue;
    }
    join(it->second, next->second);
    pieces.erase(next);
  }
  if (pieces.size() <= kMaxPieces) return;
  std::vector<ByteRange> ranges;
  for (const auto& [begin, piece] : pieces) ranges.push_back({begin, piece.end});
  join_ranges(ranges, kMaxPieces);
  for (const ByteRange& r : ranges) {
    const auto first = pieces.find(r.begin);
    for (auto it = std::next(first); it != pieces.end() && it->first < r.end;) {
      join(first->second, it->second);
      it = pieces.erase(it);
    }
  }
}

std::vector<WalkSteps::Made> WalkSteps::close() {
  std::vector<Made> made;
  for (auto& [key, pieces] : pieces_) {
    close_gaps(pieces);
    const bool global = key.kind == WalkStep::kLoad || key.kind == WalkStep::kStore;
    for (const auto& [begin, piece] : pieces) {
      const ByteRange at{begin, piece.end};
      made.push_back({key,
                      piece.order,
                      {key.kind, key.source, key.id, global ? at : piece.from, "",
                       global ? ByteRange{} : at, piece.bytes}});
    }
  }
  std::sort(made.begin(), made.end(), [](const Made& a, const Made& b) {
    return a.key.round != b.key.round ? a.key.round < b.key.round : a.order < b.order;
  });
  pieces_.clear();
  order_ = 0;
  return made;
}

}  // namespace traffic

// Bytes of an allocation in its tensor's own terms: layers, heads, rows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/traffic/events.h"
#include "visualizer/core/recording.h"

namespace viz {

// How rows lie in an allocation: row r of head h of layer l begins at byte
// ((l * heads + h) * rows + r) * row_bytes. For a KV cache a row is a position. All 0 where the
// stream does not say the shape.
struct RowShape {
  uint64_t layers = 0, heads = 0, rows = 0;
  uint64_t row_bytes = 0;
  uint64_t heads_in_row = 1;  // where each row holds values of all heads, one head after the other

  bool known() const { return row_bytes > 0; }
  bool has_heads() const { return layers * heads * heads_in_row > 1; }
  bool operator==(const RowShape&) const = default;
};

// A shape of four lengths is (layers, heads, rows, values); of three, for a KV cache's scales, the
// same with one value a row. Any other is (rows, ...); of three, (rows, heads in a row, values).
// Unknown when the lengths do not divide the bytes.
RowShape row_shape(const AllocationAt& allocation);

// The rows that hold bytes of `range`, one call for each head, in order:
// visit(layer, head, first row, one past the last row).
void each_run(const RowShape& shape, const traffic::ByteRange& range,
              const std::function<void(uint64_t, uint64_t, uint64_t, uint64_t)>& visit);

// The rows of a range that stays within heads of one layer; for a longer one, from its first to its
// last.
struct RowSpan {
  uint64_t first_layer = 0, last_layer = 0, first_head = 0, last_head = 0;
  uint64_t first_row = 0, end_row = 0;  // of any of its heads
};
RowSpan row_span(const RowShape& shape, const traffic::ByteRange& range);

// "rows 32-63", "row 5"; "bytes 0-4095" where the shape is not known.
std::string rows_text(const RowShape& shape, const traffic::ByteRange& range);
// "layer 2, head 1", or "head 1" of one row; empty where there is only one or the shape is not
// known.
std::string place_text(const RowShape& shape, const traffic::ByteRange& range);
// "(5, 2, 64, 32)"; empty when not known.
std::string shape_text(const AllocationAt& allocation);

}  // namespace viz

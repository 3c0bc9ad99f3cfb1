// From byte ranges to rows.
#include "visualizer/models/rows.h"

#include <algorithm>

namespace viz {
namespace {

std::string span_text(const char* one, const char* many, uint64_t first, uint64_t last) {
  if (first == last) return std::string(one) + " " + std::to_string(first);
  return std::string(many) + " " + std::to_string(first) + "-" + std::to_string(last);
}

}  // namespace

RowShape row_shape(const AllocationAt& allocation) {
  const auto& shape = allocation.shape;
  if (shape.empty() || allocation.bytes == 0) return {};
  RowShape r{1, 1, shape[0], 0};
  if (shape.size() == 4 ||
      (shape.size() == 3 && allocation.name.find("kv_cache") != std::string::npos)) {
    r = {shape[0], shape[1], shape[2], 0};
  }
  const uint64_t rows = r.layers * r.heads * r.rows;
  if (rows == 0 || allocation.bytes % rows != 0) return {};
  r.row_bytes = allocation.bytes / rows;
  if (shape.size() == 3 && r.layers * r.heads == 1 && shape[1] > 0 && r.row_bytes % shape[1] == 0) {
    r.heads_in_row = shape[1];
  }
  return r;
}

void each_run(const RowShape& shape, const traffic::ByteRange& range,
              const std::function<void(uint64_t, uint64_t, uint64_t, uint64_t)>& visit) {
  if (!shape.known() || range.end <= range.begin) return;
  const uint64_t all = shape.layers * shape.heads * shape.rows;
  const uint64_t end = std::min(all, (range.end + shape.row_bytes - 1) / shape.row_bytes);
  for (uint64_t row = range.begin / shape.row_bytes; row < end;) {
    const uint64_t head = row / shape.rows, first = row % shape.rows;
    const uint64_t last = std::min(shape.rows, first + (end - row));
    visit(head / shape.heads, head % shape.heads, first, last);
    row += last - first;
  }
}

RowSpan row_span(const RowShape& shape, const traffic::ByteRange& range) {
  RowSpan span;
  bool any = false;
  each_run(shape, range, [&](uint64_t layer, uint64_t head, uint64_t first, uint64_t end) {
    if (!any) span = {layer, layer, head, head, first, end};
    any = true;
    span.last_layer = layer;
    span.first_head = std::min(span.first_head, head);
    span.last_head = std::max(span.last_head, head);
    span.first_row = std::min(span.first_row, first);
    span.end_row = std::max(span.end_row, end);
  });
  return span;
}

std::string rows_text(const RowShape& shape, const traffic::ByteRange& range) {
  if (range.end <= range.begin) return "";
  if (!shape.known()) return span_text("byte", "bytes", range.begin, range.end - 1);
  const RowSpan span = row_span(shape, range);
  return span_text("row", "rows", span.first_row, span.end_row - 1);
}

std::string place_text(const RowShape& shape, const traffic::ByteRange& range) {
  if (!shape.known() || !shape.has_heads()) return "";
  const RowSpan span = row_span(shape, range);
  if (shape.heads_in_row > 1) {
    if (span.end_row != span.first_row + 1) return "";  // heads of several rows
    const uint64_t bytes = shape.row_bytes / shape.heads_in_row;
    const uint64_t row = span.first_row * shape.row_bytes;
    return span_text("head", "heads", (range.begin - row) / bytes, (range.end - 1 - row) / bytes);
  }
  return span_text("layer", "layers", span.first_layer, span.last_layer) + ", " +
         span_text("head", "heads", span.first_head, span.last_head);
}

std::string shape_text(const AllocationAt& allocation) {
  if (allocation.shape.empty()) return "";
  std::string text;
  for (uint64_t n : allocation.shape) text += (text.empty() ? "(" : ", ") + std::to_string(n);
  return text + ")";
}

}  // namespace viz

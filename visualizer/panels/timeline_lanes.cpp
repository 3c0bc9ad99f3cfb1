// Lanes of bars over one axis of tokens.
#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"
#include "visualizer/panels/timeline_parts.h"

namespace viz {

namespace {

// Left and right end of a column's bar, with a gap to its neighbours where there is room for one.
std::pair<float, float> bar_ends(const TimelineFrame& f, const TimelineColumn& c) {
  const float from = f.x(c.begin), to = f.x(c.end);
  const float unit = f.x(1) - f.x(0);
  const float gap = unit > 12 ? f.theme.px(1.5f) : unit > 4 ? 0.5f : 0;
  return {std::max(from + gap, f.left), std::min(to - gap, f.right)};
}

// Lines at round numbers with their texts at the left.
void draw_grid(const TimelineFrame& f, const TimelineScale& scale, float top, float bottom,
               std::string (*text)(double)) {
  const float line = text_size(f.theme.small, "0").y, room = bottom - top;
  const auto mark = [&](double amount) {
    const float y = std::round(bottom - float(scale.height(amount)) * room);
    f.list->AddLine({f.left, y}, {f.right, y}, f.theme.faint);
    put_text(f.list, f.theme.small, {f.left - f.theme.px(6), y - line / 2}, f.theme.muted,
             text(amount), Align::kRight);
  };
  if (scale.log) {
    const double decades = std::round(std::log10(scale.top / scale.bottom));
    const double most = std::max(1.0, std::floor(double(room) / (line * 1.3)));
    const double step = std::max(1.0, std::ceil(decades / most));
    for (double d = step; d <= decades + 1e-6; d += step) mark(scale.bottom * std::pow(10, d));
    return;
  }
  double step = grid_step(scale.top, std::clamp(int(room / (line * 1.7f)), 2, 4));
  if (step > scale.top) step = grid_step(scale.top, 3);
  for (int i = 1; i * step <= scale.top * (1 + 1e-9); ++i) mark(i * step);
}

// The parts of one bar from the bottom up. On a logarithmic scale the whole height is the sum's,
// and the colours share it.
void draw_bar(const TimelineFrame& f, const TimelineBytes& bytes, float from, float to, float top,
              float bottom) {
  const double total = double(bytes.total());
  if (total <= 0) return;
  // What is there at all is seen.
  top = std::min(top, bottom - 1);
  double sum = 0;
  const auto part = [&](uint64_t value, ImU32 color) {
    if (value == 0) return;
    const float low = bottom - float(sum / total) * (bottom - top);
    sum += double(value);
    const float high = bottom - float(sum / total) * (bottom - top);
    if (low - high >= 0.25f) f.list->AddRectFilled({from, high}, {to, low}, color);
  };
  for (int i = 0; i < kTensorClasses; ++i) part(bytes.by_class[i], f.theme.tensors[i]);
  part(bytes.no_tensor, f.theme.muted);
}

// Two slanted lines across a bar that goes on beyond the lane, and its number beside it.
void draw_break(const TimelineFrame& f, float from, float to, float y, float top,
                const std::string& number) {
  const float lean = std::min((to - from) / 2, f.theme.px(4));
  for (const float up : {f.theme.px(0), f.theme.px(5)}) {
    f.list->AddLine({from - 2, y + lean / 2 - up}, {to + 2, y - lean / 2 - up}, f.theme.surface,
                    f.theme.px(2));
  }
  put_text(f.list, f.theme.small, {to + f.theme.px(5), top}, f.theme.text, number);
}

void shade(const TimelineFrame& f, int column, float top, float bottom, ImU32 color) {
  if (column < 0) return;
  const TimelineColumn& c = f.columns()[size_t(column)];
  const float from = std::max(f.x(c.begin), f.left), to = std::min(f.x(c.end), f.right);
  if (to > from) f.list->AddRectFilled({from, top}, {std::max(to, from + 1), bottom}, color);
}

// What lies ahead of the playhead is paler.
void veil(const TimelineFrame& f, float top, float bottom) {
  if (f.playhead < 0) return;
  const float from = std::max(f.x(f.playhead), f.left);
  if (from >= f.right) return;
  f.list->AddRectFilled({from, top}, {f.right, bottom}, with_alpha(f.theme.surface, 0.45f));
}

}  // namespace

void draw_phase_band(const TimelineFrame& f, float top, float bottom) {
  for (const TimelineColumn& c : f.columns()) {
    if (!f.seen(c)) continue;
    const auto [from, to] = bar_ends(f, c);
    const float begin = f.x(c.begin), width = f.x(c.end) - begin;
    for (const TimelinePhase& phase : c.phases) {
      const float a = std::clamp(begin + width * float(phase.begin), from, to);
      const float b = std::clamp(begin + width * float(phase.end), from, to);
      if (b > a) f.list->AddRectFilled({a, top}, {b, bottom}, f.theme.phase(phase.phase));
    }
  }
}

void draw_lane(const TimelineFrame& f, TimelineLevel level, const TimelineScale& scale, float top,
               float bottom) {
  const float beyond = scale.cut ? text_size(f.theme.small, "0").y + f.theme.px(2) : 0;
  const float zero = bottom - 1, full = top + beyond;
  shade(f, f.current, top, bottom, with_alpha(f.theme.accent, 0.13f));
  if (f.hovered != f.current) shade(f, f.hovered, top, bottom, with_alpha(f.theme.text, 0.06f));
  draw_grid(f, scale, full, zero, traffic::bytes_text);
  float last = -1, last_height = -1;
  for (const TimelineColumn& c : f.columns()) {
    if (!f.seen(c)) continue;
    const auto [from, to] = bar_ends(f, c);
    const double bytes = double(c.at(level).total());
    const bool beyond_top = bytes > scale.top * (1 + 1e-9);
    const float height = beyond_top ? zero - top : float(scale.height(bytes)) * (zero - full);
    // Columns narrower than a pixel: the highest of those that share it.
    if (to - last < 1 && height <= last_height) continue;
    draw_bar(f, c.at(level), from, std::max(to, from + 1), zero - height, zero);
    if (beyond_top && to > from) {
      draw_break(f, from, to, full, top, traffic::bytes_text(bytes));
    }
    last = to, last_height = height;
  }
  f.list->AddLine({f.left, zero}, {f.right, zero}, f.theme.muted);
  veil(f, top, zero);
  draw_playhead(f, top, zero, false);
}

void draw_time_lane(const TimelineFrame& f, const TimelineScale& scale, float top, float bottom) {
  const float beyond = scale.cut ? text_size(f.theme.small, "0").y + f.theme.px(2) : 0;
  const float zero = bottom - 1, full = top + beyond;
  const auto y = [&](double seconds) {
    return zero - float(scale.height(seconds)) * (zero - full);
  };
  shade(f, f.current, top, bottom, with_alpha(f.theme.accent, 0.13f));
  if (f.hovered != f.current) shade(f, f.hovered, top, bottom, with_alpha(f.theme.text, 0.06f));
  draw_grid(f, scale, full, zero, traffic::seconds_text);
  for (const TimelineColumn& c : f.columns()) {
    if (!f.seen(c)) continue;
    const auto [from, to] = bar_ends(f, c);
    const bool beyond_top = c.measured_seconds > scale.top * (1 + 1e-9);
    if (c.measured_seconds > 0) {
      const float high = beyond_top ? top : std::min(y(c.measured_seconds), zero - 1);
      f.list->AddRectFilled({from, high}, {std::max(to, from + 1), zero}, f.theme.muted);
    }
    if (beyond_top && to > from) {
      draw_break(f, from, to, full, top, traffic::seconds_text(c.measured_seconds));
    }
    if (c.seconds > 0 && c.seconds <= scale.top) {
      f.list->AddRectFilled({from, y(c.seconds) - f.theme.px(1)},
                            {std::max(to, from + 1), y(c.seconds) + f.theme.px(1)}, f.theme.text);
    }
  }
  f.list->AddLine({f.left, zero}, {f.right, zero}, f.theme.muted);
  veil(f, top, zero);
  draw_playhead(f, top, zero, false);
}

}  // namespace viz

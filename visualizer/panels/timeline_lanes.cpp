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

void draw_grid(const TimelineFrame& f, const TimelineScale& scale, float top, float bottom) {
  const float line = text_size(f.theme.small, "0").y;
  const auto mark = [&](double bytes, const std::string& text) {
    const float y = std::round(bottom - float(scale.height(bytes)) * (bottom - top));
    f.list->AddLine({f.left, y}, {f.right, y}, f.theme.faint);
    put_text(f.list, f.theme.small, {f.left - f.theme.px(6), y - line / 2}, f.theme.muted, text,
             Align::kRight);
  };
  if (scale.log) {
    const double decades = std::log10(scale.top / scale.bottom);
    const double room = std::max(1.0, std::floor(double(bottom - top) / (line * 1.3)));
    const double step = std::max(1.0, std::ceil(decades / room));
    for (double d = step; d <= decades + 1e-6; d += step) {
      const double bytes = scale.bottom * std::pow(10, d);
      mark(bytes, traffic::bytes_text(bytes));
    }
    return;
  }
  const int lines = std::max(1, int((bottom - top) / (line * 1.7f)));
  const double step = grid_step(scale.top, std::clamp(lines, 2, 4));
  for (int i = 1; i * step <= scale.top * (1 + 1e-9); ++i) {
    mark(i * step, traffic::bytes_text(i * step));
  }
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
  draw_grid(f, scale, full, zero);
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

void draw_time_lane(const TimelineFrame& f, float top, float bottom) {
  double most = 0;
  for (const TimelineColumn& c : f.columns()) {
    most = std::max({most, c.measured_seconds, c.seconds});
  }
  if (most <= 0) return;
  const float line = text_size(f.theme.small, "0").y, zero = bottom - 1;
  const auto y = [&](double seconds) { return zero - float(seconds / most) * (zero - top); };
  shade(f, f.current, top, bottom, with_alpha(f.theme.accent, 0.13f));
  const int lines = std::max(1, int((bottom - top) / (line * 1.7f)));
  const double step = grid_step(most, std::clamp(lines, 2, 4));
  for (int i = 1; i * step <= most * (1 + 1e-9); ++i) {
    f.list->AddLine({f.left, y(i * step)}, {f.right, y(i * step)}, f.theme.faint);
    put_text(f.list, f.theme.small, {f.left - f.theme.px(6), y(i * step) - line / 2}, f.theme.muted,
             traffic::seconds_text(i * step), Align::kRight);
  }
  for (const TimelineColumn& c : f.columns()) {
    if (!f.seen(c)) continue;
    const auto [from, to] = bar_ends(f, c);
    if (c.measured_seconds > 0) {
      f.list->AddRectFilled({from, std::min(y(c.measured_seconds), zero - 1)},
                            {std::max(to, from + 1), zero}, f.theme.good);
    }
    if (c.seconds > 0) {
      f.list->AddLine({from, y(c.seconds)}, {to, y(c.seconds)}, f.theme.text, f.theme.px(2));
    }
  }
  f.list->AddLine({f.left, zero}, {f.right, zero}, f.theme.muted);
  draw_playhead(f, top, zero, false);
}

}  // namespace viz

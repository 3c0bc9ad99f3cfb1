// The axis of tokens, the playhead, and what is told of one column.
#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"
#include "visualizer/panels/timeline_parts.h"

namespace viz {

using traffic::Phase;

float draw_axis(const TimelineFrame& f, float top) {
  const Theme& t = f.theme;
  const float line = text_size(t.small, "0").y, unit = f.x(1) - f.x(0), room = t.px(6);
  const bool with_text = unit > t.px(30);
  int stride = 1;
  const float number = text_size(t.small, "000").x + room;
  for (const int s : {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000}) {
    stride = s;
    if (float(s) * unit >= number) break;
  }
  // The current column's label has its place first, then the prefill's; then those that touch none.
  std::vector<std::pair<float, float>> taken;
  const auto put = [&](int index) {
    const TimelineColumn& c = f.columns()[size_t(index)];
    const bool current = index == f.current;
    const float from = std::max(f.x(c.begin), f.left), to = std::min(f.x(c.end), f.right);
    const float half = text_size(t.small, c.label).x / 2;
    // Of a column that is seen in part, only where its label fits there.
    const bool part = c.begin < f.view.begin || c.end > f.view.end;
    if (!f.seen(c) || (part && to - from < 2 * half)) return;
    const float middle = std::clamp((from + to) / 2, f.left + half, f.right - half);
    for (const auto& [begin, end] : taken) {
      if (middle + half + room > begin && middle - half - room < end) return;
    }
    taken.push_back({middle - half, middle + half});
    put_text(f.list, t.small, {middle, top}, current ? t.accent : t.muted, c.label, Align::kCenter);
    if (with_text && c.tokens > 0) {
      put_text(f.list, t.small, {std::clamp((from + to) / 2, f.left, f.right), top + line},
               current ? t.accent : t.text, c.text, Align::kCenter, to - from - t.px(4));
    }
  };
  if (f.current >= 0) put(f.current);
  const int columns = int(f.columns().size());
  const auto is_prefill = [&](int i) { return f.columns()[size_t(i)].phase == Phase::kPrefill; };
  for (int i = 0; i < columns; ++i) {
    if (i != f.current && is_prefill(i)) put(i);
  }
  for (int i = 0; i < columns; ++i) {
    const TimelineColumn& c = f.columns()[size_t(i)];
    const bool skipped = c.tokens == 1 && c.token % stride != 0;
    if (i != f.current && !is_prefill(i) && f.seen(c) && !skipped) put(i);
  }
  float bottom = top + line * (with_text ? 2 : 1) + t.px(3);
  if (f.view.width() < f.model.length() - 1e-9) {  // which part of it all is seen
    const float width = f.right - f.left, length = float(f.model.length());
    f.list->AddRectFilled({f.left, bottom}, {f.right, bottom + t.px(3)}, t.faint);
    f.list->AddRectFilled({f.left + width * float(f.view.begin) / length, bottom},
                          {f.left + width * float(f.view.end) / length, bottom + t.px(3)}, t.muted);
    bottom += t.px(5);
  }
  return bottom;
}

void draw_playhead(const TimelineFrame& f, float top, float bottom, bool head) {
  if (f.playhead < f.view.begin - 1e-9 || f.playhead > f.view.end + 1e-9) return;
  const float x = std::round(f.x(f.playhead)), size = f.theme.px(5);
  f.list->AddRectFilled({x - 1, top}, {x + 1, bottom}, f.theme.accent);
  if (!head) return;
  f.list->AddTriangleFilled({x - size, top - size}, {x + size, top - size}, {x, top + size},
                            f.theme.accent);
}

std::string column_name(const TimelineColumn& c) {
  if (c.tokens > 1) return "tokens " + c.label;
  switch (c.phase) {
    case Phase::kLoad:
      return "loading";
    case Phase::kFlush:
      return "the flush of L2";
    case Phase::kPrefill:
      return "the prefill";
    default:
      return c.tokens == 1 ? "token " + c.label : c.label;
  }
}

void column_tooltip(const Theme& theme, const TimelineColumn& c, TimelineLevel level) {
  std::vector<std::pair<std::string, std::string>> rows;
  if (!c.text.empty()) rows.push_back({"text", c.text});
  const TimelineBytes& bytes = c.at(level);
  const std::string where = level_name(level);
  for (int i = kTensorClasses - 1; i >= 0; --i) {
    if (bytes.by_class[i] == 0) continue;
    rows.push_back({class_name(static_cast<TensorClass>(i)), exact_bytes_text(bytes.by_class[i])});
  }
  rows.push_back({where + ", all (counted)", exact_bytes_text(bytes.total())});
  if (c.library_bytes > 0) {
    rows.push_back({"library calls (declared)", exact_bytes_text(c.library_bytes)});
  }
  if (c.launches > 0) rows.push_back({"launches (counted)", std::to_string(c.launches)});
  for (const TimelinePhase& phase : c.phases) {
    const std::string name = traffic::phase_name(phase.phase);
    if (c.phases.size() > 1 && phase.seconds > 0) {
      rows.push_back({name + " (modelled)", traffic::seconds_text(phase.seconds)});
    }
    if (phase.measured_seconds > 0) {
      rows.push_back({name + " (measured)", traffic::seconds_text(phase.measured_seconds)});
    }
  }
  if (c.seconds > 0) rows.push_back({"time (modelled)", traffic::seconds_text(c.seconds)});
  value_tooltip(theme, column_name(c), rows);
}

}  // namespace viz

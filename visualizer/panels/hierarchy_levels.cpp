// The pyramid: levels with their sizes and bandwidths, and what bounds the time.
#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/hierarchy_picture.h"
#include "visualizer/panels/hierarchy_text.h"

namespace viz {
namespace {

void draw_level(const HierarchyPicture& f, Level level) {
  const Theme& t = f.theme();
  const Box box = f.layout.level(level);
  const HierarchyView& v = f.view();
  const LevelBound bound = level_bound(level, v);
  const bool bounds = bound.share >= 0.05;
  fill_rounded(f.list, box.min, box.max, t.raised, t.px(6));
  const ImU32 edge = bounds ? t.bound(bound.bound) : mix(t.raised, t.muted, 0.35f);
  f.list->AddRect(box.min, box.max, edge, t.px(6), 0, t.px(bounds ? 2 : 1));

  const float inside = t.px(10), top = text_size(t.body, "X").y, low = text_size(t.small, "X").y;
  const float y = std::round(box.center().y - (top + low) / 2);
  float right = box.max.x - inside;
  const LevelFigure figure = level_figure(level, v);
  if (!figure.text.empty()) {
    const float w = std::max(text_size(t.body, figure.text).x, text_size(t.small, figure.label).x);
    put_text(f.list, t.body, {right, y}, t.text, figure.text, Align::kRight);
    put_text(f.list, t.small, {right, y + top}, t.muted, figure.label, Align::kRight);
    if (!std::isnan(figure.part)) {
      const ImVec2 from{box.min.x + t.px(6), box.max.y - t.px(4)};
      const ImVec2 to{box.max.x - t.px(6), box.max.y - t.px(2)};
      f.list->AddRectFilled(from, to, t.faint);
      f.list->AddRectFilled(from, {from.x + (to.x - from.x) * float(figure.part), to.y}, t.accent);
    }
    right -= w + t.px(10);
  }
  const float room = right - box.min.x - inside;
  put_text(f.list, t.body, {box.min.x + inside, y}, t.text, level_name(level), Align::kLeft, room);
  put_text(f.list, t.small, {box.min.x + inside, y + top}, t.muted,
           level_line(level, f.context.run.recording.run().gpu, room, t), Align::kLeft, room);
  if (bounds) {
    // In the middle of a wide box; a narrow one has room only on its edge.
    const bool wide = box.width() > t.px(340);
    draw_bound_tag(f.list, t, t.bound(bound.bound), bound.share,
                   wide ? box.center() : ImVec2{box.min.x + t.px(70), box.min.y});
  }
}

}  // namespace

float draw_hierarchy_header(const Context& context, const HierarchyView& view, ImVec2 at,
                            float width) {
  const Theme& theme = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float big = text_size(theme.body, "X").y, small = text_size(theme.small, "X").y;

  const char* const time_bar_title = width > theme.px(560) ? "its time, by what bounds it" : "";
  const std::string sums = scope_sums(view);
  const float sums_width = text_size(theme.body, sums).x;
  put_text(list, theme.body, {at.x + width, at.y}, theme.text, sums, Align::kRight);
  put_text(list, theme.body, at, theme.text, scope_title(context), Align::kLeft,
           width - sums_width - theme.px(16));
  float y = at.y + big + theme.px(3);
  put_text(list, theme.small, {at.x, y}, theme.muted, now_text(context), Align::kLeft,
           width - text_size(theme.small, time_bar_title).x - theme.px(16));
  y += small + theme.px(6);
  if (view.seconds > 0) {
    put_text(list, theme.small, {at.x + width, at.y + big + theme.px(3)}, theme.muted,
             time_bar_title, Align::kRight);
    const Box bar{{at.x, y}, {at.x + width, y + theme.px(18)}};
    draw_time_bar(list, theme, view, bar);
    if (!context.still && ImGui::IsWindowHovered() && bar.contains(ImGui::GetIO().MousePos)) {
      time_tooltip(theme, view);
    }
    y += theme.px(18);
  }
  return y - at.y + theme.px(8);
}

void draw_levels(const HierarchyPicture& f) {
  const Theme& t = f.theme();
  const Box gpu = f.layout.gpu, sm = f.layout.sm;
  fill_around(f.list, gpu.min, gpu.max, sm.min, sm.max, mix(t.surface, t.raised, 0.35f), t.px(8),
              t.px(6));
  f.list->AddRect(gpu.min, gpu.max, t.faint, t.px(8));
  // More SMs behind the first.
  for (int i = 2; i >= 1; --i) {
    const float by = t.px(4) * float(i);
    const ImVec2 min{sm.min.x + by, sm.min.y + by}, max{sm.max.x + by, sm.max.y + by};
    f.list->AddLine({min.x + t.px(6), max.y}, max, t.faint);
    f.list->AddLine({max.x, min.y + t.px(6)}, max, t.faint);
  }
  f.list->AddRect(sm.min, sm.max, t.faint, t.px(6));

  const traffic::GpuSpec& g = f.context.run.recording.run().gpu;
  const float line = text_size(t.small, "X").y;
  const float above = f.layout.compact ? t.px(1) : t.px(3);
  put_text(f.list, t.small, {gpu.min.x + t.px(8), gpu.min.y + above}, t.muted,
           g.title.empty() ? "GPU" : "GPU: " + g.title, Align::kLeft, gpu.width() - t.px(16));
  put_text(f.list, t.small, {sm.min.x + t.px(8), sm.min.y + above}, t.muted,
           g.sms == 0 ? "each SM" : "one of " + std::to_string(g.sms) + " SMs", Align::kLeft,
           f.layout.level(Level::kCompute).min.x - sm.min.x);
  put_text(f.list, t.small, {f.layout.pcie.x, f.layout.pcie.y - line}, t.muted, "PCIe",
           Align::kLeft, f.layout.pcie_width);
  if (g.pcie_bandwidth > 0) {
    put_text(f.list, t.small, f.layout.pcie, t.muted,
             traffic::bytes_text(g.pcie_bandwidth) + "/s each way", Align::kLeft,
             f.layout.pcie_width);
  }
  for (int i = 0; i < kLevels; ++i) draw_level(f, static_cast<Level>(i));
}

}  // namespace viz

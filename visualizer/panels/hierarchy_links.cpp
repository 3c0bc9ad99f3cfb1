// Links between the levels: what flows over them, by tensor, in both directions.
#include <algorithm>

#include "common/traffic/units.h"
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/hierarchy_picture.h"
#include "visualizer/panels/hierarchy_text.h"

namespace viz {
namespace {

// Whether any link moves the tensor: then everything else steps back.
bool shows_chosen(const HierarchyPicture& f, const std::string& tensor) {
  return !tensor.empty() && std::any_of(std::begin(kAllLinks), std::end(kAllLinks), [&](Link link) {
    return f.model.flow_of(tensor, link).bytes() > 0;
  });
}

float lane_width(const HierarchyPicture& f, uint64_t bytes) {
  if (bytes == 0 || f.full == 0) return 0;
  const float part = float(std::sqrt(double(bytes) / double(f.full)));
  return std::max(f.theme().px(2), std::min(part, 1.f) * f.layout.lane);
}

void draw_way(const HierarchyPicture& f, Link link, bool toward) {
  const Theme& t = f.theme();
  const LinkView& v = f.view().link(link);
  const auto pick = [toward](const Flow& flow) { return toward ? flow.toward : flow.away; };
  const uint64_t all = pick(v.all);
  std::vector<ImVec2> line = f.layout.link(link).line;
  if (!toward) std::reverse(line.begin(), line.end());
  if (all == 0) {
    // A pipe that is there and empty.
    const std::vector<ImVec2> edge = moved_line(line, -t.px(3));
    f.list->AddPolyline(edge.data(), int(edge.size()), t.faint, 0, t.px(1));
    return;
  }
  const float width = lane_width(f, all);
  const std::string& chosen = f.context.selection.tensor;
  const uint64_t of_chosen = chosen.empty() ? 0 : pick(f.model.flow_of(chosen, link));
  const float rest = shows_chosen(f, chosen) ? 0.3f : 1.f;
  std::vector<LanePart> parts;
  const auto add = [&](uint64_t bytes, ImU32 color, float alpha) {
    if (bytes > 0) parts.push_back({width * float(double(bytes) / double(all)), color, alpha});
  };
  for (int c = 0; c < kTensorClasses; ++c) {
    const bool has_chosen = of_chosen > 0 && class_of(chosen) == static_cast<TensorClass>(c);
    if (has_chosen) add(of_chosen, t.tensors[c], 1);
    add(pick(v.by_class[c]) - (has_chosen ? of_chosen : 0), t.tensors[c], rest);
  }
  add(pick(v.of_no_class()), t.muted, rest);
  draw_lane(f.list, t, line, -(width / 2 + t.px(1.5f)), parts,
            t.px(f.phases[2 * int(link) + (toward ? 0 : 1)]));
}

void draw_link_text(const HierarchyPicture& f, Link link) {
  if (f.view().seconds <= 0) return;
  const Theme& t = f.theme();
  const LinkPlace& place = f.layout.link(link);
  const LinkView& v = f.view().link(link);
  const bool hovered = f.hovered == link, picked = f.picked == link;
  const float line = text_size(t.small, "X").y;
  const int rows = v.all.bytes() == 0 ? 1 : place.room >= 3 * line ? 3 : 2;
  const float top = place.text.y - float(rows) * line / 2;
  const auto put = [&](int row, ImU32 color, const std::string& text) {
    put_text(f.list, t.small, {place.text.x, std::round(top + float(row) * line)}, color, text,
             place.text_left ? Align::kRight : Align::kLeft, place.text_width);
  };
  if (v.all.bytes() == 0) {
    put(0, t.muted, nothing_text(link));
    return;
  }
  const auto way = [&](int row, const char* arrow, uint64_t bytes, const char* name) {
    const ImU32 color = hovered || picked ? t.accent : bytes > 0 ? t.text : t.muted;
    put(row, color, std::string(arrow) + " " + traffic::bytes_text(double(bytes)) + "  " + name);
  };
  way(0, "↑", v.all.toward, toward_name(link));
  way(1, "↓", v.all.away, away_name(link));
  if (rows == 3) put(2, t.muted, "busy " + percent_text(v.seconds / f.view().seconds));
}

}  // namespace

void draw_links(const HierarchyPicture& f) {
  for (const Link link : kAllLinks) {
    draw_way(f, link, true);
    draw_way(f, link, false);
    draw_link_text(f, link);
  }
}

void draw_hierarchy_footer(const HierarchyPicture& f, ImVec2 at, float width) {
  const Theme& t = f.theme();
  std::array<bool, kTensorClasses> show{};
  for (const LinkView& l : f.view().links) {
    for (int c = 0; c < kTensorClasses; ++c) show[c] = show[c] || l.by_class[c].bytes() > 0;
  }
  if (f.view().seconds <= 0) return;
  float y = at.y;
  if (f.view().link(Link::kShared).of_no_class().bytes() > 0) {
    // Beside the tensors: what has no tensor's colour.
    const char* text = "computed on the chip";
    const float from = at.x + width - text_size(t.small, text).x, s = t.px(10);
    f.list->AddRectFilled({from - s - t.px(6), y + t.px(3)}, {from - t.px(6), y + t.px(3) + s},
                          t.muted, t.px(2));
    put_text(f.list, t.small, {from, y}, t.muted, text);
  }
  y += tensor_legend(f.list, t, {at.x, y}, width, show);
  if (y + t.px(16) > ImGui::GetWindowPos().y + ImGui::GetWindowHeight()) return;
  put_text(f.list, t.small, {at.x, y}, t.muted, scale_text(f.context.selection.scope, f.full),
           Align::kLeft, width);
}

}  // namespace viz

// Lanes with arrow heads that move along them.
#include <algorithm>
#include <array>
#include <cmath>

#include "visualizer/panels/hierarchy_parts.h"

namespace viz {

namespace {

ImVec2 operator+(ImVec2 a, ImVec2 b) { return {a.x + b.x, a.y + b.y}; }
ImVec2 operator-(ImVec2 a, ImVec2 b) { return {a.x - b.x, a.y - b.y}; }
ImVec2 operator*(ImVec2 a, float f) { return {a.x * f, a.y * f}; }

float length(ImVec2 v) { return std::sqrt(v.x * v.x + v.y * v.y); }
ImVec2 direction(ImVec2 from, ImVec2 to) {
  const float d = length(to - from);
  return d > 0 ? (to - from) * (1 / d) : ImVec2{1, 0};
}
// To the right of the way, on a screen whose y goes down.
ImVec2 right_of(ImVec2 way) { return {-way.y, way.x}; }

// Pixels from which a part needs no soft sides; a narrower one would be seen as none or as a whole
// pixel.
constexpr float kSharp = 2;

// Where each part begins, from the left edge of the lane.
template <class Use>
void each_part(const std::vector<LanePart>& parts, float width, Use use) {
  float from = -width / 2;
  for (const LanePart& part : parts) {
    use(part, from, from + part.width);
    from += part.width;
  }
}

// A piece of a head: a parallelogram that is soft where it slopes and sharp at its sides, where the
// next piece begins. (ImGui's own is soft all around, with twice as many corners.)
void draw_piece(ImDrawList* list, const std::array<ImVec2, 4>& left,
                const std::array<ImVec2, 4>& right, ImU32 color) {
  const ImVec2 white = ImGui::GetFontTexUvWhitePixel();
  const ImU32 nothing = color & ~IM_COL32_A_MASK;
  list->PrimReserve(18, 8);
  const auto first = ImDrawIdx(list->_VtxCurrentIdx);
  for (int i = 0; i < 4; ++i) {
    const ImU32 here = i == 0 || i == 3 ? nothing : color;
    list->PrimWriteVtx(left[size_t(i)], white, here);
    list->PrimWriteVtx(right[size_t(i)], white, here);
  }
  for (int i = 0; i < 3; ++i) {
    const auto at = ImDrawIdx(first + 2 * i);
    for (const int corner : {0, 1, 3, 0, 3, 2}) list->PrimWriteIdx(ImDrawIdx(at + corner));
  }
}

// One arrow head across all parts; its tip is at `at`.
void draw_head(ImDrawList* list, const Theme& theme, const std::vector<LanePart>& parts,
               float width, ImVec2 at, ImVec2 way, float alpha) {
  const float slope = std::min(1.f, theme.px(9) / std::max(width / 2, 1.f));
  const float thick = theme.px(width < theme.px(5) ? 6 : 4);
  const ImVec2 side = right_of(way);
  const auto point = [&](float across, float back) {
    return at + side * across - way * (std::fabs(across) * slope + back);
  };
  each_part(parts, width, [&](const LanePart& part, float from, float to) {
    const ImU32 color = with_alpha(part.color, alpha * part.alpha);
    const auto piece = [&](float a, float b) {
      if (b - a < 0.25f) return;
      if (b - a < kSharp) {
        list->AddQuadFilled(point(a, 0), point(b, 0), point(b, thick), point(a, thick), color);
        return;
      }
      constexpr float kSoft = 0.5f;  // half of the soft pixel on either side
      const auto side_at = [&](float x) -> std::array<ImVec2, 4> {
        return {point(x, -kSoft), point(x, kSoft), point(x, thick - kSoft),
                point(x, thick + kSoft)};
      };
      draw_piece(list, side_at(a), side_at(b), color);
    };
    piece(from, std::min(to, 0.f));
    piece(std::max(from, 0.f), to);
  });
}

}  // namespace

std::vector<ImVec2> moved_line(const std::vector<ImVec2>& line, float offset) {
  std::vector<ImVec2> moved(line.size());
  for (size_t i = 0; i < line.size(); ++i) {
    ImVec2 by{0, 0};
    // At a right angle both sides add up.
    if (i > 0) by = right_of(direction(line[i - 1], line[i])) * offset;
    if (i + 1 < line.size()) {
      const ImVec2 next = right_of(direction(line[i], line[i + 1])) * offset;
      by = i > 0 && length(next - by) > 0.01f ? by + next : next;
    }
    moved[i] = line[i] + by;
  }
  return moved;
}

float distance_to(const std::vector<ImVec2>& line, ImVec2 p) {
  float nearest = INFINITY;
  for (size_t i = 0; i + 1 < line.size(); ++i) {
    const ImVec2 way = line[i + 1] - line[i], to = p - line[i];
    const float square = way.x * way.x + way.y * way.y;
    const float t = square > 0 ? std::clamp((to.x * way.x + to.y * way.y) / square, 0.f, 1.f) : 0.f;
    nearest = std::min(nearest, length(p - (line[i] + way * t)));
  }
  return nearest;
}

void draw_lane(ImDrawList* list, const Theme& theme, const std::vector<ImVec2>& line, float offset,
               const std::vector<LanePart>& parts, float phase) {
  float width = 0;
  for (const LanePart& part : parts) width += part.width;
  if (width <= 0 || line.size() < 2) return;
  const std::vector<ImVec2> middle = moved_line(line, offset);

  each_part(parts, width, [&](const LanePart& part, float from, float to) {
    const ImU32 color = with_alpha(part.color, 0.34f * part.alpha);
    const std::vector<ImVec2> a = moved_line(middle, from), b = moved_line(middle, to);
    if (middle.size() == 2 && to - from >= kSharp) {  // no corner where two segments meet
      const ImVec2 min{std::min(a[0].x, b[1].x), std::min(a[0].y, b[1].y)};
      const ImVec2 max{std::max(a[0].x, b[1].x), std::max(a[0].y, b[1].y)};
      list->AddRectFilled(min, max, color);
      return;
    }
    for (size_t i = 0; i + 1 < middle.size(); ++i) {
      list->AddQuadFilled(a[i], a[i + 1], b[i + 1], b[i], color);
    }
  });

  const float period = theme.px(18), head = theme.px(14);
  float walked = 0;
  for (size_t i = 0; i + 1 < middle.size(); ++i) {
    const ImVec2 way = direction(middle[i], middle[i + 1]);
    const float long_ = length(middle[i + 1] - middle[i]);
    // Heads keep away from corners, where they would stick out.
    const float begin = head * 0.5f + (i > 0 ? width / 2 : 0);
    const float end = long_ - (i + 2 < middle.size() ? width / 2 : 0);
    float s = std::fmod(phase - walked, period);
    if (s < 0) s += period;
    for (; s <= end; s += period) {
      if (s < begin) continue;
      const float edge = std::min(s - begin, end - s) / theme.px(6);
      draw_head(list, theme, parts, width, middle[i] + way * s, way,
                0.25f + 0.75f * std::clamp(edge, 0.f, 1.f));
    }
    walked += long_;
  }
}

}  // namespace viz

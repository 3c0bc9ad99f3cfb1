// Which triangles are what.
#include "visualizer/draw/draw_plan.h"

#include <algorithm>
#include <cmath>

namespace viz {
namespace {

struct Corners {
  const ImDrawVert *a, *b, *c;

  bool flat() const {  // of colours only: one point of the texture, which is white there
    return a->uv.x == b->uv.x && b->uv.x == c->uv.x && a->uv.y == b->uv.y && b->uv.y == c->uv.y;
  }
  bool opaque() const { return (a->col & b->col & c->col & IM_COL32_A_MASK) == IM_COL32_A_MASK; }
  float area() const {
    return std::fabs((b->pos.x - a->pos.x) * (c->pos.y - a->pos.y) -
                     (b->pos.y - a->pos.y) * (c->pos.x - a->pos.x)) /
           2;
  }
};

class Planner {
 public:
  Planner(const ImDrawList& list, const ImDrawCmd& command)
      : vertices_(list.VtxBuffer.Data + command.VtxOffset),
        indices_(list.IdxBuffer.Data),
        at_(command.IdxOffset),
        end_(command.IdxOffset + command.ElemCount) {}

  std::vector<PaintRun> plan() {
    while (at_ + 3 <= end_) {
      if (is_rectangle()) {
        const Corners half = corners(at_);
        add(half.flat() && 2 * half.area() >= kLargeFill ? fill(half) : Paint::kRectangle, 6);
      } else {
        const Corners one = corners(at_);
        add(one.flat() && 2 * one.area() >= kLargeFill ? fill(one) : Paint::kTextured, 3);
      }
    }
    return std::move(runs_);
  }

 private:
  const ImDrawVert& vertex(unsigned index) const { return vertices_[indices_[index]]; }
  Corners corners(unsigned index) const {
    return {&vertex(index), &vertex(index + 1), &vertex(index + 2)};
  }
  static Paint fill(const Corners& c) { return c.opaque() ? Paint::kOpaqueFill : Paint::kFill; }

  // Corners 0 1 2 and 0 2 3, upright, of one colour: what ImGui makes of a rectangle or a
  // character.
  bool is_rectangle() const {
    if (at_ + 6 > end_) return false;
    const ImDrawIdx* i = indices_ + at_;
    if (i[3] != i[0] || i[4] != i[2]) return false;
    const ImDrawVert &a = vertex(at_), &b = vertex(at_ + 1), &c = vertex(at_ + 2),
                     &d = vertex(at_ + 5);
    const auto upright = [](const ImVec2& p, const ImVec2& q, const ImVec2& r, const ImVec2& s) {
      return p.y == q.y && q.x == r.x && r.y == s.y && s.x == p.x;
    };
    return upright(a.pos, b.pos, c.pos, d.pos) && upright(a.uv, b.uv, c.uv, d.uv) &&
           a.col == b.col && b.col == c.col && c.col == d.col;
  }

  void add(Paint paint, unsigned count) {
    const bool joins = !runs_.empty() && runs_.back().paint == paint &&
                       (paint != Paint::kRectangle || runs_.back().count < kRectangleIndices);
    if (!joins) runs_.push_back({paint, at_, 0});
    runs_.back().count += count;
    at_ += count;
  }

  const ImDrawVert* vertices_;
  const ImDrawIdx* indices_;
  unsigned at_, end_;
  std::vector<PaintRun> runs_;
};

ImDrawCmd call(const ImDrawCmd& like, ImDrawCallback callback, void* data) {
  ImDrawCmd command = like;
  command.ElemCount = 0;
  command.UserCallback = callback;
  command.UserCallbackData = data;
  return command;
}

}  // namespace

std::vector<PaintRun> plan_command(const ImDrawList& list, const ImDrawCmd& command) {
  return Planner(list, command).plan();
}

void plan_list(ImDrawList& list, const PaintCalls& calls) {
  ImVector<ImDrawCmd> cut;
  for (const ImDrawCmd& command : list.CmdBuffer) {
    if (command.UserCallback != nullptr) {
      cut.push_back(command);
      continue;
    }
    for (const PaintRun& run : plan_command(list, command)) {
      ImDrawCmd part = command;
      part.IdxOffset = run.begin;
      part.ElemCount = run.count;
      const bool fill = run.paint == Paint::kFill || run.paint == Paint::kOpaqueFill;
      if (fill) {
        cut.push_back(call(command,
                           run.paint == Paint::kFill ? calls.begin_fill : calls.begin_opaque_fill,
                           calls.data));
      }
      cut.push_back(part);
      if (fill) cut.push_back(call(command, calls.end_fill, calls.data));
    }
  }
  list.CmdBuffer.swap(cut);
}

}  // namespace viz

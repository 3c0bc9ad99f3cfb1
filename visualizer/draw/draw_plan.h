// A frame's drawing commands, cut so that a processor that draws them has less to do. What is drawn
// stays the same, triangle by triangle.
//
// Mesa's llvmpipe draws a rectangle by whole rows, where a command holds nothing but rectangles
// (and so few that it does not split them); any other triangle is cut into blocks of 4 x 4 pixels.
// A fill in one colour costs half of what text costs when no texture is read for it, and less when
// nothing is blended.
#pragma once

#include <imgui.h>

#include <vector>

namespace viz {

enum class Paint {
  kTextured,   // whatever ImGui draws
  kRectangle,  // the same way; nothing but upright rectangles
  kFill,       // large, of colours only
  kOpaqueFill  // and nothing shines through
};

struct PaintRun {
  Paint paint = Paint::kTextured;
  unsigned begin = 0, count = 0;  // indices of the list
};

// Indices of a command of rectangles: at most so many, six a rectangle. llvmpipe takes 1023 at a
// time.
constexpr unsigned kRectangleIndices = 1020;
// Pixels from which a fill is worth a program of its own.
constexpr float kLargeFill = 4096;

// The indices of one command, in order, in runs of one kind.
std::vector<PaintRun> plan_command(const ImDrawList& list, const ImDrawCmd& command);

// Cuts the commands of a list. Before a run of fills `begin_fill` is called, or
// `begin_opaque_fill`, and `end_fill` behind it.
struct PaintCalls {
  ImDrawCallback begin_fill, begin_opaque_fill, end_fill;
  void* data = nullptr;  // their ImDrawCmd's UserCallbackData
};
void plan_list(ImDrawList& list, const PaintCalls& calls);

}  // namespace viz

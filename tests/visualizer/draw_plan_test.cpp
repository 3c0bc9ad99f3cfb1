// How a frame's commands are cut for a processor that draws: every triangle stays, in order.
#include "visualizer/draw/draw_plan.h"

#include <imgui.h>

#include <cstdint>
#include <vector>

#include "tests/catch.h"
#include "visualizer/draw/shapes.h"

namespace {

using viz::Paint;
using viz::PaintRun;

constexpr ImU32 kOpaque = IM_COL32(10, 20, 30, 255), kGlass = IM_COL32(10, 20, 30, 90);

// A list that is drawn into outside of any frame.
class Lists {
 public:
  Lists() {
    ImGui::CreateContext();
    unsigned char* pixels = nullptr;
    int w = 0, h = 0;
    ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &w, &h);
    ImGui::GetIO().DisplaySize = {2000, 1000};
    ImGui::NewFrame();
    list = ImGui::GetForegroundDrawList();
  }
  ~Lists() {
    ImGui::EndFrame();
    ImGui::DestroyContext();
  }

  std::vector<PaintRun> plan() const { return viz::plan_command(*list, list->CmdBuffer[0]); }

  ImDrawList* list;
};

void nothing(const ImDrawList*, const ImDrawCmd*) {}

TEST_CASE("text and small upright rectangles are drawn together as rectangles", "[visualizer]") {
  Lists lists;
  lists.list->AddText({10, 10}, kOpaque, "abc");
  lists.list->AddRectFilled({0, 0}, {20, 20}, kGlass);
  const auto runs = lists.plan();
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].paint == Paint::kRectangle);
  CHECK(runs[0].begin == 0);
  CHECK(runs[0].count == 4 * 6);
}

TEST_CASE("a large fill is apart, and blended only where it shines through", "[visualizer]") {
  Lists lists;
  lists.list->AddRectFilled({0, 0}, {64, 64}, kOpaque);
  lists.list->AddRectFilled({0, 0}, {64, 64}, kGlass);
  lists.list->AddRectFilled({0, 0}, {64, 63}, kOpaque);
  lists.list->AddRectFilledMultiColor({0, 0}, {64, 64}, kOpaque, kOpaque, kGlass, kGlass);
  const auto runs = lists.plan();
  REQUIRE(runs.size() == 4);
  CHECK(runs[0].paint == Paint::kOpaqueFill);
  CHECK(runs[1].paint == Paint::kFill);
  CHECK(runs[2].paint == Paint::kRectangle);
  CHECK(runs[3].paint == Paint::kFill);
}

TEST_CASE("what is not upright or has several colours is no rectangle", "[visualizer]") {
  Lists lists;
  lists.list->AddTriangleFilled({0, 0}, {9, 0}, {0, 9}, kOpaque);
  lists.list->AddRectFilledMultiColor({0, 0}, {9, 9}, kOpaque, kGlass, kGlass, kOpaque);
  for (const PaintRun& run : lists.plan()) CHECK(run.paint == Paint::kTextured);
}

TEST_CASE("runs of rectangles are cut, with whole rectangles and none lost", "[visualizer]") {
  Lists lists;
  constexpr unsigned kCount = 401;
  for (unsigned i = 0; i < kCount; ++i) {
    lists.list->AddRectFilled({0, 0}, {float(2 + i % 5), 4}, kOpaque);
  }
  unsigned next = 0;
  for (const PaintRun& run : lists.plan()) {
    CHECK(run.paint == Paint::kRectangle);
    CHECK(run.begin == next);
    CHECK(run.count % 6 == 0);
    CHECK(run.count <= viz::kRectangleIndices);
    next += run.count;
  }
  CHECK(next == 6 * kCount);
}

TEST_CASE("a cut list draws the same triangles within the same clips", "[visualizer]") {
  Lists lists;
  ImDrawList& list = *lists.list;
  list.AddRectFilled({0, 0}, {300, 300}, kOpaque, 8);
  list.PushClipRect({5, 5}, {60, 60});
  list.AddText({10, 10}, kOpaque, "some words");
  list.AddCallback(nothing, nullptr);
  list.AddRectFilled({0, 0}, {100, 100}, kGlass);
  list.PopClipRect();
  list.AddCircle({50, 50}, 20, kGlass);
  struct Corner {
    float clip_right;
    unsigned index;
    bool operator==(const Corner&) const = default;
  };
  const auto drawn = [&list] {
    std::vector<Corner> all;
    for (const ImDrawCmd& c : list.CmdBuffer) {
      if (c.UserCallback != nullptr) continue;
      for (unsigned i = 0; i < c.ElemCount; ++i) {
        all.push_back({c.ClipRect.z, c.VtxOffset + list.IdxBuffer[int(c.IdxOffset + i)]});
      }
    }
    return all;
  };
  const std::vector<Corner> before = drawn();
  int marker = 0;
  viz::plan_list(list, {nothing, nothing, nothing, &marker});
  CHECK((drawn() == before));
  int ours = 0, theirs = 0;
  for (const ImDrawCmd& c : list.CmdBuffer) {
    if (c.UserCallback != nullptr) ++(c.UserCallbackData == &marker ? ours : theirs);
  }
  CHECK(theirs == 1);
  CHECK(ours >= 4);  // before and behind the two large fills
  CHECK(ours % 2 == 0);
}

TEST_CASE("a filled frame leaves its hole free", "[visualizer]") {
  Lists lists;
  viz::fill_around(lists.list, {0, 0}, {200, 100}, {20, 30}, {180, 90}, kOpaque, 8, 0);
  for (const ImDrawVert& v : lists.list->VtxBuffer) {
    const bool within = v.pos.x > 20 && v.pos.x < 180 && v.pos.y > 30.6f && v.pos.y < 89.4f;
    CHECK_FALSE(within);
  }
}

}  // namespace

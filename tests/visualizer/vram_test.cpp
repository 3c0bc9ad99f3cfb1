// The VRAM map: areas by size, and what was read and written of them.
#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/vram_layout.h"
#include "visualizer/models/vram_model.h"

namespace {

using Catch::Matchers::WithinRel;
using traffic::ByteRange;
using namespace viz;
using namespace viz_test;

constexpr auto kDevice = simt::Space::kDevice;
constexpr auto kHost = simt::Space::kHost;

traffic::AllocationEvent host_allocation(uint32_t id, const std::string& name, uint64_t bytes) {
  auto e = allocation(id, name, bytes);
  e.space = kHost;
  return e;
}

traffic::AllocationEvent freed(uint32_t id) {
  auto e = allocation(id, "", 0);
  e.kind = traffic::AllocationEvent::kFree;
  return e;
}

const VramArea& area_named(const VramLayout& layout, const std::string& label) {
  for (const VramArea& a : layout.areas) {
    if (a.label == label) return a;
  }
  throw std::runtime_error("no area " + label);
}

const VramGroup& group_named(const VramLayout& layout, const std::string& label) {
  for (const VramGroup& g : layout.groups) {
    if (g.label == label) return g;
  }
  throw std::runtime_error("no group " + label);
}

// Without headers, gaps and gathering, areas are exact.
constexpr LayoutSizes kExact{0, 0, 0, 0};

traffic::LaunchEvent touching(traffic::LaunchEvent launch,
                              std::vector<traffic::TouchedRanges> touched) {
  launch.touched = std::move(touched);
  return launch;
}

TEST_CASE("areas of a treemap are as large as their weights and fill the whole", "[viz][vram]") {
  const Box whole{10, 20, 60, 40};
  const std::vector<double> weights{6, 6, 4, 3, 2, 2, 1};
  const auto boxes = squarified(weights, whole);
  REQUIRE(boxes.size() == 7);
  float sum = 0;
  for (size_t i = 0; i < boxes.size(); ++i) {
    CHECK_THAT(boxes[i].area(), WithinRel(float(weights[i] * 100), 1e-4f));
    CHECK(boxes[i].x >= 10 - 1e-3f);
    CHECK(boxes[i].bottom() <= 60 + 1e-3f);
    CHECK(boxes[i].right() <= 70 + 1e-3f);
    sum += boxes[i].area();
  }
  CHECK_THAT(sum, WithinRel(whole.area(), 1e-4f));
  // The paper's example: 6 and 6 stand above each other at the left, 3 wide... and 4 and 3 beside.
  CHECK_THAT(boxes[0].width, WithinRel(30.f, 1e-4f));
  CHECK_THAT(boxes[0].height, WithinRel(20.f, 1e-4f));
  CHECK_THAT(boxes[1].y, WithinRel(40.f, 1e-4f));
  CHECK_THAT(boxes[2].x, WithinRel(40.f, 1e-4f));
  CHECK_THAT(boxes[2].height, WithinRel(700.f / 30, 1e-4f));
}

TEST_CASE("allocations are grouped by class, then by layer", "[viz][vram]") {
  const Recording r = recording(
      {allocation(1, "weights.token_embd", 4000), allocation(2, "weights.blk.0.attn_q", 2000),
       allocation(3, "weights.blk.0.ffn_up", 6000), allocation(4, "weights.blk.1.attn_q", 2000),
       allocation(5, "kv_cache.k", 5000), allocation(6, "x", 1000),
       host_allocation(7, "tokens.staged", 64)});
  const VramLayout layout = vram_layout(r, 0, kDevice, {0, 0, 200, 100}, kExact);
  CHECK(layout.bytes == 20000);
  CHECK(layout.allocations == 6);
  REQUIRE(layout.areas.size() == 6);
  CHECK(group_named(layout, "weights").bytes == 14000);
  CHECK(group_named(layout, "layer 0").bytes == 8000);
  CHECK(group_named(layout, "layer 1").bytes == 2000);
  CHECK_THAT(area_named(layout, "ffn_up").box.area(), WithinRel(6000.f, 1e-3f));
  CHECK_THAT(area_named(layout, "kv_cache.k").box.area(), WithinRel(5000.f, 1e-3f));
  const Box weights = group_named(layout, "weights").box;
  for (const char* name : {"token_embd", "ffn_up"}) {
    const Box box = area_named(layout, name).box;
    CHECK(weights.contains(box.x + box.width / 2, box.y + box.height / 2));
  }
  const Box x = area_named(layout, "x").box;
  CHECK(layout.at(x.x + x.width / 2, x.y + x.height / 2) == &area_named(layout, "x"));

  const VramLayout host = vram_layout(r, 0, kHost, {0, 0, 200, 100}, kExact);
  REQUIRE(host.areas.size() == 1);
  CHECK(host.areas[0].label == "tokens.staged");
  CHECK(host.bytes == 64);
}

TEST_CASE("allocations too small to see are gathered, and can be seen", "[viz][vram]") {
  const Recording r = recording({allocation(1, "weights.blk.0.ffn_up", 100000),
                                 allocation(2, "weights.blk.0.attn_norm", 10),
                                 allocation(3, "weights.blk.0.ffn_norm", 20)});
  const VramLayout layout = vram_layout(r, 0, kDevice, {0, 0, 200, 100}, {0, 0, 0, 12});
  REQUIRE(layout.areas.size() == 2);
  const VramArea& small = area_named(layout, "2 small ones");
  CHECK(small.gathered());
  CHECK(small.bytes == 30);
  CHECK(small.box.area() >= 100);
  CHECK(small.allocations == std::vector<size_t>{2, 1});  // the larger one first
}

TEST_CASE("the map stands still while the run goes on, and shows what lives", "[viz][vram]") {
  const Recording r =
      recording({allocation(1, "weights.token_embd", 4000), allocation(2, "x", 500),
                 traffic::PhaseEvent{traffic::Phase::kDecode, 0}, launch("a_kernel", {}),
                 launch("b_kernel", {}), freed(2), launch("c_kernel", {})});
  const auto at = [&](size_t work) { return vram_layout(r, work, kDevice, {0, 0, 90, 50}, {}); };
  CHECK(at(0).bytes == 4500);
  CHECK(at(1).bytes == 4500);
  CHECK(at(2).bytes == 4000);
  CHECK(at(0).areas[0].box.x == at(1).areas[0].box.x);
  CHECK(at(0).areas[0].box.area() == at(1).areas[0].box.area());
}

TEST_CASE("names say layer and tensor", "[viz][vram]") {
  CHECK(layer_of("weights.blk.12.attn_q") == 12);
  CHECK(layer_of("weights.token_embd") == -1);
  CHECK(layer_of("weights.blk.x") == -1);
  CHECK(short_name("weights.blk.12.attn_q") == "attn_q");
  CHECK(short_name("weights.quantized.blk.0.attn_q.scales") == "quantized.attn_q.scales");
  CHECK(short_name("draft_weights.blk.0.attn_q") == "attn_q");
  CHECK(short_name("kv_cache.k") == "kv_cache.k");
}

TEST_CASE("heat is the traffic of the part of the run that is looked at", "[viz][vram]") {
  const Recording r = recording(
      {allocation(1, "weights.token_embd", 4096), allocation(2, "x", 512),
       traffic::PhaseEvent{traffic::Phase::kDecode, 0},
       touching(launch("a_kernel", {tensor("weights.token_embd", 1024), tensor("x", 0, 512)}),
                {{1, {{0, 1024}}, {}, false}, {2, {}, {{0, 512}}, false}}),
       touching(launch("b_kernel", {tensor("weights.token_embd", 2048), tensor("x", 512)}),
                {{1, {{512, 2048}, {3072, 3584}}, {}, true}, {2, {{0, 512}}, {}, false}})});
  VramHeat heat;
  heat.update(r, {0, 1});
  CHECK(heat.of(0).asked_read() == 1024);
  CHECK(heat.of(0).read == std::vector<ByteRange>{{0, 1024}});
  CHECK_FALSE(heat.of(0).coarse);
  CHECK(heat.of(1).asked_read() == 0);
  CHECK(heat.of(1).asked_written() == 512);

  heat.update(r, {0, 2});  // goes on
  CHECK(heat.of(0).asked_read() == 3072);
  CHECK(heat.of(0).read == std::vector<ByteRange>{{0, 2048}, {3072, 3584}});
  CHECK(range_bytes(heat.of(0).read) == 2560);
  CHECK(heat.of(0).coarse);
  CHECK(heat.of(1).written == std::vector<ByteRange>{{0, 512}});
  CHECK(heat.of(1).far_read() == 512);
  CHECK_THAT(heat.most_reads(r), WithinRel(1.0));

  heat.update(r, {1, 2});  // begins anew
  CHECK(heat.of(0).asked_read() == 2048);
  CHECK(heat.of(1).asked_written() == 0);
  CHECK(heat.of(1).written.empty());
}

TEST_CASE("of allocations with the same name, the touched one has the traffic", "[viz][vram]") {
  const Recording r = recording(
      {allocation(1, "kv_cache.k", 4096), allocation(2, "kv_cache.k", 1024),
       touching(launch("a_kernel", {tensor("kv_cache.k", 320)}), {{2, {{0, 320}}, {}, false}}),
       launch("b_kernel", {tensor("kv_cache.k", 64)})});
  VramHeat heat;
  heat.update(r, {0, 1});
  CHECK(heat.of(0).asked_read() == 0);
  CHECK(heat.of(1).asked_read() == 320);
  CHECK_FALSE(heat.of(1).shared_name);
  heat.update(r, {1, 2});  // the stream does not say which
  CHECK(heat.of(0).asked_read() == 64);
  CHECK(heat.of(1).asked_read() == 64);
  CHECK(heat.of(0).shared_name);
}

TEST_CASE("a stream without ranges still has its counts", "[viz][vram]") {
  const Recording r = recording(
      {allocation(1, "kv_cache.k", 4096), launch("a_kernel", {tensor("kv_cache.k", 320)})});
  VramHeat heat;
  heat.update(r, r.all());
  CHECK(heat.of(0).asked_read() == 320);
  CHECK(heat.of(0).read.empty());
  CHECK_FALSE(heat.has_ranges());
}

}  // namespace

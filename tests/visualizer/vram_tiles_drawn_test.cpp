// The VRAM map and the on-chip tiles as they are drawn: any recording, any size, and what a mouse
// does.
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/visualizer/panel_screen.h"
#include "tests/visualizer/stream.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;
using traffic::WalkStep;

namespace {

WalkStep step(WalkStep::Kind kind, uint32_t id, traffic::ByteRange range,
              traffic::ByteRange shared = {}) {
  WalkStep s;
  s.kind = kind, s.id = id, s.range = range, s.shared = shared, s.bytes = 64;
  if (kind == WalkStep::kSharedWrite) s.source = id != 0 ? WalkStep::kInferred : WalkStep::kNone;
  return s;
}

// Two tokens with a cache in host RAM, ranges, and a walk of `tiles` tiles; some ranges and ids are
// of memory that is not there.
Recording tiled(uint64_t tiles) {
  auto cache = allocation(7, "kv_cache.k", 8192, {2, 2, 32, 32});
  cache.space = simt::Space::kHost;
  std::vector<traffic::Event> events{
      allocation(1, "weights.token_embd", 100000), allocation(2, "weights.blk.0.attn_q", 5000),
      allocation(3, "weights.blk.0.attn_norm", 4), cache, allocation(9, "scores", 64)};
  for (int token = 0; token < 2; ++token) {
    events.push_back(traffic::PhaseEvent{token == 0 ? Phase::kPrefill : Phase::kDecode, token});
    auto e = launch("flash_kernel<1>", {tensor("kv_cache.k", 4096, 64), tensor("scores", 64, 64)});
    e.touched = {{7, {{0, 4096}}, {{64, 128}}, true},
                 {99, {{0, 10}}, {}, false},
                 {1, {{0, 100}, {90000, 200000}}, {}, false}};
    e.shared_bytes = 4096;
    e.walk = traffic::BlockWalk{0, {}, true};
    for (uint64_t i = 0; i < tiles; ++i) {
      e.walk->steps.push_back(step(WalkStep::kLoad, i % 5 == 4 ? 99 : 7, {64 * i, 64 * i + 64}));
      e.walk->steps.push_back(step(WalkStep::kSharedWrite, i % 2 ? 7 : 0, {64 * i, 64 * i + 64},
                                   {64 * (i % 8), 64 * (i % 8) + 96}));
      e.walk->steps.push_back(step(WalkStep::kBarrier, 0, {}));
      e.walk->steps.push_back(step(WalkStep::kSharedRead, 0, {}, {0, 4096}));
      e.walk->steps.push_back(step(WalkStep::kStore, 9, {0, 32}));
      e.walk->steps.push_back(step(WalkStep::kLoad, 9, {0, 32}));
    }
    events.push_back(e);
  }
  return recording(std::move(events));
}

Playback standing_at_end(const Recording& r) {
  Playback p;
  p.play(false);
  p.go_to_work(r.works().size(), r);
  return p;
}

}  // namespace

TEST_CASE("the map and the tiles draw any recording at any size, under any mouse", "[viz][draw]") {
  const Recording recordings[] = {
      Recording(), recording({}), tiled(1), tiled(40),
      recording({traffic::PhaseEvent{Phase::kPrefill, 0}, launch("a", {tensor("x", 1)})})};
  for (const auto& [width, height] : {std::pair{1000.f, 560.f}, {640.f, 380.f}, {60.f, 40.f}}) {
    PanelScreen screen(width, height);
    for (const Recording& r : recordings) {
      for (auto make : {make_vram_panel, make_tiles_panel}) {
        const auto panel = make();
        Playback p = standing_at_end(r);
        for (float x = 5; x < width; x += width / 14) {
          for (float y = 5; y < height; y += height / 14) {
            screen.mouse = {x, y};
            CHECK(screen.frame(*panel, r, p) < 60000);
          }
        }
        screen.click(*panel, r, p, {width / 2, height / 2});
      }
    }
  }
}

TEST_CASE("a click on an area picks its tensor, and another lets it go", "[viz][draw]") {
  const Recording r = tiled(1);
  PanelScreen screen(1000, 560);
  const auto panel = make_vram_panel();
  Playback p = standing_at_end(r);
  screen.click(*panel, r, p, {200, 260});
  CHECK(screen.selection.tensor == "weights.token_embd");
  screen.click(*panel, r, p, {200, 260});
  CHECK(screen.selection.tensor.empty());
}

TEST_CASE("what the map and the tiles export is what was recorded", "[viz][draw]") {
  const Recording r = tiled(3);
  PanelScreen screen(1000, 560);
  Playback p = standing_at_end(r);
  RunRequest request;
  Context context{
      {r, p, request}, nullptr, screen.selection, screen.wishes, screen.theme(), 0, true};
  const auto map = make_vram_panel()->seen(context);
  CHECK(map["vram_used_bytes"] == 105068);
  CHECK(map["pinned_host_bytes"] == 8192);
  CHECK(map["kv_cache"][0]["rows_read"] == 32);
  CHECK(map["kv_cache"][0]["rows_filled"] == 1);
  const auto tiles = make_tiles_panel()->seen(context);
  CHECK(tiles["kernels"][0]["kernel"] == "flash_kernel<1>");
  CHECK(tiles["kernels"][0]["barriers"] == 3);
  CHECK(tiles["kernels"][0]["cut"] == true);
}

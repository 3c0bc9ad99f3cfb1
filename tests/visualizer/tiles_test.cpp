// On-chip tiles: what stands in shared memory and for how long, and what goes to VRAM and back.
#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/tiles_model.h"

namespace {

using traffic::ByteRange;
using traffic::WalkStep;
using namespace viz;
using namespace viz_test;

constexpr uint32_t kK = 7, kV = 8, kScores = 9, kOut = 10;

WalkStep load(uint32_t id, uint64_t begin, uint64_t end) {
  WalkStep s;
  s.kind = WalkStep::kLoad;
  s.id = id, s.range = {begin, end}, s.bytes = end - begin;
  return s;
}
WalkStep store(uint32_t id, uint64_t begin, uint64_t end) {
  WalkStep s = load(id, begin, end);
  s.kind = WalkStep::kStore;
  return s;
}
WalkStep shared_read(uint64_t begin, uint64_t end) {
  WalkStep s;
  s.kind = WalkStep::kSharedRead;
  s.shared = {begin, end}, s.bytes = end - begin;
  return s;
}
WalkStep shared_write(uint64_t begin, uint64_t end, WalkStep::Source source = WalkStep::kNone,
                      uint32_t id = 0, ByteRange range = {}) {
  WalkStep s = shared_read(begin, end);
  s.kind = WalkStep::kSharedWrite;
  s.source = source, s.id = id, s.range = range;
  return s;
}
WalkStep barrier() { return {}; }

traffic::LaunchEvent walked(traffic::LaunchEvent launch, std::vector<WalkStep> steps,
                            uint64_t shared_bytes = 0) {
  launch.walk = traffic::BlockWalk{3, std::move(steps), false};
  launch.grid = {2, 4, 1};
  launch.shared_bytes = shared_bytes;
  return launch;
}

// Caches of (2 layers, 2 heads, 96 positions, 32 values) in bf16: rows of 64 bytes.
std::vector<traffic::Event> memory() {
  return {allocation(kK, "kv_cache.k", 24576, {2, 2, 96, 32}),
          allocation(kV, "kv_cache.v", 24576, {2, 2, 96, 32}), allocation(kScores, "scores", 4096),
          allocation(kOut, "attended", 1024), traffic::PhaseEvent{traffic::Phase::kDecode, 0}};
}

// Tile `tile` of layer 1, head 1: 32 rows.
ByteRange tile_rows(uint64_t tile) {
  const uint64_t begin = (3 * 96 + 32 * tile) * 64;
  return {begin, begin + 2048};
}

// Chapter 02's walk: three tiles of K and V, one after the other, in the same places.
traffic::LaunchEvent tiled() {
  std::vector<WalkStep> steps;
  for (uint64_t tile = 0; tile < 3; ++tile) {
    const ByteRange rows = tile_rows(tile);
    steps.push_back(barrier());
    steps.push_back(load(kK, rows.begin, rows.end));
    steps.push_back(load(kV, rows.begin, rows.end));
    steps.push_back(shared_write(0, 2560, WalkStep::kCopied, kK, rows));
    steps.push_back(shared_write(2560, 5120, WalkStep::kCopied, kV, rows));
    steps.push_back(barrier());
    steps.push_back(shared_read(0, 2560));
    steps.push_back(shared_write(5120, 5632, WalkStep::kInferred, kK, rows));
    steps.push_back(shared_read(2560, 5632));
  }
  steps.push_back(store(kOut, 896, 1024));
  return walked(
      launch("flash_attention_kernel<1>",
             {tensor("kv_cache.k", 6144), tensor("kv_cache.v", 6144), tensor("attended", 0, 128)}),
      std::move(steps), 5632);
}

// Chapter 01's round trip: scores are stored, loaded, stored and loaded again.
std::vector<traffic::Event> three_kernels() {
  return {
      walked(launch("scores_kernel<4>", {tensor("kv_cache.k", 640), tensor("scores", 0, 64)}),
             {load(kK, 0, 640), store(kScores, 0, 40)}),
      walked(launch("softmax_kernel", {tensor("scores", 64, 64)}),
             {load(kScores, 0, 40), store(kScores, 0, 40)}),
      walked(launch("weighted_values_kernel<4>",
                    {tensor("kv_cache.v", 640), tensor("scores", 64), tensor("attended", 0, 128)}),
             {load(kScores, 0, 40), load(kV, 0, 640), shared_write(0, 2048), barrier(),
              shared_read(0, 2048), store(kOut, 0, 128)},
             4224)};
}

Recording run(std::vector<traffic::Event> work) {
  auto events = memory();
  for (traffic::Event& e : work) events.push_back(std::move(e));
  return recording(std::move(events));
}

TEST_CASE("a tile stands in shared memory until the next one is written over it", "[viz][tiles]") {
  const Recording r = run({tiled()});
  const Tiles tiles = tiles_of(r, {0});
  // Three times load, write, read, write, read, and the store.
  REQUIRE(tiles.columns.size() == 16);
  REQUIRE(tiles.shared.size() == 9);
  const SharedTile& first_k = tiles.shared[0];
  CHECK(first_k.label == "K rows 0-31");
  CHECK(first_k.source == WalkStep::kCopied);
  CHECK(first_k.begin == 1);
  CHECK(first_k.end == 6);
  CHECK(first_k.shared == ByteRange{0, 2560});
  CHECK(tiles.shared[1].label == "V rows 0-31");
  CHECK(tiles.shared[2].label == "from K rows 0-31");
  CHECK(tiles.shared[2].source == WalkStep::kInferred);
  CHECK(tiles.shared[2].begin == 3);
  CHECK(tiles.shared[2].end == 8);
  CHECK(tiles.shared[3].label == "K rows 32-63");
  CHECK(tiles.shared[3].begin == 6);
  CHECK(tiles.shared[6].label == "K rows 64-95");
  CHECK(tiles.shared[6].end == 16);  // until the kernel ends
  CHECK(tiles.shared_bytes == 5632);
}

TEST_CASE("the walk over K and V is rows over time", "[viz][tiles]") {
  const Recording r = run({tiled()});
  const Tiles tiles = tiles_of(r, {0});
  REQUIRE(tiles.above.size() == 2);
  const TileLane& k = tiles.above[0];
  CHECK(k.name == "kv_cache.k");
  CHECK(k.loaded_bytes == 6144);
  CHECK(k.first == 0);
  CHECK(k.end == 96);
  REQUIRE(k.marks.size() == 3);
  for (int tile = 0; tile < 3; ++tile) {
    CHECK(k.marks[size_t(tile)].column == 5 * tile);
    CHECK(k.on_axis(k.marks[size_t(tile)].range) ==
          ByteRange{uint64_t(32 * tile), uint64_t(32 * tile + 32)});
  }
  REQUIRE(tiles.below.size() == 1);
  CHECK(tiles.below[0].name == "attended");
  CHECK(tiles.below[0].stored_bytes == 128);
  CHECK_FALSE(tiles.below[0].round_trip);
  CHECK(tiles.round_trip_loaded == 0);
  // The axis of what is far from the beginning does not begin there.
  CHECK(tiles.below[0].first == 896);
}

TEST_CASE("barriers begin new columns and are counted", "[viz][tiles]") {
  const Recording r = run({tiled()});
  const Tiles tiles = tiles_of(r, {0});
  REQUIRE(tiles.segments.size() == 1);
  const TileSegment& s = tiles.segments[0];
  CHECK(s.barriers == 6);
  CHECK(s.steps == 28);
  CHECK(s.block == 3);
  CHECK(s.blocks == 8);
  CHECK(s.threads == 128);
  CHECK_FALSE(s.cut);
  CHECK(tiles.columns[0].after_barrier);
  CHECK_FALSE(tiles.columns[1].after_barrier);
  CHECK(tiles.columns[2].after_barrier);
  // Two reads with nothing but a barrier between them are two columns.
  const Recording two =
      run({walked(launch("a_kernel", {}), {shared_read(0, 8), barrier(), shared_read(0, 8)}, 8)});
  CHECK(tiles_of(two, {0}).columns.size() == 2);
}

TEST_CASE("what is written over in part goes on beside it", "[viz][tiles]") {
  const Recording r =
      run({walked(launch("a_kernel", {}),
                  {load(kK, 0, 2048), shared_write(0, 2048, WalkStep::kCopied, kK, {0, 2048}),
                   shared_read(0, 2048), shared_write(512, 1024)},
                  2048)});
  const Tiles tiles = tiles_of(r, {0});
  REQUIRE(tiles.shared.size() == 4);
  CHECK(tiles.shared[0].end == 3);
  CHECK(tiles.shared[1].shared == ByteRange{512, 1024});
  CHECK(tiles.shared[1].label == "not loaded");
  CHECK(tiles.shared[2].shared == ByteRange{0, 512});
  CHECK(tiles.shared[3].shared == ByteRange{1024, 2048});
  CHECK(tiles.shared[3].source == WalkStep::kCopied);
  CHECK(tiles.shared[3].begin == 3);
  CHECK(tiles.shared[3].end == 4);
}

TEST_CASE("in a long walk, reads and writes of shared memory share columns", "[viz][tiles]") {
  std::vector<WalkStep> steps{load(kK, 0, 64)};
  for (uint64_t i = 0; i < 40; ++i) {
    steps.push_back(shared_read(8 * i, 8 * i + 8));
    steps.push_back(shared_write(8 * i, 8 * i + 8));
  }
  steps.push_back(shared_read(0, 320));
  const Recording r = run({walked(launch("a_kernel", {}), steps, 320)});
  const Tiles tiles = tiles_of(r, {0});
  CHECK(tiles.columns.size() == 3);  // the load, what is done in place, the read of the results
  CHECK(tiles.shared_reads.back().column == 2);
  CHECK(tiles.shared.size() == 40);
  steps.resize(21);
  const Recording shorter = run({walked(launch("a_kernel", {}), steps, 320)});
  CHECK(tiles_of(shorter, {0}).columns.size() == 21);
}

TEST_CASE("scores that go to VRAM and come back are round trips", "[viz][tiles]") {
  const Recording r = run(three_kernels());
  const Tiles tiles = tiles_of(r, {0, 1, 2});
  REQUIRE(tiles.segments.size() == 3);
  CHECK(tiles.segments[1].begin == 2);
  CHECK(tiles.segments[1].end == 4);
  REQUIRE(tiles.below.size() == 2);
  const TileLane& scores = tiles.below[0].name == "scores" ? tiles.below[0] : tiles.below[1];
  CHECK(scores.round_trip);
  CHECK(scores.marks.size() == 4);
  CHECK(tiles.round_trip_stored == 80);
  CHECK(tiles.round_trip_loaded == 80);
  // Shared memory does not outlive its kernel.
  REQUIRE(tiles.shared.size() == 1);
  CHECK(tiles.shared[0].end == tiles.segments[2].end);
  // A kernel by itself has no round trip.
  CHECK(tiles_of(r, {0}).round_trip_loaded == 0);
}

TEST_CASE("the kernels of one attention are looked at together, and first", "[viz][tiles]") {
  std::vector<traffic::Event> work;
  for (int layer = 0; layer < 2; ++layer) {
    work.push_back(walked(launch("matmul_kernel<1>", {tensor("weights.blk.0.attn_q", 64)}),
                          {load(kOut, 0, 64)}));
    work.push_back(
        walked(launch("store_heads_kernel", {tensor("kv_cache.k", 0, 64)}), {store(kK, 0, 64)}));
    for (traffic::Event& e : three_kernels()) work.push_back(std::move(e));
  }
  work.push_back(launch("unwatched_kernel", {}));
  const Recording r = run(std::move(work));
  const auto groups = walk_groups(r, r.all());
  REQUIRE(groups.size() == 6);
  CHECK(groups[0].label == "attention: scores_kernel, softmax_kernel, weighted_values_kernel");
  CHECK(groups[0].attention);
  CHECK(groups[0].works == std::vector<size_t>{2, 3, 4});
  CHECK(groups[0].nth == 0);
  CHECK(groups[1].works == std::vector<size_t>{7, 8, 9});
  CHECK(groups[1].nth == 1);
  CHECK(groups[2].label == "matmul_kernel");
  CHECK(groups[2].works == std::vector<size_t>{0});
  CHECK(groups[4].nth == 1);
  CHECK(walk_groups(r, {10, 11}).empty());
}

TEST_CASE("each column is told in one sentence", "[viz][tiles]") {
  const Recording r = run({tiled()});
  const Tiles tiles = tiles_of(r, {0});
  CHECK(column_text(r, tiles, 5) ==
        "K rows 32-63 of layer 1, head 1 and V rows 32-63 of layer 1, head 1: from memory into "
        "registers");
  CHECK(column_text(r, tiles, 6) ==
        "K rows 32-63 of layer 1, head 1 and V rows 32-63 of layer 1, head 1: written to shared "
        "memory");
  CHECK(column_text(r, tiles, 7) == "K rows 32-63: read from shared memory, and computed with");
  CHECK(column_text(r, tiles, 8) == "from K rows 32-63: written to shared memory (inferred)");
  CHECK(column_text(r, tiles, 15) == "attended bytes 896-1023: from registers back to memory");
  CHECK(column_text(r, tiles, 16).empty());
}

TEST_CASE("tensors have short names", "[viz][tiles]") {
  CHECK(tensor_label("kv_cache.k") == "K");
  CHECK(tensor_label("draft.kv_cache.v") == "draft V");
  CHECK(tensor_label("kv_cache.v.scales") == "V scales");
  CHECK(tensor_label("weights.blk.3.ffn_up") == "ffn_up");
}

}  // namespace

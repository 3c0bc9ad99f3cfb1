// The rows of the KV cache, by layer and position.
#include "visualizer/models/vram_cache.h"

#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/rows.h"

namespace {

using traffic::ByteRange;
using namespace viz;
using namespace viz_test;

// Two layers, two heads, eight positions, rows of 64 bytes: 2048 bytes.
const std::vector<uint64_t> kCacheShape{2, 2, 8, 32};
uint64_t row_at(uint64_t layer, uint64_t head, uint64_t position) {
  return ((layer * 2 + head) * 8 + position) * 64;
}
ByteRange rows_of(uint64_t layer, uint64_t head, uint64_t first, uint64_t end) {
  return {row_at(layer, head, first), row_at(layer, head, first) + (end - first) * 64};
}

traffic::LaunchEvent touching(traffic::LaunchEvent launch,
                              std::vector<traffic::TouchedRanges> touched) {
  launch.touched = std::move(touched);
  return launch;
}

// Prefill of three positions, then two decode steps, each writing and reading layer 0, then 1.
Recording cached_run() {
  std::vector<traffic::Event> events{allocation(7, "kv_cache.k", 2048, kCacheShape)};
  const auto append = [&](uint64_t layer, uint64_t first, uint64_t end) {
    events.push_back(
        touching(launch("store_kernel", {tensor("kv_cache.k", 0, 2 * 64 * (end - first))}),
                 {{7, {}, {rows_of(layer, 0, first, end), rows_of(layer, 1, first, end)}, false}}));
  };
  const auto attend = [&](uint64_t layer, uint64_t end) {
    events.push_back(
        touching(launch("attention_kernel", {tensor("kv_cache.k", 2 * 64 * end)}),
                 {{7, {rows_of(layer, 0, 0, end), rows_of(layer, 1, 0, end)}, {}, false}}));
  };
  events.push_back(traffic::PhaseEvent{traffic::Phase::kPrefill, 0});
  for (uint64_t layer : {0, 1}) append(layer, 0, 3), attend(layer, 3);
  for (int token : {1, 2}) {
    events.push_back(traffic::PhaseEvent{traffic::Phase::kDecode, token});
    for (uint64_t layer : {0, 1}) append(layer, 2 + token, 3 + token), attend(layer, 3 + token);
  }
  return recording(std::move(events));
}

TEST_CASE("byte ranges are told as rows of heads of layers", "[viz][rows]") {
  const Recording r =
      recording({allocation(1, "kv_cache.k", 2048, kCacheShape), allocation(2, "q", 640, {5, 32}),
                 allocation(3, "kv_cache.k.scales", 128, {2, 2, 8}), allocation(4, "y", 100),
                 allocation(5, "z", 100, {3})});
  const auto shape = [&](size_t a) { return row_shape(r.allocations()[a]); };
  CHECK(shape(0) == RowShape{2, 2, 8, 64});
  CHECK(shape(1) == RowShape{1, 1, 5, 128});
  CHECK(shape(2) == RowShape{2, 2, 8, 4});
  CHECK_FALSE(shape(3).known());
  CHECK_FALSE(shape(4).known());  // three values do not divide 100 bytes
  CHECK(rows_text(shape(0), rows_of(1, 1, 2, 6)) == "rows 2-5");
  CHECK(place_text(shape(0), rows_of(1, 1, 2, 6)) == "layer 1, head 1");
  CHECK(place_text(shape(0), {row_at(1, 0, 0), 2048}) == "layer 1, heads 0-1");
  CHECK(rows_text(shape(1), {130, 140}) == "row 1");
  CHECK(place_text(shape(1), {130, 140}).empty());
  CHECK(rows_text(shape(3), {0, 32}) == "bytes 0-31");
  CHECK(shape_text(r.allocations()[0]) == "(2, 2, 8, 32)");

  std::vector<std::vector<uint64_t>> runs;
  each_run(shape(0), {row_at(0, 1, 6), row_at(1, 0, 1) + 1},
           [&](uint64_t layer, uint64_t head, uint64_t first, uint64_t end) {
             runs.push_back({layer, head, first, end});
           });
  CHECK(runs == std::vector<std::vector<uint64_t>>{{0, 1, 6, 8}, {1, 0, 0, 2}});
}

// The states of one layer, a letter a position: . empty, c coming, k kept, r read, w written.
std::string states(const CacheGrid& grid, uint32_t layer) {
  std::string text;
  for (const CacheRun& run : grid.runs) {
    if (run.layer == layer) text.append(run.end - run.first, ".ckrw"[static_cast<int>(run.cell)]);
  }
  return text;
}

TEST_CASE("heads that lie within a row are told for one row", "[viz][rows]") {
  AllocationAt q;
  q.name = "q", q.bytes = 26 * 1024, q.shape = {26, 8, 32};
  const RowShape shape = row_shape(q);
  CHECK(shape.row_bytes == 1024);
  CHECK(shape.heads_in_row == 8);
  CHECK(rows_text(shape, {896, 1024}) == "row 0");
  CHECK(place_text(shape, {896, 1024}) == "head 7");
  CHECK(place_text(shape, {3 * 1024 + 512, 4 * 1024}) == "heads 4-7");
  CHECK(place_text(shape, {0, 2048}).empty());
  q.shape = {26, 256};
  CHECK(place_text(row_shape(q), {896, 1024}).empty());
}

TEST_CASE("the cache fills as tokens come, and shows which rows were read", "[viz][vram]") {
  const Recording r = cached_run();
  CacheModel model;
  const auto at = [&](size_t work, WorkRange part) -> const CacheGrid& {
    model.update(r, work, part);
    REQUIRE(model.grids().size() == 1);
    return model.grids()[0];
  };
  // The last piece of the first decode step (works 4 to 7).
  const CacheGrid& first = at(7, {4, 8});
  CHECK(first.title == "K");
  CHECK(states(first, 0) == "rrrw....");
  CHECK(states(first, 1) == "rrrw....");
  CHECK(first.filled == 8);
  CHECK(first.rows_read == 8);
  CHECK(first.rows_written == 2);
  // In the middle of it: layer 1's row is still to come.
  CHECK(states(at(5, {4, 8}), 0) == "rrrw....");
  CHECK(states(at(5, {4, 8}), 1) == "rrrc....");
  // One kernel: the attention of layer 0 reads all four, of which none is written by it.
  CHECK(states(at(5, {5, 6}), 0) == "rrrr....");
  CHECK(states(at(5, {5, 6}), 1) == "kkk.....");
  // Forward, and back to before anything was written.
  CHECK(states(at(11, {8, 12}), 1) == "rrrrw...");
  CHECK(states(at(0, {0, 1}), 0) == "www.....");
  CHECK(states(at(0, {0, 1}), 1) == "........");
  CHECK(at(0, {0, 1}).filled == 3);

  model.update(r, 7, {4, 8});
  const CacheRowFacts facts = model.facts(r, 0, 0, 1);
  CHECK(facts.last_written == 0);
  CHECK(facts.bytes == 128);
  CHECK(facts.launches == 1);
  CHECK(facts.heads_read == 2);
  CHECK(model.facts(r, 0, 1, 3).last_written == 6);
  CHECK(model.facts(r, 0, 1, 4).last_written == -1);
}

TEST_CASE("a cache goes on filling while the recording grows", "[viz][vram]") {
  Recording r = recording({allocation(7, "kv_cache.k", 2048, kCacheShape)});
  CacheModel model;
  model.update(r, 0, {});
  REQUIRE(model.grids().size() == 1);
  CHECK(model.grids()[0].filled == 0);
  CHECK_FALSE(model.has_ranges());
  r.add(touching(launch("store_kernel", {}), {{7, {}, {rows_of(0, 0, 0, 1)}, false}}));
  model.update(r, 0, {0, 1});
  CHECK(model.grids()[0].filled == 1);
  CHECK(model.has_ranges());
}

TEST_CASE("caches that cannot be drawn row by row are named", "[viz][vram]") {
  const Recording r = recording(
      {allocation(1, "kv_cache.k", 2048), allocation(2, "kv_cache.v", 1024, {2, 2, 8, 32}),
       allocation(3, "kv_cache.v.scales", 128, {2, 2, 8}),
       allocation(4, "kv_cache.v", 512, {1, 2, 8, 32}), launch("a_kernel", {})});
  CacheModel model;
  model.update(r, 0, {0, 1});
  CHECK(model.without_shape() == std::vector<size_t>{0});
  CHECK(model.too_fine() == std::vector<size_t>{2});
  REQUIRE(model.grids().size() == 2);
  CHECK(model.grids()[0].title == "V");
  CHECK(model.grids()[1].title == "V #2");
}

}  // namespace

// Which lanes of memory the picture of a block has room for, and how the others are told.
#include "tests/catch.h"
#include "visualizer/models/tiles_model.h"

using namespace viz;

namespace {

TileLane lane(const std::string& name, uint64_t loaded, uint64_t stored = 0) {
  TileLane l;
  l.name = name, l.loaded_bytes = loaded, l.stored_bytes = stored;
  return l;
}

}  // namespace

TEST_CASE("where not all lanes fit, the longer side gives way and each keeps one", "[viz][tiles]") {
  const auto fit = [](size_t above, size_t below, size_t room) {
    const LaneCounts c = lanes_that_fit(above, below, room);
    return std::pair(c.above, c.below);
  };
  CHECK(fit(5, 2, 9) == std::pair<size_t, size_t>(5, 2));
  CHECK(fit(5, 2, 7) == std::pair<size_t, size_t>(5, 2));
  CHECK(fit(5, 2, 6) == std::pair<size_t, size_t>(4, 2));
  CHECK(fit(5, 5, 6) == std::pair<size_t, size_t>(3, 3));
  CHECK(fit(6, 1, 0) == std::pair<size_t, size_t>(1, 1));
  CHECK(fit(0, 0, 3) == std::pair<size_t, size_t>(0, 0));
  CHECK(fit(3, 0, 2) == std::pair<size_t, size_t>(2, 0));
}

TEST_CASE("lanes without room are told with their bytes, none when all fit", "[viz][tiles]") {
  std::vector<TileLane> lanes{lane("kv_cache.k", 4000), lane("q", 512), lane("scores", 40, 24)};
  lanes.push_back(lane("", 8));
  lanes.back().allocation = SIZE_MAX;
  CHECK(left_out_text(lanes, 4).empty());
  CHECK(left_out_text(lanes, 9).empty());
  CHECK(left_out_text(lanes, 1) == "3 more, without room here: q 512 B, scores 64 B, unnamed 8 B");
  CHECK(left_out_text(lanes, 3) == "1 more, without room here: unnamed 8 B");
}

// Which bytes of each allocation a launch asked for.
#include "common/traffic/touched.h"

#include <sstream>

#include "common/traffic/events.h"
#include "tests/catch.h"
#include "tests/traffic/stand_in.h"

using namespace stand_in;
using namespace traffic;

namespace {

using Ranges = std::vector<ByteRange>;

// What the launches of `run` touched, a list for each.
template <typename Run>
std::vector<std::vector<TouchedRanges>> touched_by(Simulator& s, const Run& run) {
  std::stringstream stream;
  EventWriter writer(stream);
  writer.write(RunEvent{"m", "c", "traced", s.recorder.gpu(), {}});
  s.recorder.set_events(&writer);
  run();
  s.recorder.set_events(nullptr);
  writer.end();
  std::vector<std::vector<TouchedRanges>> result;
  EventReader reader(stream, "events");
  while (auto e = reader.next()) {
    if (const auto* launch = std::get_if<LaunchEvent>(&*e)) result.push_back(launch->touched);
  }
  return result;
}

void check(const TouchedRanges& t, uint32_t id, const Ranges& read, const Ranges& written,
           bool coarse = false) {
  CHECK(t.id == id);
  CHECK(t.read == read);
  CHECK(t.written == written);
  CHECK(t.coarse == coarse);
}

}  // namespace

TEST_CASE("a launch's reads and writes are told apart, by allocation", "[traffic]") {
  Simulator s(small_gpu());
  // Equal names, as when two decoders are made: two allocations all the same.
  const uint64_t x = s.allocate("x", 8192), y = s.allocate("x", 10000);
  const uint64_t h = s.allocate("h", 4096, kHost);
  const auto touched = touched_by(s, [&] {
    s.launch("k", 2, [&](uint64_t b) {
      return Requests{strided(kLoad, kDevice, x + 256 + b * 512, 16, 16),
                      strided(kStore, kDevice, y + b * 4096, 4, 4, 8),
                      strided(kAtomic, kDevice, y + 9990, 0, 4),
                      strided(kLoad, kHost, h + 40, 0, 4), strided(kLoad, kShared, 0, 4, 4)};
    });
    s.launch("k", {strided(kStore, kDevice, x, 32, 4, 4)});
    s.launch("nothing", {});
  });
  REQUIRE(touched.size() == 3);
  REQUIRE(touched[0].size() == 3);
  check(touched[0][0], 1, {{256, 1280}}, {});
  // The atomic's sector is cut at the allocation's end.
  check(touched[0][1], 2, {{9984, 10000}}, {{0, 32}, {4096, 4128}, {9984, 10000}});
  check(touched[0][2], 3, {{32, 64}}, {});
  REQUIRE(touched[1].size() == 1);
  check(touched[1][0], 1, {}, {{0, 128}});  // whole sectors, with 4 bytes written in each
  CHECK(touched[2].empty());
}

TEST_CASE("ranges go on across pages, waves and the threads that ran the blocks", "[traffic]") {
  for (const unsigned threads : {1u, 3u}) {
    Simulator s(small_gpu());
    s.threads = threads;
    const uint64_t x = s.allocate("x", 1 << 20);
    const auto touched = touched_by(s, [&] {
      s.launch("k", 100, [&](uint64_t b) {
        return Requests{strided(kLoad, kDevice, x + 96 + b * 4096, 128, 128)};
      });
    });
    REQUIRE(touched.at(0).size() == 1);
    check(touched[0][0], 1, {{96, 96 + 100 * 4096}}, {});
  }
}

TEST_CASE("too many ranges are joined across the smallest gaps", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 1 << 20);
  const auto touched = touched_by(s, [&] {
    // 8 sectors every KB, 64 apart; a large gap in the middle.
    s.launch("k", 64, [&](uint64_t b) {
      return Requests{strided(kLoad, kDevice, x + b * 1024 + (b >= 32 ? 500 * 1024 : 0), 64, 4, 8)};
    });
  });
  REQUIRE(touched.at(0).size() == 1);
  const TouchedRanges& t = touched[0][0];
  CHECK(t.coarse);
  REQUIRE(t.read.size() == 64);  // 512 ranges would have been too many
  CHECK(t.read[0] == ByteRange{0, 7 * 64 + 32});
  CHECK(t.read[32] == ByteRange{532 * 1024, 532 * 1024 + 7 * 64 + 32});
}

TEST_CASE("joining keeps the largest gaps", "[traffic]") {
  Ranges ranges = {{0, 1}, {2, 3}, {10, 11}, {13, 14}, {30, 31}};
  CHECK_FALSE(join_ranges(ranges, 5));
  CHECK(join_ranges(ranges, 3));
  CHECK(ranges == Ranges{{0, 3}, {10, 14}, {30, 31}});
  CHECK(join_ranges(ranges, 1));
  CHECK(ranges == Ranges{{0, 31}});
}

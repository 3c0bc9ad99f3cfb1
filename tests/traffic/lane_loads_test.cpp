// Which of a lane's loads a value in shared memory is, and which block is watched.
#include "common/traffic/lane_loads.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "common/traffic/gpu_spec.h"
#include "common/traffic/walk.h"
#include "tests/catch.h"

using namespace traffic;

namespace {

using Bytes = std::vector<unsigned char>;

Bytes floats(const std::vector<float>& values) {
  Bytes bytes(values.size() * 4);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
// A piece of 16 bytes that no other number gives.
Bytes piece(int number) {
  const auto n = static_cast<float>(number);
  return floats({1 + n, 2 + n * 3, 0.5f + n, 1.25f * n - 7});
}

void load(LaneLoads& lane, uint32_t id, uint64_t offset, const Bytes& value) {
  lane.add(id, offset, value.data(), static_cast<uint32_t>(value.size()));
}
void check(LaneLoads& lane, const Bytes& written, WalkStep::Source kind, uint32_t id,
           const ByteRange& range) {
  const auto source = lane.take(written.data(), static_cast<uint32_t>(written.size()));
  CHECK(source.kind == kind);
  CHECK(source.id == id);
  CHECK(source.range == range);
}

}  // namespace

TEST_CASE("bytes find their load, however many came before any was stored", "[traffic]") {
  LaneLoads lane;
  for (int i = 0; i < 4; ++i) load(lane, 1, 1000 + 16 * i, piece(i));
  for (int i = 0; i < 4; ++i) load(lane, 2, 2000 + 16 * i, piece(10 + i));
  for (uint64_t i = 0; i < 4; ++i) {
    check(lane, piece(int(i)), WalkStep::kCopied, 1, {1000 + 16 * i, 1016 + 16 * i});
  }
  for (uint64_t i = 0; i < 4; ++i) {
    check(lane, piece(10 + int(i)), WalkStep::kCopied, 2, {2000 + 16 * i, 2016 + 16 * i});
  }
  // Stored once more, to another place.
  check(lane, piece(2), WalkStep::kCopied, 1, {1032, 1048});
}

TEST_CASE("equal values are told apart by their order", "[traffic]") {
  LaneLoads lane;
  load(lane, 1, 0, piece(5));
  load(lane, 2, 64, piece(5));
  check(lane, piece(5), WalkStep::kCopied, 1, {0, 16});
  check(lane, piece(5), WalkStep::kCopied, 2, {64, 80});
}

TEST_CASE("zeros that no load brought have no source", "[traffic]") {
  LaneLoads lane;
  const Bytes zeros(16, 0);
  check(lane, zeros, WalkStep::kNone, 0, {});
  load(lane, 1, 0, piece(1));
  load(lane, 2, 0, piece(2));
  check(lane, piece(1), WalkStep::kCopied, 1, {0, 16});
  check(lane, zeros, WalkStep::kNone, 0, {});  // behind the end of a tile
  check(lane, piece(2), WalkStep::kCopied, 2, {0, 16});
  load(lane, 3, 32, zeros);
  check(lane, zeros, WalkStep::kCopied, 3, {32, 48});
}

TEST_CASE("a load may be stored in parts, and parts may be stored as one", "[traffic]") {
  LaneLoads lane;
  load(lane, 1, 100, floats({1, 2, 3, 4}));
  check(lane, floats({1, 2}), WalkStep::kCopied, 1, {100, 108});
  check(lane, floats({4}), WalkStep::kCopied, 1, {112, 116});
  check(lane, floats({3}), WalkStep::kCopied, 1, {108, 112});
  for (int i = 0; i < 4; ++i) load(lane, 2, 4 * i, floats({8.0f + i}));
  check(lane, floats({8, 9, 10, 11}), WalkStep::kCopied, 2, {0, 16});
}

TEST_CASE("narrow numbers that become wider ones are copies", "[traffic]") {
  LaneLoads lane;
  const uint16_t bf16[] = {0x3F80, 0xC040, 0x4120, 0x0001};  // 1, -3, 10, the least
  const uint16_t fp16[] = {0x3E00, 0xB555, 0x0001, 0x7BFF};  // 1.5, -0.333, the least, the largest
  lane.add(1, 0, bf16, 8);
  lane.add(2, 64, fp16, 8);
  check(lane, floats({10, std::ldexp(1.0f, -133)}), WalkStep::kCopied, 1, {4, 8});
  check(lane, floats({1, -3}), WalkStep::kCopied, 1, {0, 4});
  check(lane, floats({1.5f, -0.333251953125f, 5.9604644775390625e-8f, 65504}), WalkStep::kCopied, 2,
        {64, 72});
  const int8_t bytes[] = {-128, 1, 127, -3, 5, 6, 1, -8};
  lane.add(3, 8, bytes, 8);
  const uint16_t as_bf16[] = {0xC300, 0x3F80, 0x42FE, 0xC040};
  CHECK(lane.take(as_bf16, 8).range == ByteRange{8, 12});
  CHECK(lane.take(floats({1}).data(), 4, false).kind == WalkStep::kNone);  // by chance
  check(lane, floats({5, 6, 1, -8}), WalkStep::kCopied, 3, {12, 16});
  check(lane, floats({5, 6, 1, -9}), WalkStep::kNone, 0, {});  // not the same numbers
}

TEST_CASE("what was computed names the loads since the last store", "[traffic]") {
  LaneLoads lane;
  for (int i = 0; i < 3; ++i) load(lane, 1, 16 * i, piece(i));
  load(lane, 2, 0, piece(9));
  check(lane, floats({123}), WalkStep::kInferred, 1, {0, 48});
  check(lane, floats({124}), WalkStep::kInferred, 1, {0, 48});  // another of the same loads
  load(lane, 2, 16, piece(10));
  check(lane, floats({125}), WalkStep::kInferred, 2, {16, 32});
  lane.clear();
  check(lane, piece(10), WalkStep::kNone, 0, {});
}

TEST_CASE("loads that are on their way elsewhere do not explain a computed value", "[traffic]") {
  LaneLoads lane;
  load(lane, 1, 0, piece(1));
  const Bytes weight = floats({0.25f});
  CHECK(lane.take(weight.data(), 4, false).kind == WalkStep::kNone);
  const uint16_t bf16[] = {0x3E80, 0x3F80};  // that very number: by chance
  lane.add(2, 0, bf16, 4);
  CHECK(lane.take(weight.data(), 4, false).kind == WalkStep::kNone);
  CHECK(lane.take(floats({0.25f, 1}).data(), 8, false).kind == WalkStep::kCopied);
  check(lane, piece(1), WalkStep::kCopied, 1, {0, 16});
}

TEST_CASE("the latest 64 loads are remembered", "[traffic]") {
  LaneLoads lane;
  for (int i = 0; i < 65; ++i) load(lane, 1, 16 * i, piece(i));
  check(lane, piece(1), WalkStep::kCopied, 1, {16, 32});
  check(lane, piece(64), WalkStep::kCopied, 1, {64 * 16, 65 * 16});
  check(lane, piece(0), WalkStep::kInferred, 1, {32, 64 * 16});
}

TEST_CASE("the block that is watched is chosen by word or number", "[traffic]") {
  CHECK(WalkChoice("first").of(10) == 0u);
  CHECK(WalkChoice("middle").of(10) == 5u);
  CHECK(WalkChoice("last").of(10) == 9u);
  CHECK(WalkChoice("last").of(1) == 0u);
  CHECK(WalkChoice("7").of(10) == 7u);
  CHECK(WalkChoice("7").of(5) == 4u);  // beyond the grid: the last
  CHECK_FALSE(WalkChoice("none").of(10));
  CHECK_FALSE(WalkChoice().of(10));
  for (const char* wrong : {"", "-1", "1x", "lowest", "99999999999999999999999"}) {
    CHECK_THROWS_WITH(WalkChoice(wrong), Catch::Matchers::ContainsSubstring("--walk-block"));
  }
}

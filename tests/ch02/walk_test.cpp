// What the event stream says that one block of chapter 02's prefill does: tile by tile, with the
// rows of K and V that are in each, held against the kernel's definition. And chapter 01's
// attention, whose scores go to VRAM and come back.
#include <algorithm>
#include <array>
#include <ostream>

#include "common/simt/arena.h"  // find_allocation
#include "tests/catch.h"
#include "tests/ch02/inputs.h"
#include "tests/decode/recorded_launches.h"
#include "tests/simt/watcher.h"

namespace {

using traffic::BlockWalk;
using traffic::ByteRange;
using traffic::LaunchEvent;
using traffic::WalkStep;
using under_test::AttentionShape;

uint32_t id_of(const void* memory) { return simt::find_allocation(memory)->id; }

// The inputs of an attention on the device.
struct Tensors {
  explicit Tensors(const Inputs& in)
      : q(values::on_device(in.q, "q")),
        out(values::poisoned(in.q.size(), "out")),
        keys(values::on_device_bf16(in.keys, "kv_cache.k")),
        values(values::on_device_bf16(in.values, "kv_cache.v")) {}
  gpu::DeviceBuffer<float> q, out;
  gpu::DeviceBuffer<gpu::bf16> keys, values;
};

// Bytes that came from one place into shared memory between two barriers.
struct Move {
  uint32_t id;
  ByteRange from;
  bool operator==(const Move&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Move& m) {
  return out << m.id << " [" << m.from.begin << ", " << m.from.end << ")";
}
using Intervals = std::vector<std::vector<Move>>;

// The block's moves, as flash_attention_kernel is defined: q of its rows, then tile after tile 32
// keys of K and of V up to the last one that its rows see.
Intervals defined_moves(const AttentionShape& a, const Tensors& t, int warps, uint64_t block) {
  const int rows = under_test::flash_plan(a, warps).rows;
  const int grid = (a.n_rows + rows - 1) / rows;
  const int head = int(block) / grid, first = (grid - 1 - int(block) % grid) * rows;
  const int last = std::min(first + rows, a.n_rows);
  const auto q_row = [&](int row) {
    return (uint64_t(row) * a.n_heads + head) * a.head_dim * sizeof(float);
  };
  const auto key = [&](int j) {
    return (uint64_t(head) * a.max_seq_len + j) * a.head_dim * sizeof(gpu::bf16);
  };
  Intervals moves = {{{id_of(t.q.data()), {q_row(first), q_row(last - 1) + a.head_dim * 4u}}}};
  for (int tile = 0; tile < a.start + last; tile += 32) {
    const ByteRange keys{key(tile), key(std::min(tile + 32, a.start + last))};
    moves.push_back({{id_of(t.keys.data()), keys}, {id_of(t.values.data()), keys}});
    moves.push_back({});  // the tile is used
  }
  return moves;
}

Intervals moves_of(const BlockWalk& walk) {
  Intervals moves(1);
  for (const WalkStep& s : walk.steps) {
    if (s.kind == WalkStep::kBarrier) moves.push_back({});
    if (s.kind == WalkStep::kSharedWrite && s.source == WalkStep::kCopied) {
      moves.back().push_back({s.id, s.range});
    }
  }
  return moves;
}

// What a recorder would say that takes a lane's latest load for the source of what it writes.
class LatestLoad : public Watcher {
 public:
  explicit LatestLoad(uint64_t block) : wanted_(block) {}

  Intervals moves{1};

  void block_begin(uint64_t block) override { watched_ = block == wanted_; }
  void block_end(uint64_t) override { watched_ = false; }
  void barrier() override {
    if (watched_) moves.push_back({});
  }
  void warp(unsigned warp, const simt::WarpRequest* requests, size_t count) override {
    for (size_t i = 0; watched_ && i < count; ++i) {
      const simt::WarpRequest& r = requests[i];
      uint32_t lanes = r.mask;
      for (unsigned n = 0; n < r.lanes; ++n, lanes &= lanes - 1) {
        Move& latest = latest_[warp * 32 + unsigned(__builtin_ctz(lanes))];
        const uint64_t at =
            r.addresses != nullptr ? r.addresses[n] : r.first + uint64_t(r.stride * int64_t(n));
        if (r.space == simt::Space::kDevice && r.kind == simt::AccessKind::kLoad) {
          const simt::Allocation& a = *simt::find_allocation(simt::arena_base + at);
          latest = {a.id, {at - a.offset, at - a.offset + r.bytes}};
        } else if (r.space == simt::Space::kShared && r.kind == simt::AccessKind::kStore) {
          add(latest);
        }
      }
    }
  }

 private:
  void add(const Move& move) {
    for (Move& m : moves.back()) {
      if (m.id != move.id) continue;
      m.from = {std::min(m.from.begin, move.from.begin), std::max(m.from.end, move.from.end)};
      return;
    }
    moves.back().push_back(move);
  }

  uint64_t wanted_;
  bool watched_ = false;
  std::array<Move, 1024> latest_{};
};

struct Case {
  AttentionShape a;
  int warps;
};
const Case kCases[] = {{{2, 32, 75, 0, 100}, 2}, {{2, 64, 75, 0, 80}, 4},  {{3, 48, 40, 0, 40}, 2},
                       {{1, 32, 20, 61, 96}, 2}, {{1, 256, 33, 0, 64}, 8}, {{2, 8, 64, 0, 64}, 2}};

std::vector<LaunchEvent> prefill(const Case& c, const Inputs& in, Tensors& t,
                                 const std::string& walk_block) {
  Recording recording;
  // A recorder knows the allocations that it has been told of.
  for (uint32_t id = 1; id <= simt::allocation_count(); ++id) {
    recording.recorder.allocated(simt::allocation(id));
  }
  return recorded_launches(recording, walk_block, [&] {
    under_test::flash_attention(t.out.data(), t.q.data(), t.keys.data(), t.values.data(), c.a,
                                in.scale(), c.warps);
  });
}

}  // namespace

TEST_CASE("a block of the prefill brings tile after tile of K and V, to the causal end",
          "[ch02][walk]") {
  INFO_SEED();
  values::Source source;
  for (const Case& c : kCases) {
    const Inputs in(c.a, source);
    Tensors t(in);
    for (const char* block : {"first", "middle", "last", "1"}) {
      INFO("head_dim " << c.a.head_dim << ", " << c.a.n_rows << " rows, block " << block);
      const auto launches = prefill(c, in, t, block);
      REQUIRE(launches.size() == 1);
      REQUIRE(launches[0].walk);
      const BlockWalk& walk = *launches[0].walk;
      CHECK_FALSE(walk.cut);
      CHECK(moves_of(walk) == defined_moves(c.a, t, c.warps, walk.block));
    }
  }
}

TEST_CASE("steps say what a tile is and what it is used for", "[ch02][walk]") {
  values::Source source;
  const Case c = kCases[0];
  const Inputs in(c.a, source);
  Tensors t(in);
  const auto launches = prefill(c, in, t, "first");  // the last rows, 64 to 74: keys 0 to 74
  const BlockWalk& walk = launches.at(0).walk.value();
  const uint32_t k = id_of(t.keys.data()), v = id_of(t.values.data());
  CHECK(walk.steps.size() < 60);

  // Between the second barrier of the last tile and the one before it: 11 keys of each, and zeros.
  std::vector<std::vector<WalkStep>> intervals(1);
  for (const WalkStep& s : walk.steps) {
    if (s.kind == WalkStep::kBarrier) {
      intervals.push_back({});
    } else {
      intervals.back().push_back(s);
    }
  }
  REQUIRE(intervals.size() == 7);
  const std::vector<WalkStep>& staging = intervals[5];
  REQUIRE(staging.size() == 6);
  const auto is = [](const WalkStep& s, WalkStep::Kind kind, WalkStep::Source from, uint32_t id,
                     uint64_t bytes) {
    CHECK(s.kind == kind);
    CHECK(s.source == from);
    CHECK(s.id == id);
    CHECK(s.bytes == bytes);
  };
  is(staging[0], WalkStep::kLoad, WalkStep::kNone, k, 11 * 64);
  is(staging[1], WalkStep::kLoad, WalkStep::kNone, v, 11 * 64);
  is(staging[2], WalkStep::kSharedWrite, WalkStep::kCopied, k, 11 * 64);
  is(staging[3], WalkStep::kSharedWrite, WalkStep::kNone, 0, 21 * 64);
  is(staging[4], WalkStep::kSharedWrite, WalkStep::kCopied, v, 11 * 64);
  is(staging[5], WalkStep::kSharedWrite, WalkStep::kNone, 0, 21 * 64);
  CHECK(staging[0].range == ByteRange{64 * 64, 75 * 64});
  CHECK(staging[2].range == ByteRange{64 * 64, 75 * 64});
  CHECK(staging[2].array == "shared");
  CHECK(staging[2].shared == ByteRange{0, 10 * 80 + 64});  // a spare piece behind each key
  CHECK(staging[4].shared == ByteRange{32 * 80, 42 * 80 + 64});

  // Used: q and K for the scores, the weights written and read, V. Nothing goes to VRAM, and at the
  // end the result does.
  const auto reads = [&](const std::vector<WalkStep>& steps, uint32_t id) {
    return std::count_if(steps.begin(), steps.end(), [&](const WalkStep& s) {
      return s.kind == WalkStep::kSharedRead && s.id == id;
    });
  };
  CHECK(reads(intervals[2], k) == 1);
  CHECK(reads(intervals[2], v) == 1);
  CHECK(reads(intervals[2], id_of(t.q.data())) == 1);
  for (const WalkStep& s : intervals[2]) CHECK(s.kind != WalkStep::kStore);
  const WalkStep& last = walk.steps.back();
  CHECK(last.kind == WalkStep::kStore);
  CHECK(last.id == id_of(t.out.data()));
  CHECK(last.bytes == 11 * 32 * sizeof(float));
}

TEST_CASE("warps that stage for themselves do it in rounds: all of K, then all of V over it",
          "[ch02][walk]") {
  values::Source source;
  const AttentionShape a{2, 32, 1, 299, 320};  // 300 keys: a whole split, and 44 keys of another
  const Inputs in(a, source);
  Tensors t(in);
  auto partials = values::poisoned(under_test::partial_floats(a), "partials");
  Recording recording;
  for (uint32_t id = 1; id <= simt::allocation_count(); ++id) {
    recording.recorder.allocated(simt::allocation(id));
  }
  const auto launches = recorded_launches(recording, "last", [&] {
    under_test::flash_decode(t.out.data(), partials.data(), t.q.data(), t.keys.data(),
                             t.values.data(), a, in.scale());
  });
  // The last block has the second head's last split, a tile a warp, side by side in shared memory.
  std::vector<Move> moves;
  for (const auto& interval : moves_of(launches.at(0).walk.value())) {
    for (const Move& m : interval) {
      if (m.id != id_of(t.q.data())) moves.push_back(m);
    }
  }
  const auto key = [](int j) { return uint64_t(320 + j) * 64; };
  const uint32_t k = id_of(t.keys.data()), v = id_of(t.values.data());
  CHECK(moves == std::vector<Move>{{k, {key(256), key(300)}}, {v, {key(256), key(300)}}});
}

TEST_CASE("taking a lane's latest load for the source is wrong", "[ch02][walk]") {
  values::Source source;
  for (const Case& c : kCases) {
    const Inputs in(c.a, source);
    Tensors t(in);
    LatestLoad naive(0);
    under_test::flash_attention(t.out.data(), t.q.data(), t.keys.data(), t.values.data(), c.a,
                                in.scale(), c.warps);
    CHECK(naive.moves != defined_moves(c.a, t, c.warps, 0));
  }
}

TEST_CASE("chapter 01's scores go to VRAM and come back, chapter 02's never do", "[ch02][walk]") {
  values::Source source;
  const AttentionShape a{2, 32, 40, 0, 64};
  const Inputs in(a, source);
  Tensors t(in);
  auto scores = values::poisoned(under_test::score_floats(a), "scores");
  const uint32_t id = id_of(scores.data());
  Recording recording;
  for (uint32_t i = 1; i <= simt::allocation_count(); ++i) {
    recording.recorder.allocated(simt::allocation(i));
  }
  const auto launches = recorded_launches(recording, "last", [&] {
    under_test::attention_of_01(t.out.data(), scores.data(), t.q.data(), t.keys.data(),
                                t.values.data(), a, in.scale());
  });
  // Of each launch, in order: the scores that its watched block stores and loads.
  std::vector<std::pair<bool, bool>> stored_loaded;
  for (const LaunchEvent& l : launches) {
    std::pair<bool, bool> found;
    for (const WalkStep& s : l.walk.value().steps) {
      if (s.id != id) continue;
      found.first |= s.kind == WalkStep::kStore;
      found.second |= s.kind == WalkStep::kLoad;
    }
    stored_loaded.push_back(found);
  }
  using Pairs = std::vector<std::pair<bool, bool>>;
  // Scores, softmax in place, weighted values.
  CHECK(stored_loaded == Pairs{{true, false}, {true, true}, {false, true}});
  // All of them, not only the block's: 2 heads, 40 rows of the 40 keys that there are.
  const auto& touched = launches.at(0).touched;
  const auto of_scores = std::find_if(touched.begin(), touched.end(),
                                      [&](const auto& range) { return range.id == id; });
  REQUIRE(of_scores != touched.end());
  CHECK(of_scores->read.empty());
  CHECK_FALSE(of_scores->written.empty());
}

// The hierarchy panel's model: which counted byte belongs to which link.
#include <cmath>

#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/hierarchy_model.h"

using namespace viz;
using traffic::Bound;
using traffic::TensorTraffic;
using viz_test::launch;

namespace {

TensorTraffic pinned(const std::string& name, uint64_t read, uint64_t hit, uint64_t written) {
  TensorTraffic t;
  t.name = name;
  t.counts.l1_load_bytes = read + hit;
  t.counts.l1_hit_bytes = hit;
  t.counts.host_read_bytes = read;
  t.counts.l1_store_bytes = t.counts.host_write_bytes = written;
  return t;
}

// Loads of 640 bytes at L1, of which 128 hit there and 256 in L2; stores, atomics, a write-back.
TensorTraffic mixed(const std::string& name) {
  TensorTraffic t;
  t.name = name;
  t.counts.l1_load_bytes = 640;
  t.counts.l1_hit_bytes = 128;
  t.counts.l2_load_bytes = 512;
  t.counts.l2_hit_bytes = 256;
  t.counts.vram_read_bytes = 288;
  t.counts.l1_store_bytes = t.counts.l2_store_bytes = 96;
  t.counts.l1_atomic_bytes = t.counts.l2_atomic_bytes = 32;
  t.counts.vram_write_bytes = 64;
  return t;
}

traffic::CopyEvent copy_to_gpu(const std::string& name, uint64_t bytes, double seconds) {
  traffic::CopyEvent e;
  e.counts.copies = 1;
  e.counts.host_to_device_bytes = bytes;
  TensorTraffic t;
  t.name = name;
  t.counts.host_read_bytes = bytes;
  t.counts.vram_write_bytes = (bytes + 31) / 32 * 32;
  e.tensors = {t};
  e.modelled_seconds = seconds;
  return e;
}

HierarchyView view_of(const Recording& recording) {
  HierarchyModel model;
  model.look(recording, recording.all());
  return model.view();
}

}  // namespace

TEST_CASE("each counted byte of a kernel is on the link that it went over", "[viz][hierarchy]") {
  const Recording r = viz_test::recording({launch("k", {mixed("x")})});
  const HierarchyView v = view_of(r);
  CHECK(v.link(Link::kL1).all == Flow{640, 96 + 32});
  CHECK(v.link(Link::kL2).all == Flow{512, 96 + 32});
  CHECK(v.link(Link::kVram).all == Flow{288, 64});
  CHECK(v.link(Link::kPinned).all == Flow{0, 0});
  CHECK(v.link(Link::kCopies).all == Flow{0, 0});
  CHECK(v.link(Link::kL1).all.bytes() == v.kernels.l1_bytes());
  CHECK(v.link(Link::kL2).all.bytes() == v.kernels.l2_bytes());
  CHECK(v.link(Link::kVram).all.bytes() == v.kernels.vram_bytes());
  CHECK(v.l1_hit_rate() == 128.0 / 640);
  CHECK(v.l2_hit_rate() == 256.0 / 544);
}

TEST_CASE("pinned memory goes from L1 to the host, past L2 and VRAM", "[viz][hierarchy]") {
  const Recording r =
      viz_test::recording({launch("scores_kernel", {pinned("kv_cache.k", 4096, 1024, 64)})});
  const HierarchyView v = view_of(r);
  CHECK(v.link(Link::kL1).all == Flow{5120, 64});
  CHECK(v.link(Link::kPinned).all == Flow{4096, 64});
  CHECK(v.link(Link::kL2).all.bytes() == 0);
  CHECK(v.link(Link::kVram).all.bytes() == 0);
  CHECK(v.link(Link::kPinned).by_class[int(TensorClass::kKvCache)] == Flow{4096, 64});
  // The longer direction counts: PCIe is full duplex.
  CHECK(v.link(Link::kPinned).seconds == Approx(4096 / r.run().gpu.pcie_bandwidth));
  CHECK(std::isnan(v.l2_hit_rate()));
}

TEST_CASE("a copy goes between host and VRAM, and not through L2", "[viz][hierarchy]") {
  const Recording r = viz_test::recording({copy_to_gpu("tokens", 100, 3e-9)});
  const HierarchyView v = view_of(r);
  CHECK(v.link(Link::kCopies).all == Flow{100, 0});
  CHECK(v.link(Link::kVram).all == Flow{0, 0});
  CHECK(v.link(Link::kPinned).all == Flow{0, 0});
  CHECK(v.all.vram_bytes() == 128);
  CHECK(v.copied_vram_bytes() == 128);
  CHECK(v.copies == 1);
  CHECK(v.launches == 0);
  CHECK(v.seconds_by_bound[int(Bound::kPcie)] == 3e-9);
}

TEST_CASE("what the flush writes back goes from L2 to VRAM", "[viz][hierarchy]") {
  traffic::FlushEvent flush;
  flush.tensors = {viz_test::tensor("x", 0, 0)};
  flush.tensors[0].counts.vram_write_bytes = 320;
  flush.modelled_seconds = 1e-9;
  const Recording r = viz_test::recording({flush});
  const HierarchyView v = view_of(r);
  CHECK(v.link(Link::kVram).all == Flow{0, 320});
  CHECK(v.copied_vram_bytes() == 0);
  CHECK(v.copies == 0);
  CHECK(v.seconds_by_bound[int(Bound::kVram)] == 1e-9);
}

TEST_CASE("modelled time stands under what bounds it, its launch cost apart", "[viz][hierarchy]") {
  auto slow = launch("slow", {viz_test::tensor("weights.a", 1 << 20)}, 10e-6);
  auto small = launch("small", {}, 2e-6);
  small.bound = Bound::kLaunch;
  traffic::LibraryEvent library{"thrust::max_element", {1, 1, 4096, 0}, 2.5e-6};
  const Recording r = viz_test::recording({slow, small, library});
  REQUIRE(r.run().gpu.launch_seconds == 2e-6);
  const HierarchyView v = view_of(r);
  CHECK(v.seconds == Approx(14.5e-6));
  CHECK(v.seconds_by_bound[int(Bound::kVram)] == Approx(8e-6));
  CHECK(v.seconds_by_bound[int(Bound::kLaunch)] == Approx(4e-6));
  CHECK(v.library_seconds == 2.5e-6);
  CHECK(v.library_calls == 1);
  CHECK(v.library.read_bytes == 4096);
  CHECK(v.bound() == Bound::kVram);
  CHECK(v.bound_share() == Approx(8 / 14.5));
  CHECK(v.link(Link::kVram).seconds == Approx((1 << 20) / r.run().gpu.vram_bandwidth));
  // Declared bytes are on no link.
  CHECK(v.link(Link::kVram).all.toward == 1 << 20);
}

TEST_CASE("shared memory has bytes of lanes, and time by its wavefronts", "[viz][hierarchy]") {
  auto e = launch("k", {viz_test::tensor("x", 256)});
  e.counts.shared_read_bytes = 1000;
  e.counts.shared_write_bytes = 200;
  e.counts.shared_wavefronts = 64;
  e.counts.shared_ideal_wavefronts = 16;
  const Recording r = viz_test::recording({e});
  const HierarchyView v = view_of(r);
  CHECK(v.link(Link::kShared).all == Flow{1000, 200});
  CHECK(v.link(Link::kShared).of_no_class() == Flow{1000, 200});
  CHECK(v.link(Link::kShared).seconds == Approx(64 * 128 / r.run().gpu.shared_bandwidth));
  CHECK(v.link(Link::kL1).of_no_class() == Flow{0, 0});
}

TEST_CASE("a walk tells whose values are in shared memory, unless they were computed",
          "[viz][hierarchy]") {
  using traffic::WalkStep;
  auto e = launch("flash_decode_kernel", {});
  e.counts.shared_read_bytes = 4000;
  e.counts.shared_write_bytes = 1000;
  e.walk = traffic::BlockWalk{};
  const auto step = [&](WalkStep::Kind kind, WalkStep::Source source, uint32_t id,
                        const char* array, uint64_t bytes) {
    WalkStep s;
    s.kind = kind, s.source = source, s.id = id, s.array = array, s.bytes = bytes;
    e.walk->steps.push_back(s);
  };
  step(WalkStep::kSharedWrite, WalkStep::kCopied, 7, "keys", 300);
  step(WalkStep::kSharedWrite, WalkStep::kInferred, 7, "keys", 100);
  step(WalkStep::kSharedWrite, WalkStep::kCopied, 8, "queries", 100);
  step(WalkStep::kSharedRead, WalkStep::kNone, 0, "keys", 400);
  step(WalkStep::kSharedRead, WalkStep::kNone, 0, "queries", 100);
  const Recording r = viz_test::recording(
      {viz_test::allocation(7, "kv_cache.k", 4096), viz_test::allocation(8, "q", 4096), e});
  const LinkView shared = view_of(r).link(Link::kShared);
  CHECK(shared.by_class[int(TensorClass::kKvCache)] == Flow{2400, 600});
  CHECK(shared.by_class[int(TensorClass::kActivations)] == Flow{800, 200});
  CHECK(shared.of_no_class() == Flow{800, 200});
}

TEST_CASE("tensors of a link come with the most bytes first", "[viz][hierarchy]") {
  const Recording r = viz_test::recording(
      {launch("a", {viz_test::tensor("x", 64, 32), viz_test::tensor("weights.a", 512)}),
       launch("b", {viz_test::tensor("x", 64, 32), pinned("kv_cache.v", 96, 0, 0)})});
  HierarchyModel model;
  model.look(r, r.all());
  const auto at_vram = model.tensors(Link::kVram);
  REQUIRE(at_vram.size() == 2);
  CHECK(at_vram[0].name == "weights.a");
  CHECK(at_vram[0].tensor_class == TensorClass::kWeights);
  CHECK(at_vram[1].name == "x");
  CHECK(at_vram[1].links[int(Link::kVram)] == Flow{128, 64});
  const auto at_host = model.tensors(Link::kPinned);
  REQUIRE(at_host.size() == 1);
  CHECK(at_host[0].name == "kv_cache.v");
  CHECK(model.flow_of("x", Link::kL1) == Flow{128, 64});
  CHECK(model.flow_of("none", Link::kL1) == Flow{0, 0});
}

TEST_CASE("a model that moves on says the same as one that starts there", "[viz][hierarchy]") {
  std::vector<traffic::Event> events;
  for (int token = 0; token < 4; ++token) {
    events.push_back(traffic::PhaseEvent{traffic::Phase::kDecode, token});
    events.push_back(launch("a", {mixed("x")}));
    events.push_back(launch("b", {viz_test::tensor("weights.a", 100u << token)}));
  }
  const Recording r = viz_test::recording(events);
  HierarchyModel moving;
  for (const WorkRange range : {WorkRange{0, 1}, {0, 5}, {0, 8}, {2, 4}, {2, 6}, {2, 3}, {0, 99}}) {
    moving.look(r, range);
    HierarchyModel fresh;
    fresh.look(r, range);
    CHECK(moving.view().all == fresh.view().all);
    CHECK(moving.view().seconds == Approx(fresh.view().seconds));
    CHECK(moving.view().launches == fresh.view().launches);
    CHECK(moving.tensors(Link::kVram).size() == fresh.tensors(Link::kVram).size());
    CHECK(moving.view().all == r.sums(range).memory);
  }
  // Full width: the largest direction of a link in one launch, and in one column.
  CHECK(moving.most_in_work() == 800);
  CHECK(moving.most_in_column() == 640 + 800);
}

TEST_CASE("a full width is the largest of the same kind: a prefill is not compared with a token",
          "[viz][hierarchy]") {
  const Recording r = viz_test::recording({
      traffic::PhaseEvent{traffic::Phase::kPrefill, 0},
      launch("a", {viz_test::tensor("weights.a", 9000)}),
      launch("a", {viz_test::tensor("weights.b", 1000)}),
      traffic::PhaseEvent{traffic::Phase::kDecode, 1},
      launch("a", {viz_test::tensor("weights.a", 300)}),
      launch("a", {viz_test::tensor("weights.b", 400)}),
      traffic::PhaseEvent{traffic::Phase::kDraft, 2},
      launch("a", {viz_test::tensor("weights.a", 500)}),
  });
  HierarchyModel model;
  model.look(r, r.columns()[0].works);
  CHECK(model.most_in_work() == 9000);
  CHECK(model.most_in_column() == 10000);
  model.look(r, r.columns()[1].works);
  CHECK(model.most_in_work() == 500);
  CHECK(model.most_in_column() == 700);
}

TEST_CASE("another recording is another picture", "[viz][hierarchy]") {
  const Recording one = viz_test::recording({launch("a", {viz_test::tensor("x", 32)})});
  const Recording two = viz_test::recording({launch("a", {viz_test::tensor("x", 64)})});
  HierarchyModel model;
  model.look(one, one.all());
  model.look(two, two.all());
  CHECK(model.view().all.vram_read_bytes == 64);
  CHECK(model.most_in_work() == 64);
  const Recording none;
  model.look(none, none.all());
  CHECK(model.view().launches == 0);
  CHECK(model.view().bound_share() == 0);
  CHECK(model.tensors(Link::kVram).empty());
}

// A recording groups work by token, sums it, and keeps what was allocated and said.
#include "tests/catch.h"
#include "tests/visualizer/stream.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;

TEST_CASE("steps with the same token are one column, also when phases change", "[viz]") {
  const Recording r = recording({
      traffic::PhaseEvent{Phase::kPrefill, 0},
      launch("a", {tensor("weights.x", 100)}),
      traffic::PhaseEvent{Phase::kDraft, 1},
      launch("b", {tensor("draft_weights.x", 10)}),
      traffic::PhaseEvent{Phase::kVerify, 1},
      launch("c<4>", {tensor("weights.x", 100)}),
      traffic::VerdictEvent{1, {"x", "y", "z"}, 2, "w"},
      traffic::PhaseEvent{Phase::kDraft, 4},
      launch("b", {tensor("draft_weights.x", 10)}),
  });
  REQUIRE(r.columns().size() == 3);
  CHECK(r.steps().size() == 4);
  CHECK(r.columns()[1].works == WorkRange{1, 3});
  CHECK(r.columns()[1].token == 1);
  CHECK(r.columns()[1].last_token == 3);
  CHECK(r.column_of_token(3) == 1);
  CHECK(r.column_of_token(4) == 2);
  CHECK(r.column_of_token(5) == -1);
  CHECK(r.column_of(2) == 1);
  CHECK(r.column_of(4) == -1);
  CHECK(r.kernel_name(2) == "c");
  CHECK(r.work_name(2) == "c<4>");
}

TEST_CASE("a round brings no more tokens than the text has room for", "[viz]") {
  for (const int asked : {0, 4, 3, 1}) {
    Recording r;
    traffic::RunEvent run = run_event("05_speculative-03x03");
    run.setup.n_tokens = asked;
    r.add(run);
    r.add(traffic::PhaseEvent{Phase::kDraft, 1});
    r.add(launch("b", {}));
    r.add(traffic::VerdictEvent{1, {"x", "y", "z"}, 2, "w"});
    const int expected = asked == 0 || asked == 4 ? 3 : asked == 3 ? 2 : 1;
    CHECK(r.columns()[0].last_token == expected);
  }
}

TEST_CASE("sums over any range are the sums over its pieces", "[viz]") {
  std::vector<traffic::Event> events;
  for (int token = 0; token < 7; ++token) {
    events.push_back(traffic::PhaseEvent{token ? Phase::kDecode : Phase::kPrefill, token});
    for (int i = 0; i < 3; ++i) {
      events.push_back(
          launch("k", {tensor("weights.a", 100 + 10 * token + i), tensor("kv_cache.k", token, i)}));
    }
  }
  const Recording r = recording(std::move(events));
  REQUIRE(r.works().size() == 21);
  for (size_t begin = 0; begin <= 21; ++begin) {
    for (size_t end = begin; end <= 23; ++end) {
      uint64_t weights = 0, cache = 0;
      for (size_t w = begin; w < std::min<size_t>(end, 21); ++w) {
        weights += 100 + 10 * (w / 3) + w % 3;
        cache += w / 3 + w % 3;
      }
      const Sums s = r.sums({begin, end});
      CHECK(s.of(TensorClass::kWeights).vram_bytes() == weights);
      CHECK(s.of(TensorClass::kKvCache).vram_bytes() == cache);
      CHECK(s.memory.vram_bytes() == weights + cache);
      CHECK(s.kernels.launches == std::min<size_t>(end, 21) - std::min<size_t>(begin, 21));
    }
  }
}

TEST_CASE("time stands under what it is spent on, the cost of launching apart", "[viz]") {
  auto slow = launch("slow", {tensor("weights.a", 1 << 20)}, 10e-6);
  slow.bound = traffic::Bound::kL2;
  auto small = launch("small", {}, 2.5e-6);
  small.bound = traffic::Bound::kLaunch;
  traffic::CopyEvent copy;
  copy.tensors = {tensor("logits", 64)};
  copy.tensors[0].counts.host_write_bytes = 64;
  copy.modelled_seconds = 3e-6;
  const traffic::LibraryEvent library{"thrust::max_element", {1, 2, 4096, 0}, 5e-6};
  const Recording r = recording({slow, small, copy, library});
  REQUIRE(r.run().gpu.launch_seconds == 2e-6);
  const Sums s = r.sums(r.all());
  const auto at = [](const BoundSeconds& seconds, traffic::Bound bound) {
    return seconds[static_cast<int>(bound)];
  };
  CHECK(at(s.launch_seconds, traffic::Bound::kL2) == Approx(8e-6));
  CHECK(at(s.launch_seconds, traffic::Bound::kLaunch) == Approx(4.5e-6));
  CHECK(at(s.copy_seconds, traffic::Bound::kPcie) == 3e-6);
  CHECK(at(s.copy_seconds, traffic::Bound::kVram) == 0);
  CHECK(at(s.library_seconds, traffic::Bound::kLaunch) == Approx(4e-6));
  CHECK(at(s.library_seconds, traffic::Bound::kVram) == Approx(1e-6));
  CHECK(at(s.counted_seconds(), traffic::Bound::kPcie) == 3e-6);
  double all = 0;
  for (const BoundSeconds& part : {s.launch_seconds, s.copy_seconds, s.library_seconds}) {
    for (const double seconds : part) all += seconds;
  }
  CHECK(all == Approx(s.seconds));
}

TEST_CASE("work before the first phase is loading", "[viz]") {
  traffic::CopyEvent copy;
  copy.counts.copies = 1;
  copy.counts.host_to_device_bytes = 64;
  const Recording r = recording({copy});
  REQUIRE(r.columns().size() == 1);
  CHECK(r.columns()[0].phase == Phase::kLoad);
  CHECK(r.columns()[0].token == -1);
  CHECK(r.sums(r.all()).copies.host_to_device_bytes == 64);
}

TEST_CASE("an allocation has its name, and lives until it is freed", "[viz]") {
  traffic::AllocationEvent made;
  made.id = 7, made.bytes = 256, made.name = "unnamed";
  traffic::AllocationEvent freed = made;
  freed.kind = traffic::AllocationEvent::kFree;
  const Recording r = recording({made, allocation(7, "kv_cache.k", 256, {2, 4, 8, 2}),
                                 launch("k", {}), freed, launch("k", {}), made});
  REQUIRE(r.allocations().size() == 2);
  CHECK(r.allocations()[0].name == "kv_cache.k");
  CHECK(r.allocations()[0].shape == std::vector<uint64_t>{2, 4, 8, 2});
  CHECK(r.allocations()[0].from == 0);
  CHECK(r.allocations()[0].until == 1);
  CHECK(r.allocations()[1].from == 2);
}

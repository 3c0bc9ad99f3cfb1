// The kernels panel's model: rows, their numbers and their order.
#include <cmath>

#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/kernels_model.h"

using namespace viz;
using traffic::Bound;
using viz_test::launch;

namespace {

traffic::CopyEvent copy_to_host(uint64_t bytes, double seconds) {
  traffic::CopyEvent e;
  e.counts.copies = 1;
  e.counts.device_to_host_bytes = bytes;
  traffic::TensorTraffic t;
  t.name = "logits";
  t.counts.host_write_bytes = bytes;
  t.counts.l2_load_bytes = t.counts.vram_read_bytes = 32;
  e.tensors = {t};
  e.modelled_seconds = seconds;
  return e;
}

// Two columns of: matmul<1> twice (other grids), norm, a library call, a copy.
Recording two_tokens() {
  std::vector<traffic::Event> events;
  for (int token = 0; token < 2; ++token) {
    events.push_back(traffic::PhaseEvent{traffic::Phase::kDecode, token});
    auto a = launch("matmul_kernel<1>", {viz_test::tensor("weights.a", 1024)}, 10e-6);
    a.declared.fp32_multiply_adds = 512;
    events.push_back(a);
    auto b = launch("matmul_kernel<1>", {viz_test::tensor("weights.b", 2048)}, 20e-6);
    b.grid = {8, 1, 2};
    b.declared.fp32_multiply_adds = 1024;
    events.push_back(b);
    auto norm = launch("rmsnorm_kernel", {viz_test::tensor("x", 64, 64)}, 3e-6);
    norm.bound = Bound::kLaunch;
    norm.declared.undeclared_launches = 1;
    events.push_back(norm);
    events.push_back(traffic::LibraryEvent{"thrust::max_element", {1, 2, 4096, 4}, 5e-6});
    events.push_back(copy_to_host(4, 1e-9));
  }
  return viz_test::recording(events);
}

std::vector<std::string> names(const KernelsModel& model) {
  std::vector<std::string> result;
  for (const KernelRow& r : model.rows()) result.push_back(r.name);
  return result;
}

}  // namespace

TEST_CASE("a row sums the launches of a kernel, whatever its template arguments",
          "[viz][kernels]") {
  auto events = std::vector<traffic::Event>{
      launch("matmul_kernel<1>", {viz_test::tensor("weights.a", 1024)}, 10e-6),
      launch("matmul_kernel<8>", {viz_test::tensor("weights.a", 1024, 256)}, 20e-6)};
  const Recording r = viz_test::recording(events);
  KernelsModel model;
  CHECK(model.look(r, r.all()));
  CHECK_FALSE(model.look(r, r.all()));
  REQUIRE(model.rows().size() == 1);
  const KernelRow& row = model.rows()[0];
  CHECK(row.name == "matmul_kernel");
  CHECK(row.sums.launches == 2);
  CHECK(row.sums.memory.vram_bytes() == 1024 + 1024 + 256);
  CHECK(row.sums.seconds == Approx(30e-6));
  CHECK(row.sums.seconds_by_bound()[int(Bound::kVram)] == Approx(26e-6));
  CHECK(row.sums.seconds_by_bound()[int(Bound::kLaunch)] == Approx(4e-6));
  REQUIRE(row.instances.size() == 2);
  CHECK(row.instances[0].label == "<1>  1 blocks of 128");
  CHECK(row.instances[1].label == "<8>  1 blocks of 128");
}

TEST_CASE("copies, library calls and the flush are rows of their own, and the total has all",
          "[viz][kernels]") {
  const Recording r = two_tokens();
  KernelsModel model;
  model.look(r, r.columns()[1].works);
  REQUIRE(names(model) == std::vector<std::string>{"matmul_kernel", "thrust::max_element",
                                                   "rmsnorm_kernel", "(copy)"});
  CHECK(model.rows()[1].kind == Work::kLibrary);
  CHECK(model.rows()[1].sums.launches == 2);
  CHECK(model.rows()[1].sums.value(KernelColumn::kVram) == 4100);  // declared
  CHECK(model.rows()[1].sums.memory.vram_bytes() == 0);
  CHECK(std::isnan(model.rows()[1].sums.value(KernelColumn::kL2Hit)));
  CHECK(model.rows()[1].sums.bound() == Bound::kLaunch);  // 4 of its 5 us
  // A total's time by bound is of what was counted: 26 and 3 us, and three launches of 2 us.
  CHECK(model.total().seconds_by_bound()[int(Bound::kVram)] == Approx(26e-6));
  CHECK(model.total().seconds_by_bound()[int(Bound::kLaunch)] == Approx(7e-6));
  CHECK(model.total().seconds_by_bound()[int(Bound::kPcie)] == Approx(1e-9));
  CHECK(model.rows()[3].kind == Work::kCopy);
  CHECK(model.rows()[3].sums.value(KernelColumn::kPcie) == 4);
  CHECK(model.rows()[3].sums.bound() == Bound::kPcie);
  CHECK(model.rows()[3].instances[0].label == "to the host");
  CHECK(model.total().seconds == Approx(38.001e-6));
  CHECK(model.total().memory == r.sums(r.columns()[1].works).memory);
  // What a library declares is in no counted total, and a total's launches are kernels.
  const Sums counted = r.sums(r.columns()[1].works);
  REQUIRE(counted.library.read_bytes + counted.library.written_bytes > 0);
  CHECK(model.total().value(KernelColumn::kVram) == double(counted.memory.vram_bytes()));
  CHECK(model.total().value(KernelColumn::kLaunches) == double(counted.kernels.launches));
}

TEST_CASE("numbers of a row say what they are made of", "[viz][kernels]") {
  auto e = launch("k", {viz_test::tensor("x", 0)});
  traffic::MemoryCounts& m = e.tensors[0].counts;
  m.l1_load_bytes = 640, m.l1_hit_bytes = 128, m.l2_load_bytes = 512, m.l2_hit_bytes = 128;
  m.l1_atomic_bytes = m.l2_atomic_bytes = 128;
  m.vram_read_bytes = 500, m.vram_write_bytes = 12;
  e.counts.lane_bytes = 192;
  e.counts.shared_read_bytes = 100, e.counts.shared_write_bytes = 28;
  e.counts.shared_wavefronts = 33, e.counts.shared_ideal_wavefronts = 11;
  e.declared.fp32_multiply_adds = 1000, e.declared.int8_multiply_adds = 24;
  const Recording r = viz_test::recording({e});
  const KernelSums s = sums_of(r, 0);
  CHECK(s.value(KernelColumn::kL1Hit) == 0.2);
  CHECK(s.value(KernelColumn::kL2Hit) == 0.2);
  CHECK(s.value(KernelColumn::kEfficiency) == 0.25);
  CHECK(s.value(KernelColumn::kShared) == 128);
  CHECK(s.value(KernelColumn::kWavefronts) == 3);
  CHECK(s.value(KernelColumn::kVram) == 512);
  CHECK(s.value(KernelColumn::kMultiplyAdds) == 1024);
  CHECK(s.value(KernelColumn::kIntensity) == 2);
}

TEST_CASE("what a stream does not say is not a number", "[viz][kernels]") {
  auto e = launch("k", {viz_test::tensor("x", 32)});
  e.declared.undeclared_launches = 1;
  const KernelSums s = sums_of(viz_test::recording({e}), 0);
  CHECK(std::isnan(s.value(KernelColumn::kEfficiency)));  // no lane_bytes
  CHECK(std::isnan(s.value(KernelColumn::kWavefronts)));
  CHECK(std::isnan(s.value(KernelColumn::kMultiplyAdds)));
  CHECK(std::isnan(s.value(KernelColumn::kIntensity)));
  CHECK(s.value(KernelColumn::kL1Hit) == 0);
}

TEST_CASE("sorting keeps the order of first use among equals, and gaps come last",
          "[viz][kernels]") {
  std::vector<traffic::Event> events;
  for (const char* name : {"d", "b", "c", "a"}) {
    auto e = launch(name, {viz_test::tensor("x", 64)}, name[0] == 'a' ? 9e-6 : 4e-6);
    if (name[0] != 'c') e.declared.fp32_multiply_adds = name[0] == 'b' ? 2 : 1;
    if (name[0] == 'c') e.declared.undeclared_launches = 1;
    events.push_back(e);
  }
  const Recording r = viz_test::recording(events);
  KernelsModel model;
  model.look(r, r.all());
  CHECK(names(model) == std::vector<std::string>{"a", "d", "b", "c"});  // time, longest first
  model.sort(KernelColumn::kSeconds, false);
  CHECK(names(model) == std::vector<std::string>{"d", "b", "c", "a"});
  model.sort(KernelColumn::kMultiplyAdds, false);
  CHECK(names(model) == std::vector<std::string>{"d", "a", "b", "c"});
  model.sort(KernelColumn::kMultiplyAdds, true);
  CHECK(names(model) == std::vector<std::string>{"b", "d", "a", "c"});
  model.sort(KernelColumn::kName, false);
  CHECK(names(model) == std::vector<std::string>{"a", "b", "c", "d"});
}

TEST_CASE("a row opens to its instances, and an instance to its launches", "[viz][kernels]") {
  const Recording r = two_tokens();
  KernelsModel model;
  model.look(r, r.all());
  REQUIRE(model.lines().size() == 4);
  CHECK(model.lines()[0].has_more);
  model.toggle(model.lines()[0]);  // matmul_kernel: two grids, of two launches each
  REQUIRE(model.lines().size() == 6);
  CHECK(model.line_name(model.lines()[1]) == "<1>  1 blocks of 128");
  CHECK(model.line_name(model.lines()[2]) == "<1>  8x1x2 blocks of 128");
  CHECK(model.line_sums(model.lines()[2]).memory.vram_bytes() == 4096);
  model.toggle(model.lines()[2]);
  REQUIRE(model.lines().size() == 8);
  CHECK(model.lines()[3].work == 1);
  CHECK(model.lines()[4].work == 6);
  CHECK(model.line_sums(model.lines()[4]).memory.vram_bytes() == 2048);
  CHECK_FALSE(model.lines()[4].has_more);
  // rmsnorm_kernel has one instance: its launches stand at once below it.
  model.toggle(model.lines()[6]);
  REQUIRE(model.lines().size() == 10);
  CHECK(model.lines()[7].work == 2);
  CHECK(model.lines()[8].work == 7);
  model.toggle(model.lines()[0]);
  CHECK(model.lines().size() == 6);
}

TEST_CASE("a table that moves on says the same as one that starts there", "[viz][kernels]") {
  const Recording r = two_tokens();
  KernelsModel moving;
  for (const WorkRange range : {WorkRange{0, 2}, {0, 7}, {5, 10}, {5, 6}, {0, 99}}) {
    moving.look(r, range);
    KernelsModel fresh;
    fresh.look(r, range);
    CHECK(names(moving) == names(fresh));
    CHECK(moving.total().memory == fresh.total().memory);
    CHECK(moving.total().seconds == Approx(fresh.total().seconds));
  }
}

TEST_CASE("a kernel's measured time stands beside the modelled one, for whole measured phases",
          "[viz][kernels]") {
  Recording r = two_tokens();
  KernelsModel model;
  model.look(r, r.all());
  CHECK_FALSE(model.has_measured());
  CHECK(std::isnan(model.rows()[0].sums.value(KernelColumn::kMeasured)));
  traffic::MeasuredEvent first{traffic::Phase::kDecode, 0, 1e-3, {}};
  first.kernels = {{"matmul_kernel", 2, 40e-6}, {"rmsnorm_kernel", 1, 4e-6}};
  r.add(first);
  CHECK(model.look(r, r.all()));
  CHECK(model.has_measured());
  CHECK(std::isnan(model.total().measured_seconds));  // token 1 has not been measured
  model.look(r, r.columns()[0].works);
  REQUIRE(names(model)[0] == "matmul_kernel");
  CHECK(model.rows()[0].sums.measured_seconds == Approx(40e-6));
  CHECK(std::isnan(model.rows()[1].sums.measured_seconds));  // a library call
  CHECK(model.rows()[2].sums.measured_seconds == Approx(4e-6));
  CHECK(model.total().measured_seconds == Approx(44e-6));
  model.look(r, {0, 3});  // a part of the phase
  CHECK(std::isnan(model.total().measured_seconds));

  traffic::MeasuredEvent second = first;
  second.token = 1, second.kernels[1].launches = 2;  // another number of launches than counted
  r.add(second);
  model.look(r, r.all());
  CHECK(model.rows()[0].sums.measured_seconds == Approx(80e-6));
  CHECK(std::isnan(model.rows()[2].sums.measured_seconds));
  CHECK(std::isnan(model.total().measured_seconds));
}

TEST_CASE("the next launch of a kernel comes after the current one, or from the beginning again",
          "[viz][kernels]") {
  const Recording r = two_tokens();
  CHECK(KernelsModel::next_launch(r, "rmsnorm_kernel", 0) == 2);
  CHECK(KernelsModel::next_launch(r, "rmsnorm_kernel", 2) == 7);
  CHECK(KernelsModel::next_launch(r, "rmsnorm_kernel", 7) == 2);
  CHECK(KernelsModel::next_launch(r, "none", 0) == SIZE_MAX);
  CHECK(KernelsModel::next_launch(Recording(), "none", 0) == SIZE_MAX);
}

// The timeline's columns and the work in a column, from events with known numbers.
#include "tests/catch.h"
#include "tests/visualizer/timeline_runs.h"
#include "visualizer/core/measured.h"
#include "visualizer/models/timeline_model.h"
#include "visualizer/models/timeline_works.h"

using namespace viz;
using namespace viz_test;
using traffic::Bound;
using traffic::Phase;

namespace {

// A prefill and two rounds: the first brings tokens 1 to 3, the last verdict more than were asked.
std::vector<traffic::Event> rounds(bool with_verdicts) {
  std::vector<traffic::Event> events = {traffic::PhaseEvent{Phase::kPrefill, 0},
                                        launch("t", {tensor("weights.a", 100)}),
                                        traffic::TextEvent{0, "A"},
                                        traffic::PhaseEvent{Phase::kDraft, 1},
                                        launch("d", {tensor("draft.a", 10)}, 1e-6),
                                        traffic::PhaseEvent{Phase::kVerify, 1},
                                        launch("t", {tensor("weights.a", 100)}, 3e-6)};
  if (with_verdicts) events.push_back(traffic::VerdictEvent{1, {"b", "c", "x"}, 2, "d"});
  for (int i = 1; i <= 3; ++i)
    events.push_back(traffic::TextEvent{i, std::string(1, char('a' + i))});
  events.push_back(traffic::PhaseEvent{Phase::kDraft, 4});
  events.push_back(launch("d", {tensor("draft.a", 10)}));
  events.push_back(traffic::PhaseEvent{Phase::kVerify, 4});
  events.push_back(launch("t", {tensor("weights.a", 100)}));
  if (with_verdicts) events.push_back(traffic::VerdictEvent{4, {"e", "f", "g"}, 3, "h"});
  events.push_back(traffic::TextEvent{4, "e"});
  events.push_back(traffic::TextEvent{5, "f"});
  events.push_back(traffic::EndEvent{uint64_t(events.size())});
  return events;
}

uint64_t total(const TimelineColumn& c, TimelineLevel level) { return c.at(level).total(); }

}  // namespace

TEST_CASE("a column a token, with its bytes by class at each level", "[viz][timeline]") {
  const Recording r = recording(plain_run());
  TimelineModel m;
  m.update(r);
  REQUIRE(m.columns().size() == 5);
  const char* const labels[] = {"load", "prefill", "1", "2", "flush"};
  for (int i = 0; i < 5; ++i) {
    CHECK(m.columns()[i].label == labels[i]);
    CHECK(m.columns()[i].begin == i);
    CHECK(m.columns()[i].end == i + 1);
  }
  CHECK(m.length() == 8);
  const TimelineColumn& prefill = m.columns()[1];
  CHECK(prefill.at(TimelineLevel::kVram).by_class[int(TensorClass::kWeights)] == 8000);
  CHECK(prefill.at(TimelineLevel::kVram).by_class[int(TensorClass::kKvCache)] == 1000);
  CHECK(total(prefill, TimelineLevel::kVram) == 9000);
  CHECK(total(prefill, TimelineLevel::kL2) == 9000);
  CHECK(total(prefill, TimelineLevel::kHost) == 0);
  CHECK(prefill.tokens == 1);
  CHECK(prefill.text == "It");
  CHECK(total(m.columns()[0], TimelineLevel::kHost) == 50);
  CHECK(total(m.columns()[0], TimelineLevel::kL2) == 0);
  CHECK(total(m.columns()[4], TimelineLevel::kVram) == 64);
  CHECK(m.columns()[4].tokens == 0);
  CHECK(m.columns()[2].launches == 2);
  CHECK(m.columns()[2].seconds == Approx(4e-6));
  CHECK(m.has_class(TensorClass::kKvCache));
  CHECK_FALSE(m.has_class(TensorClass::kDraft));
  CHECK(m.has_phase(Phase::kDecode));
  CHECK_FALSE(m.has_phase(Phase::kVerify));
}

TEST_CASE("shared memory's bytes belong to no tensor", "[viz][timeline]") {
  traffic::LaunchEvent e = launch("k", {tensor("weights.a", 128)});
  e.counts.shared_read_bytes = 700;
  e.counts.shared_write_bytes = 77;
  const Recording r = recording({traffic::PhaseEvent{Phase::kDecode, 1}, e});
  TimelineModel m;
  m.update(r);
  CHECK(total(m.columns()[0], TimelineLevel::kShared) == 777);
  CHECK(m.columns()[0].at(TimelineLevel::kShared).no_tensor == 777);
  CHECK(total(m.columns()[0], TimelineLevel::kL1) == 128);
}

TEST_CASE("a round is as wide as the tokens that it brought", "[viz][timeline]") {
  for (const bool with_verdicts : {true, false}) {
    const Recording r = recording(rounds(with_verdicts));
    TimelineModel m;
    m.update(r);
    REQUIRE(m.columns().size() == 3);
    CHECK(m.columns()[1].label == "1-3");
    CHECK(m.columns()[1].tokens == 3);
    CHECK(m.columns()[1].begin == 1);
    CHECK(m.columns()[1].end == 4);
    CHECK(m.columns()[1].text == "bcd");
    // What the last verdict gave beyond the text's end is no token of it.
    CHECK(m.columns()[2].label == "4-5");
    CHECK(m.columns()[2].end == 6);
    CHECK(m.length() == 8);
    REQUIRE(m.columns()[1].phases.size() == 2);
    CHECK(m.columns()[1].phases[0].phase == Phase::kDraft);
    CHECK(m.columns()[1].phases[0].end == Approx(0.25));
    CHECK(m.columns()[1].phases[1].begin == Approx(0.25));
    CHECK(m.columns()[1].phases[1].end == Approx(1));
  }
}

TEST_CASE("a model that has grown with its recording equals one made at the end",
          "[viz][timeline]") {
  for (const auto& events : {plain_run(), rounds(true), rounds(false)}) {
    Recording r;
    r.add(run_event());
    TimelineModel grown;
    for (const traffic::Event& e : events) {
      r.add(e);
      grown.update(r);
      // There is room for what comes, in steps that double.
      if (!r.complete()) CHECK((grown.length() == 8 || grown.length() == 16));
      if (!grown.columns().empty()) CHECK(grown.length() >= grown.columns().back().end);
    }
    TimelineModel whole;
    whole.update(r);
    REQUIRE(grown.columns().size() == whole.columns().size());
    CHECK(grown.length() == whole.length());
    for (size_t i = 0; i < whole.columns().size(); ++i) {
      CHECK(grown.columns()[i].label == whole.columns()[i].label);
      CHECK(grown.columns()[i].begin == whole.columns()[i].begin);
      CHECK(grown.columns()[i].end == whole.columns()[i].end);
      CHECK(grown.columns()[i].text == whole.columns()[i].text);
      CHECK(grown.columns()[i].works == whole.columns()[i].works);
      CHECK(grown.columns()[i].seconds == whole.columns()[i].seconds);
    }
  }
}

TEST_CASE("another recording starts the timeline anew", "[viz][timeline]") {
  const Recording plain = recording(plain_run()), spec = recording(rounds(true));
  TimelineModel m;
  m.update(plain);
  m.update(spec);
  CHECK(m.columns().size() == 3);
  CHECK(m.has_class(TensorClass::kDraft));
  CHECK_FALSE(m.has_class(TensorClass::kKvCache));
  m.update(Recording());
  CHECK(m.columns().empty());
}

TEST_CASE("the playhead goes through a column as modelled time does, and back", "[viz][timeline]") {
  const Recording r = recording(plain_run());
  TimelineModel m;
  m.update(r);
  Playback p;
  p.play(false);
  p.go_to_work(2, r);  // the first of token 1's two: 3 of its 4 microseconds, done
  CHECK(m.position(r, p) == Approx(2.75));
  p.play(true);
  p.go_to_work(3, r);
  CHECK(m.position(r, p) == Approx(2.75));
  CHECK(m.work_at(r, 2.0) == 2);
  CHECK(m.work_at(r, 2.74) == 2);
  CHECK(m.work_at(r, 2.76) == 3);
  CHECK(m.work_at(r, 3.0) == 4);
  CHECK(m.work_at(r, -1) == 0);
  CHECK(m.work_at(r, 99) == 5);
  CHECK(m.at(2.5) == 2);
  CHECK(m.at(5.5) == -1);
  CHECK(m.at(-0.1) == -1);
  CHECK(m.of_work(3) == 2);
}

TEST_CASE("measured seconds stand beside the modelled ones, also without any work",
          "[viz][timeline]") {
  const Recording r =
      recording({traffic::PhaseEvent{Phase::kPrefill, 0}, traffic::TextEvent{0, "a"},
                 traffic::MeasuredEvent{Phase::kPrefill, 0, 0.25},
                 traffic::PhaseEvent{Phase::kDecode, 1}, traffic::TextEvent{1, "b"},
                 traffic::MeasuredEvent{Phase::kDecode, 1, 0.125}, traffic::EndEvent{7}});
  TimelineModel m;
  m.update(r);
  REQUIRE(m.columns().size() == 2);
  CHECK(m.measured());
  CHECK(m.columns()[0].measured_seconds == 0.25);
  CHECK(m.columns()[1].measured_seconds == 0.125);
  CHECK(m.columns()[0].seconds == 0);
  CHECK(m.time_scale(false, true).cut);
  CHECK(m.time_scale(false, true).top == Approx(1.15 * 0.125));
  CHECK(m.time_scale(true, true).top == Approx(1));
  CHECK(m.time_scale(true, true).bottom == Approx(0.1));
  CHECK(m.position(r, Playback()) == -1);
  CHECK(m.work_at(r, 1.5) == 0);
}

TEST_CASE("measured times that a second run brings later are seen", "[viz][timeline]") {
  Recording r = recording(plain_run());
  TimelineModel m;
  m.update(r);
  CHECK_FALSE(m.measured());
  const Recording clock = recording(
      {traffic::PhaseEvent{Phase::kPrefill, 0}, traffic::MeasuredEvent{Phase::kPrefill, 0, 0.5}});
  REQUIRE(merge_measured(r, clock) == 1);
  m.update(r);
  CHECK(m.measured());
  CHECK(m.columns().size() == 5);
  CHECK(m.columns()[1].measured_seconds == 0.5);
  CHECK(m.columns()[1].seconds == Approx(8e-6));
}

TEST_CASE("the work of a column comes in order with what bounds it", "[viz][timeline]") {
  traffic::RunEvent run = run_event();
  run.gpu.pcie_bandwidth = 1e9, run.gpu.vram_bandwidth = 1e12, run.gpu.launch_seconds = 2e-6;
  Recording r;
  r.add(run);
  r.add(traffic::PhaseEvent{Phase::kDecode, 1});
  traffic::LaunchEvent first = launch("k<1>", {tensor("weights.a", 300, 20)}, 5e-6);
  first.bound = Bound::kL2;
  r.add(first);
  r.add(copy_in("tokens", 64, 1e-6));
  traffic::LibraryEvent library;
  library.name = "thrust::max_element";
  library.counts = {1, 1, 8192, 0};
  library.modelled_seconds = 2e-6;
  r.add(library);
  const TimelineWorks w = works_of(r, r.columns()[0].works);
  REQUIRE(w.works.size() == 3);
  CHECK(w.works[0].name == "k<1>");
  CHECK(w.works[0].bound == Bound::kL2);
  CHECK(w.works[0].at(TimelineLevel::kVram) == 320);
  CHECK(w.works[1].bound == Bound::kPcie);
  CHECK(w.works[1].begin == Approx(5e-6));
  CHECK(w.works[1].at(TimelineLevel::kHost) == 64);
  CHECK(w.works[2].bound == Bound::kLaunch);  // 8192 bytes take 8 ns, launching takes 2 us
  CHECK(w.works[2].at(TimelineLevel::kVram) == 8192);
  CHECK(w.seconds == Approx(8e-6));
  CHECK(w.longest == Approx(5e-6));
  // The launch cost stands apart, and so does the library's time, which rests on declared bytes.
  CHECK(w.seconds_by_bound[int(Bound::kL2)] == Approx(3e-6));
  CHECK(w.seconds_by_bound[int(Bound::kLaunch)] == Approx(2e-6));
  CHECK(w.seconds_by_bound[int(Bound::kPcie)] == Approx(1e-6));
  CHECK(w.library_seconds == 2e-6);
  CHECK(works_of(r, {2, 99}).works.size() == 1);
}

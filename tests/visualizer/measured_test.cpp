// Measured times beside counts.
#include "visualizer/core/measured.h"

#include <utility>
#include <vector>

#include "tests/catch.h"
#include "tests/visualizer/stream.h"

namespace {

using traffic::MeasuredEvent;
using traffic::Phase;
using traffic::PhaseEvent;

viz::Recording counted_run() {
  return viz_test::recording({PhaseEvent{Phase::kPrefill, 0}, viz_test::launch("a", {}),
                              PhaseEvent{Phase::kDecode, 1}, viz_test::launch("a", {}),
                              PhaseEvent{Phase::kDecode, 2}, viz_test::launch("a", {})});
}

// A stream of a target that runs in real time.
viz::Recording timed_run(int tokens) {
  std::vector<traffic::Event> events = {PhaseEvent{Phase::kPrefill, 0},
                                        MeasuredEvent{Phase::kPrefill, 0, 0.5}};
  for (int token = 1; token < tokens; ++token) {
    events.push_back(PhaseEvent{Phase::kDecode, token});
    events.push_back(MeasuredEvent{Phase::kDecode, token, 0.125 * token});
  }
  return viz_test::recording(std::move(events));
}

TEST_CASE("each counted step gets the measured time of its phase and token", "[visualizer]") {
  viz::Recording counted = counted_run();
  CHECK(viz::merge_measured(counted, timed_run(3)) == 3);
  REQUIRE(counted.steps().size() >= 3);
  const auto& steps = counted.steps();
  CHECK(steps[steps.size() - 3].measured_seconds == 0.5);
  CHECK(steps[steps.size() - 2].measured_seconds == 0.125);
  CHECK(steps[steps.size() - 1].measured_seconds == 0.25);
  const viz::MeasuredSum decode = viz::measured_sum(counted, Phase::kDecode);
  CHECK(decode.steps == 2);
  CHECK(decode.seconds == 0.375);
}

TEST_CASE("times are merged once, however often it is asked for", "[visualizer]") {
  viz::Recording counted = counted_run();
  CHECK(viz::merge_measured(counted, timed_run(2)) == 2);
  CHECK(viz::merge_measured(counted, timed_run(2)) == 0);
  CHECK(viz::measured_sum(counted, Phase::kDecode).seconds == 0.125);
  // The other run has come further meanwhile.
  CHECK(viz::merge_measured(counted, timed_run(9)) == 1);
  CHECK(viz::measured_sum(counted, Phase::kDecode).seconds == 0.375);
}

TEST_CASE("behind the token at which the texts part, no time is taken", "[visualizer]") {
  viz::Recording counted = counted_run(), timed = timed_run(3);
  for (viz::Recording* r : {&counted, &timed}) r->add(traffic::TextEvent{0, " a"});
  counted.add(traffic::TextEvent{1, " b"});
  timed.add(traffic::TextEvent{1, " c"});
  CHECK(viz::texts_part_at(counted, timed) == 1);
  CHECK(viz::merge_measured(counted, timed) == 2);  // the prefill's and token 1's
  CHECK(viz::measured_sum(counted, Phase::kDecode).steps == 1);
  CHECK(viz::measured_sum(counted, Phase::kDecode).seconds == 0.125);
}

TEST_CASE("times of another request are not taken", "[visualizer]") {
  traffic::RunEvent run = viz_test::run_event();
  run.setup.prompt = "It is";
  viz::Recording timed;
  timed.add(run);
  timed.add(PhaseEvent{Phase::kPrefill, 0});
  timed.add(MeasuredEvent{Phase::kPrefill, 0, 0.5});
  viz::Recording counted = counted_run();
  CHECK(viz::merge_measured(counted, timed) == 0);
  CHECK(viz::measured_sum(counted, Phase::kPrefill).steps == 0);
}

TEST_CASE("measured times of kernels come along", "[visualizer]") {
  viz::Recording counted = counted_run();
  MeasuredEvent event{Phase::kDecode, 1, 0.5, {}};
  event.kernels = {{"a", 1, 0.25}};
  viz::merge_measured(counted, viz_test::recording({PhaseEvent{Phase::kDecode, 1}, event}));
  const viz::Step& step = counted.steps()[counted.steps().size() - 2];
  REQUIRE(step.measured_kernels.size() == 1);
  CHECK(step.measured_kernels[0].kernel == "a");
  CHECK(step.measured_kernels[0].launches == 1);
  CHECK(step.measured_kernels[0].seconds == 0.25);
}

TEST_CASE("modelled time and counts do not change with what is measured", "[visualizer]") {
  viz::Recording counted = counted_run();
  const double before = counted.seconds();
  viz::merge_measured(counted, timed_run(3));
  CHECK(counted.seconds() == before);
  CHECK(counted.works().size() == 3);
}

}  // namespace

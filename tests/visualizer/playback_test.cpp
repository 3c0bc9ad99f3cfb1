// Time on screen follows modelled time.
#include "visualizer/core/playback.h"

#include "tests/catch.h"
#include "tests/visualizer/stream.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;

namespace {

// Two decode steps of 4 microseconds each: launches of 1 and 3.
Recording two_tokens() {
  return recording({traffic::PhaseEvent{Phase::kDecode, 1}, launch("a", {}, 1e-6),
                    launch("b", {}, 3e-6), traffic::PhaseEvent{Phase::kDecode, 2},
                    launch("a", {}, 1e-6), launch("b", {}, 3e-6)});
}

}  // namespace

TEST_CASE("a launch that is modelled three times as long takes three times as long", "[viz]") {
  const Recording r = two_tokens();
  Playback p;
  p.set_speed(1);  // a token a second
  p.advance(0.2, r);
  CHECK(p.work() == 0);
  CHECK(p.done() == Approx(0.8));
  p.advance(0.8 - 1e-6, r);
  CHECK(p.work() == 1);
  CHECK(p.done() == Approx(1).margin(1e-4));
  p.advance(100, r);
  CHECK(p.work() == 3);
  CHECK(p.at_end(r));
}

TEST_CASE("playing waits at the end of what is recorded, and goes on when more comes", "[viz]") {
  Recording r = two_tokens();
  Playback p;
  p.advance(100, r);
  r.add(launch("c", {}, 4e-6));
  CHECK_FALSE(p.at_end(r));
  p.advance(0.1, r);
  CHECK(p.work() == 4);
}

TEST_CASE("stepping stops playing and stays inside the recording", "[viz]") {
  const Recording r = two_tokens();
  Playback p;
  p.step_work(-1, r);
  CHECK(p.work() == 0);
  CHECK_FALSE(p.playing());
  p.step_column(+1, r);
  CHECK(p.work() == 2);
  p.step_column(+1, r);
  CHECK(p.work() == 2);
  p.step_work(+99, r);
  CHECK(p.work() == 3);
  CHECK(p.range(Scope::kKernel, r) == WorkRange{3, 4});
  CHECK(p.range(Scope::kToken, r) == WorkRange{2, 4});
  CHECK(p.range(Scope::kRun, r) == WorkRange{0, 4});
}

TEST_CASE("nothing is recorded yet: nothing happens", "[viz]") {
  const Recording none;
  Playback p;
  p.advance(1, none);
  p.step_work(1, none);
  p.step_column(1, none);
  p.go_to_column(3, none);
  CHECK(p.work() == 0);
  CHECK(p.range(Scope::kToken, none).empty());
}

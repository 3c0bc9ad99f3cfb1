// The timeline's scales and the part of it that is seen.
#include "tests/catch.h"
#include "tests/visualizer/timeline_runs.h"
#include "visualizer/models/timeline_model.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;

TEST_CASE("the prefill is cut where it dwarfs the rest, and only then", "[viz][timeline]") {
  const Recording r = recording(plain_run());
  TimelineModel m;
  m.update(r);
  const TimelineScale cut = m.scale(TimelineLevel::kVram, false, true);
  CHECK(cut.cut);
  CHECK(cut.top == Approx(1.15 * 1200));
  CHECK(cut.height(9000) == 1);
  CHECK(cut.height(690) == Approx(0.5));
  const TimelineScale whole = m.scale(TimelineLevel::kVram, false, false);
  CHECK_FALSE(whole.cut);
  CHECK(whole.top == 9000);
  CHECK(whole.height(4500) == Approx(0.5));

  const Recording even =
      recording({traffic::PhaseEvent{Phase::kPrefill, 0}, launch("k", {tensor("weights.a", 1400)}),
                 traffic::PhaseEvent{Phase::kDecode, 1}, launch("k", {tensor("weights.a", 1000)})});
  m.update(even);
  CHECK_FALSE(m.scale(TimelineLevel::kVram, false, true).cut);
}

TEST_CASE("a logarithmic scale ends at whole decades", "[viz][timeline]") {
  const Recording r = recording(plain_run());
  TimelineModel m;
  m.update(r);
  const TimelineScale s = m.scale(TimelineLevel::kVram, true, true);
  CHECK(s.top == Approx(10000));
  CHECK(s.bottom == Approx(10));  // the least column has 50
  CHECK(s.height(10000) == Approx(1));
  CHECK(s.height(100) == Approx(1 / 3.));
  CHECK(s.height(1000) == Approx(2 / 3.));
  CHECK(s.height(0) == 0);
  CHECK(s.height(5) == 0);
}

TEST_CASE("next to nothing looks like it: no lane is enlarged more than a thousand times",
          "[viz][timeline]") {
  const Recording r =
      recording({traffic::PhaseEvent{Phase::kDecode, 1},
                 launch("k", {tensor("weights.a", 8000000)}), copy_in("tokens", 8, 1e-7)});
  TimelineModel m;
  m.update(r);
  CHECK(m.scale(TimelineLevel::kHost, false, true).top == Approx(8000.008));
}

TEST_CASE("zooming keeps what is under the mouse, and the view stays on the axis",
          "[viz][timeline]") {
  TimelineView v{0, 100};
  v.zoom(25, 0.5, 100);
  CHECK(v.begin == Approx(12.5));
  CHECK(v.end == Approx(62.5));
  v.zoom(12.5, 1e-9, 100);
  CHECK(v.width() == Approx(2));
  CHECK(v.begin == Approx(12.5));
  v.pan(-50, 100);
  CHECK(v.begin == 0);
  v.pan(1000, 100);
  CHECK(v.end == Approx(100));
  v.show(50, 100);
  CHECK(v.begin < 50);
  CHECK(v.end > 50);
  v.zoom(50, 1e9, 100);
  CHECK(v.begin == 0);
  CHECK(v.end == Approx(100));
  v.zoom(0.5, 2, 1);  // an axis shorter than two tokens
  CHECK(v.end == Approx(1));
}

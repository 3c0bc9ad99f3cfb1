// The timeline and the text as they are drawn: any recording, any size, and what a mouse does.
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/visualizer/panel_screen.h"
#include "tests/visualizer/stream.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;

namespace {

// `columns` tokens of `launches` launches of the same length each, their text not always valid.
Recording tokens(int columns, int launches) {
  Recording r;
  traffic::RunEvent run = run_event();
  run.setup.prompt_pieces = {"It", " is\n", "\xE4", "\tgood "};
  run.setup.n_tokens = columns;
  r.add(run);
  for (int token = 0; token < columns; ++token) {
    r.add(traffic::PhaseEvent{token == 0 ? Phase::kPrefill : Phase::kDecode, token});
    for (int i = 0; i < launches; ++i) {
      r.add(launch("some_long_kernel_name<1, 64>",
                   {tensor("weights.a", token == 0 ? 90000 : 1000), tensor("kv_cache.k", 9)}));
    }
    r.add(traffic::TextEvent{token, token % 3 == 0 ? "\xFF\xC0 a" : " word"});
  }
  r.add(traffic::EndEvent{1});
  return r;
}

Recording rounds() {
  Recording r;
  r.add(run_event("05_speculative-03x03"));
  r.add(traffic::PhaseEvent{Phase::kPrefill, 0});
  r.add(launch("t", {tensor("weights.a", 100)}));
  r.add(traffic::TextEvent{0, "a"});
  for (int token = 1; token < 40; token += 3) {
    r.add(traffic::PhaseEvent{Phase::kDraft, token});
    r.add(launch("d", {tensor("draft.weights", 10)}));
    r.add(traffic::PhaseEvent{Phase::kVerify, token});
    r.add(launch("t", {tensor("weights.a", 100)}));
    r.add(traffic::VerdictEvent{token, {"\xE4\xB8", " c", "x"}, 2, ""});
    for (int i = 0; i < 3; ++i) r.add(traffic::TextEvent{token + i, " t"});
  }
  return r;
}

Recording measured_only() {
  return recording({traffic::PhaseEvent{Phase::kPrefill, 0}, traffic::TextEvent{0, "a"},
                    traffic::MeasuredEvent{Phase::kPrefill, 0, 0.25}});
}

Playback standing_at(const Recording& r, size_t work) {
  Playback p;
  p.play(false);
  p.go_to_work(work, r);
  return p;
}

}  // namespace

TEST_CASE("both panels draw any recording at any size", "[viz][draw]") {
  const Recording recordings[] = {Recording(),    recording({}), tokens(1, 1),   tokens(500, 1),
                                  tokens(3, 300), rounds(),      measured_only()};
  for (const auto& [width, height] : {std::pair{1000.f, 620.f}, {640.f, 380.f}, {60.f, 40.f}}) {
    for (const float scale : {1.f, 2.f}) {
      PanelScreen screen(width, height, scale);
      for (const Recording& r : recordings) {
        for (auto make : {make_timeline_panel, make_text_panel}) {
          const auto panel = make();
          Playback p = standing_at(r, r.works().size() / 2);
          screen.mouse = {width / 2, height / 3};
          for (int i = 0; i < 3; ++i) screen.frame(*panel, r, p);
          screen.click(*panel, r, p, {width / 3, height / 4});
          CHECK(p.work() <= r.works().size());
        }
      }
    }
  }
}

TEST_CASE("a frame of five hundred columns is some tens of thousands of corners", "[viz][draw]") {
  PanelScreen screen(1000, 620);
  const Recording r = tokens(500, 1);
  const auto panel = make_timeline_panel();
  Playback p = standing_at(r, 250);
  screen.frame(*panel, r, p);
  CHECK(screen.frame(*panel, r, p) < 40000);
}

TEST_CASE("a click on a column goes there, and a drag goes on", "[viz][draw]") {
  PanelScreen screen(1000, 620);
  const Recording r = tokens(10, 4);
  const auto panel = make_timeline_panel();
  Playback p = standing_at(r, 0);
  screen.frame(*panel, r, p);
  screen.click(*panel, r, p, {900, 150});
  const int right = p.column(r);
  CHECK(right == 9);
  CHECK_FALSE(p.following());
  screen.down[0] = true;
  screen.mouse = {900, 150};
  screen.frame(*panel, r, p);
  for (float x = 880; x > 300; x -= 20) {
    screen.mouse.x = x;
    screen.frame(*panel, r, p);
  }
  screen.down[0] = false;
  screen.frame(*panel, r, p);
  CHECK(p.column(r) == 2);
}

TEST_CASE("the wheel comes nearer: a click then goes to another place", "[viz][draw]") {
  PanelScreen screen(1000, 620);
  const Recording r = tokens(100, 2);
  const auto panel = make_timeline_panel();
  Playback p = standing_at(r, 0);
  screen.frame(*panel, r, p);
  screen.click(*panel, r, p, {950, 150});
  CHECK(p.column(r) > 90);
  screen.mouse = {100, 150};
  screen.frame(*panel, r, p);
  for (int i = 0; i < 12; ++i) {
    screen.wheel = 1;
    screen.frame(*panel, r, p);
  }
  screen.click(*panel, r, p, {500, 150});
  CHECK(p.column(r) < 20);
}

TEST_CASE("a click on a launch of the strip goes to it", "[viz][draw]") {
  PanelScreen screen(1000, 620);
  const Recording r = tokens(3, 8);
  const auto panel = make_timeline_panel();
  Playback p = standing_at(r, 8);
  screen.frame(*panel, r, p);
  // The strip lies somewhere below the lanes: the first height at which a click moves to the last
  // launch of the column.
  bool found = false;
  for (float y = 380; y < 480 && !found; y += 8) {
    p.go_to_work(8, r);
    screen.click(*panel, r, p, {980, y});
    found = p.work() == 15;
  }
  CHECK(found);
}

TEST_CASE("a click on a token goes to the work that made it", "[viz][draw]") {
  PanelScreen screen(1000, 620);
  const Recording r = tokens(12, 2);
  const auto panel = make_text_panel();
  Playback p = standing_at(r, 0);
  screen.frame(*panel, r, p);
  bool moved = false;
  for (float y = 60; y < 200 && !moved; y += 6) {
    screen.click(*panel, r, p, {200, y});
    moved = p.column(r) > 0;
  }
  CHECK(moved);
}

TEST_CASE("what the panels export says of what kind each number is", "[viz][draw]") {
  const Recording r = rounds();
  PanelScreen screen(1000, 620);
  Playback p = standing_at(r, r.works().size() - 1);
  RunRequest request;
  Context context{
      {r, p, request}, nullptr, screen.selection, screen.wishes, screen.theme(), 0, true};
  const auto timeline = make_timeline_panel()->seen(context);
  REQUIRE(timeline["columns"].size() == 14);
  CHECK(timeline["columns"][1]["counted"]["VRAM"]["bytes"] == 110);
  CHECK(timeline["columns"][1]["counted"]["VRAM"]["draft"] == 10);
  CHECK(timeline["columns"][1]["tokens"] == 3);
  CHECK(timeline["current"] == "37-39");
  CHECK(timeline["works"][1]["modelled"]["bound"] == "VRAM");
  const auto text = make_text_panel()->seen(context);
  CHECK(text["tokens"].size() == 40);
  CHECK(text["tokens"][3]["from"] == "correction");
  CHECK(text["counted"]["by_position"][1]["accepted"] == 13);
  CHECK(text["counted"]["by_position"][2]["accepted"] == 0);
  CHECK(text["counted"]["tokens_per_pass"] == 3);
}

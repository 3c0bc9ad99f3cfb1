// The text panel's tokens, rounds and rates, from events with known texts.
#include <cmath>

#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/text_model.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;

namespace {

traffic::RunEvent setup(int draft_tokens) {
  traffic::RunEvent e = run_event("05_speculative-03x03");
  e.setup.prompt = "It is";
  e.setup.prompt_pieces = {"It", " is"};
  e.setup.n_tokens = 7;
  e.setup.draft_tokens = draft_tokens;
  return e;
}

// Prefill, then three rounds of three: two stand and are corrected; all stand (bonus), with the end
// of the text after the first of them; the works: 0 prefill, 1-2, 3-4, 5-6.
Recording rounds() {
  Recording r;
  r.add(setup(3));
  const auto round = [&r](int token, const traffic::VerdictEvent& verdict,
                          const std::vector<std::string>& came) {
    r.add(traffic::PhaseEvent{Phase::kDraft, token});
    r.add(launch("d", {}, 1e-6));
    r.add(traffic::PhaseEvent{Phase::kVerify, token});
    r.add(launch("t", {}, 3e-6));
    r.add(verdict);
    for (size_t i = 0; i < came.size(); ++i) r.add(traffic::TextEvent{token + int(i), came[i]});
  };
  r.add(traffic::PhaseEvent{Phase::kPrefill, 0});
  r.add(launch("t", {}, 10e-6));
  r.add(traffic::TextEvent{0, " a"});
  round(1, {1, {" b", " c", " x"}, 2, " d"}, {" b", " c", " d"});
  round(4, {4, {" y", " z", " z"}, 0, " e"}, {" e"});
  round(5, {5, {" f", " g", " h"}, 3, " i"}, {" f", " g"});
  r.add(traffic::EndEvent{99});
  return r;
}

Playback at(const Recording& r, size_t work, bool playing = false) {
  Playback p;
  p.play(playing);
  p.go_to_work(work, r);
  return p;
}

}  // namespace

TEST_CASE("the prompt's tokens come from the setup; an older stream's are words", "[viz][text]") {
  Recording r;
  r.add(setup(0));
  TextModel m;
  m.update(r);
  REQUIRE(m.prompt().size() == 2);
  CHECK(m.prompt_has_tokens());
  CHECK(m.prompt()[1].text == " is");
  CHECK(m.asked() == 7);

  traffic::RunEvent old = run_event();
  old.setup.prompt = "It is\n a truth";
  Recording without;
  without.add(old);
  m.update(without);
  CHECK_FALSE(m.prompt_has_tokens());
  REQUIRE(m.prompt().size() == 4);
  CHECK(m.prompt()[2].text == "\n a");

  m.update(recording({}));
  CHECK(m.prompt().empty());
}

TEST_CASE("a setup that comes after the panel has looked is taken", "[viz][text]") {
  Recording r;
  TextModel m;
  m.update(r);
  CHECK(m.prompt().empty());
  r.add(setup(0));
  m.update(r);
  CHECK(m.prompt().size() == 2);
}

TEST_CASE("each token says where it is from", "[viz][text]") {
  TextModel m;
  const Recording r = rounds();
  m.update(r);
  using enum TokenOrigin;
  const TokenOrigin expected[] = {kTarget,     kAccepted, kAccepted, kCorrection,
                                  kCorrection, kAccepted, kAccepted};
  REQUIRE(m.tokens().size() == 7);
  for (int i = 0; i < 7; ++i) CHECK(m.tokens()[i].origin == expected[i]);
  CHECK(m.tokens()[0].column == 0);
  CHECK(m.tokens()[3].column == 1);
  CHECK(m.tokens()[4].column == 2);
  CHECK(m.tokens()[6].column == 3);
}

TEST_CASE("a bonus follows a proposal that stands whole", "[viz][text]") {
  const Recording r =
      recording({traffic::PhaseEvent{Phase::kDraft, 1}, launch("d", {}),
                 traffic::PhaseEvent{Phase::kVerify, 1}, launch("t", {}),
                 traffic::VerdictEvent{1, {"b", "c"}, 2, "d"}, traffic::TextEvent{1, "b"},
                 traffic::TextEvent{2, "c"}, traffic::TextEvent{3, "d"}});
  TextModel m;
  m.update(r);
  REQUIRE(m.tokens().size() == 4);
  CHECK(m.tokens()[2].origin == TokenOrigin::kAccepted);
  CHECK(m.tokens()[3].origin == TokenOrigin::kBonus);
  CHECK(m.rounds()[0].bonus);
}

TEST_CASE("a round keeps what stood, what was refused and what nobody looked at", "[viz][text]") {
  TextModel m;
  const Recording r = rounds();
  m.update(r);
  REQUIRE(m.rounds().size() == 3);
  const TextRound& first = m.rounds()[0];
  CHECK(first.proposed[1].fate == TextRound::kStands);
  CHECK(first.proposed[2].fate == TextRound::kRefused);
  CHECK(first.brought == 3);
  CHECK(first.column == 1);
  CHECK_FALSE(first.bonus);
  const TextRound& second = m.rounds()[1];
  CHECK(second.proposed[0].fate == TextRound::kRefused);
  CHECK(second.proposed[1].fate == TextRound::kNotSeen);
  CHECK(second.proposed[2].fate == TextRound::kNotSeen);
  CHECK(second.brought == 1);
  const TextRound& last = m.rounds()[2];
  CHECK(last.bonus);
  CHECK_FALSE(last.proposed[1].dropped);
  CHECK(last.proposed[2].dropped);  // the text has seven tokens
  CHECK(last.next_dropped);
  CHECK(last.brought == 2);
}

TEST_CASE("a token that ends the text within a round counts, without text of its own",
          "[viz][text]") {
  Recording r;
  traffic::RunEvent run = setup(3);
  run.setup.n_tokens = 20;
  r.add(run);
  r.add(traffic::PhaseEvent{Phase::kPrefill, 0});
  r.add(launch("t", {}));
  r.add(traffic::TextEvent{0, " a"});
  r.add(traffic::PhaseEvent{Phase::kDraft, 1});
  r.add(launch("d", {}));
  r.add(traffic::PhaseEvent{Phase::kVerify, 1});
  r.add(launch("t", {}));
  r.add(traffic::VerdictEvent{1, {" b", "</s>"}, 2, " c"});
  r.add(traffic::TextEvent{1, " b"});
  r.add(traffic::TextEvent{2, ""});
  TextModel m;
  m.update(r);
  r.add(traffic::EndEvent{99});
  m.update(r);
  REQUIRE(m.tokens().size() == 3);
  CHECK(m.tokens()[2].origin == TokenOrigin::kAccepted);
  CHECK(m.tokens()[2].column == 1);
  CHECK(r.columns()[1].last_token == 2);
  const TextRound& round = m.rounds()[0];
  CHECK_FALSE(round.proposed[1].dropped);
  CHECK(round.next_dropped);
  CHECK(round.brought == 2);
  const Acceptance a = m.acceptance(m.progress(r, at(r, 2)));
  CHECK(a.accepted == 2);
  CHECK(a.tokens == 2);
  CHECK(a.passes == 1);
}

TEST_CASE("acceptance by position counts those that were looked at, up to the playback",
          "[viz][text]") {
  TextModel m;
  const Recording r = rounds();
  m.update(r);
  const Acceptance all = m.acceptance(m.progress(r, at(r, 6)));
  REQUIRE(all.positions.size() == 3);
  CHECK(all.positions[0].looked_at == 3);
  CHECK(all.positions[0].accepted == 2);
  CHECK(all.positions[1].looked_at == 2);
  CHECK(all.positions[1].accepted == 2);
  CHECK(all.positions[2].looked_at == 2);
  CHECK(all.positions[2].accepted == 1);
  CHECK(all.looked_at == 7);
  CHECK(all.accepted == 5);
  CHECK(all.passes == 3);
  CHECK(all.tokens == 6);
  CHECK(all.tokens_a_pass() == Approx(2));
  const double a = 5 / 7.;
  CHECK(all.rate() == Approx(a));
  CHECK(all.expected() == Approx(1 + a + a * a + a * a * a));

  const Acceptance one = m.acceptance(m.progress(r, at(r, 2)));
  CHECK(one.looked_at == 3);
  CHECK(one.accepted == 2);
  CHECK(one.passes == 1);
  CHECK(one.tokens == 3);

  const Acceptance none = m.acceptance(m.progress(r, at(r, 1)));
  CHECK(none.looked_at == 0);
  CHECK(std::isnan(none.rate()));
  CHECK(std::isnan(none.expected()));
  CHECK(std::isnan(none.tokens_a_pass()));
}

TEST_CASE("when everything is accepted a pass brings k + 1", "[viz][text]") {
  Acceptance a;
  a.draft_tokens = 4;
  a.looked_at = a.accepted = 8;
  CHECK(a.expected() == 5);
}

TEST_CASE("a token is there when the work that made it is done", "[viz][text]") {
  TextModel m;
  const Recording r = rounds();
  m.update(r);
  CHECK(m.progress(r, at(r, 0)).came == 1);
  CHECK(m.progress(r, at(r, 1)).came == 1);
  CHECK(m.progress(r, at(r, 2)).came == 4);
  CHECK(m.progress(r, at(r, 2, true)).came == 1);  // that piece of work is going on
  CHECK(m.progress(r, at(r, 6)).came == 7);
  CHECK(m.progress(r, at(r, 1)).column == 1);
  const TextProgress p = m.progress(r, at(r, 4));
  CHECK(p.seconds == Approx(18e-6));
  CHECK(p.decoded == 4);
  CHECK(p.decode_seconds == Approx(8e-6));
  CHECK(p.modelled_tokens_a_second() == Approx(5e5));
  CHECK(std::isnan(m.progress(r, at(r, 0)).modelled_tokens_a_second()));
}

TEST_CASE("the flush is no part of the tokens' time", "[viz][text]") {
  traffic::FlushEvent flush;
  flush.modelled_seconds = 1;
  const Recording r = recording({traffic::PhaseEvent{Phase::kPrefill, 0}, launch("t", {}, 1e-3),
                                 traffic::TextEvent{0, "a"}, traffic::PhaseEvent{Phase::kDecode, 1},
                                 launch("t", {}, 1e-3), traffic::TextEvent{1, "b"},
                                 traffic::PhaseEvent{Phase::kFlush, -1}, flush});
  TextModel m;
  m.update(r);
  CHECK(m.progress(r, at(r, 2)).modelled_tokens_a_second() == Approx(1000));
}

TEST_CASE("a token without text of its own keeps its place", "[viz][text]") {
  const Recording r = recording({traffic::PhaseEvent{Phase::kPrefill, 0}, launch("t", {}),
                                 traffic::TextEvent{0, "a"}, traffic::PhaseEvent{Phase::kDecode, 1},
                                 launch("t", {}), traffic::PhaseEvent{Phase::kDecode, 2},
                                 launch("t", {}), traffic::TextEvent{2, "\xE4\xB8\xAD"},
                                 traffic::PhaseEvent{Phase::kDecode, 3}, launch("t", {})});
  TextModel m;
  m.update(r);
  REQUIRE(m.tokens().size() == 4);  // the last is still being made
  CHECK(m.tokens()[1].text.empty());
  CHECK(m.tokens()[1].column == 1);
  CHECK(m.tokens()[2].text == "\xE4\xB8\xAD");
  CHECK(m.progress(r, at(r, 1)).came == 2);
}

TEST_CASE("measured tokens a second need no work", "[viz][text]") {
  const Recording r = recording(
      {traffic::PhaseEvent{Phase::kPrefill, 0}, traffic::TextEvent{0, "a"},
       traffic::MeasuredEvent{Phase::kPrefill, 0, 5}, traffic::PhaseEvent{Phase::kDecode, 1},
       traffic::TextEvent{1, "b"}, traffic::MeasuredEvent{Phase::kDecode, 1, 0.5},
       traffic::PhaseEvent{Phase::kDecode, 2}, traffic::TextEvent{2, "c"},
       traffic::MeasuredEvent{Phase::kDecode, 2, 0.5}});
  TextModel m;
  m.update(r);
  const TextProgress p = m.progress(r, Playback());
  CHECK(p.came == 3);
  CHECK(p.measured_tokens_a_second() == Approx(2));
  CHECK(std::isnan(p.modelled_tokens_a_second()));
}

TEST_CASE("numbers that no decoder gives do no harm", "[viz][text]") {
  const Recording r =
      recording({traffic::TextEvent{2000000000, "a"}, traffic::TextEvent{-7, "b"},
                 traffic::VerdictEvent{-3, {"x"}, 9, "y"}, traffic::VerdictEvent{5, {}, -2, ""}});
  TextModel m;
  m.update(r);
  CHECK(m.tokens().empty());
  CHECK(m.rounds()[0].accepted == 1);
  CHECK(m.rounds()[1].accepted == 0);
}

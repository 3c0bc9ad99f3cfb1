// The cards of the tour: their format, their numbers and predictions.

#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/tour_model.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;

namespace {

const char kCard[] =
    "# 01 kv_cache: keep K and V\n"
    "\n"
    "## A step reads the cache\n"
    "\n"
    "- run: 01:vram\n"
    "- panel: kernels\n"
    "- token: 1\n"
    "- kernel: scores_kernel\n"
    "- compare: 00\n"
    "- scope: kernel\n"
    "- speed: 0.5\n"
    "- play: yes\n"
    "- predict: scores_kernel bytes\n"
    "- predict: all operations\n"
    "\n"
    "It moves {vram_bytes}.\n"
    "Its kernel moves {kernel.vram_bytes}, 00 {other.vram_bytes}, {ratio.mean.vram_bytes} times.\n";

std::string error_of(const std::string& text) {
  try {
    parse_tour(text, "01_x.md");
    return "";
  } catch (const TourError& error) {
    return error.what();
  }
}

// The card with one line put in place of another.
std::string with(const std::string& line, const std::string& instead) {
  std::string text = kCard;
  text.replace(text.find(line), line.size(), instead);
  return text;
}

TourCard card(const std::string& text = kCard) { return parse_tour(text, "t.md").cards.at(0); }

// 2 layers, 4 heads of 8, 2 of K and V, dim 32, a prompt of 3.
traffic::RunEvent small_run(const std::string& chapter) {
  traffic::RunEvent e = run_event(chapter);
  traffic::RunSetup& s = e.setup;
  s.n_layers = 2, s.n_heads = 4, s.n_kv_heads = 2, s.head_dim = 8;
  s.dim = 32, s.hidden_dim = 64, s.vocab_size = 100, s.max_seq_len = 10;
  s.prompt_pieces = {"a", "b", "c"};
  s.n_tokens = 3;
  return e;
}

traffic::LaunchEvent scores(uint64_t bytes, double operations = 0) {
  traffic::LaunchEvent e = launch("scores_kernel<4>", {tensor("kv_cache.k", bytes)});
  e.declared.fp32_multiply_adds = operations;
  return e;
}

Recording run_of(const traffic::RunEvent& run, uint64_t bytes) {
  Recording r;
  r.add(run);
  for (const traffic::Event& e : std::vector<traffic::Event>{
           allocation(1, "kv_cache.k", 1000, {2, 4, 10, 8}),
           traffic::PhaseEvent{Phase::kPrefill, 0}, scores(900), traffic::TextEvent{0, "x"},
           traffic::PhaseEvent{Phase::kDecode, 1},
           launch("matmul_kernel", {tensor("weights.w", 5000)}), scores(bytes, 100),
           scores(bytes, 156), traffic::TextEvent{1, "y"}, traffic::PhaseEvent{Phase::kDecode, 2},
           scores(bytes), traffic::TextEvent{2, "z"}, traffic::EndEvent{}}) {
    r.add(e);
  }
  return r;
}

std::string filled_in(const std::string& sentence, const Recording& r) {
  return filled(sentence, card(), r, nullptr);
}

}  // namespace

TEST_CASE("A card is read with all its settings", "[viz][tour]") {
  const TourFile file = parse_tour(kCard, "01_kv_cache.md");
  CHECK(file.chapter == "01");
  CHECK(file.title == "01 kv_cache: keep K and V");
  REQUIRE(file.cards.size() == 1);
  const TourCard& c = file.cards[0];
  CHECK(c.title == "A step reads the cache");
  CHECK(c.row() == "01:vram");
  CHECK(c.compare == "00");
  CHECK(c.panel == "kernels");
  CHECK(c.token == 1);
  CHECK(c.scope == Scope::kKernel);
  CHECK(c.speed == 0.5);
  CHECK(c.play);
  CHECK(c.sentences.size() == 2);
  REQUIRE(c.predictions.size() == 2);
  CHECK_FALSE(c.predictions[0].operations);
  CHECK(c.predictions[1].operations);
  CHECK(c.line == 3);
  CHECK(card(with("- token: 1", "- token: prefill")).token == 0);
}

TEST_CASE("What is wrong with a card is said with file and line", "[viz][tour]") {
  CHECK(error_of("") == "01_x.md:0: the first line is '# NN title'");
  CHECK(error_of("hello") ==
        "01_x.md:1: the file begins with '# NN title', and cards with '## title'");
  CHECK(error_of("# kv\n").find("01_x.md:1: the title begins with the chapter's number") == 0);
  CHECK(error_of("# 01 x\n") == "01_x.md:1: there is no card: each begins with '## title'");
  CHECK(error_of("## a\n") == "01_x.md:1: before the first card comes '# NN title'");
  CHECK(error_of(with("- panel: kernels\n", "")) == "01_x.md:3: the card has no '- panel: '");
  CHECK(error_of(with("- run: 01:vram\n", "")) == "01_x.md:3: the card has no '- run: '");
  CHECK(error_of(with("- token: 1", "- token: x")) ==
        "01_x.md:7: 'x' is not a number from 0 to 1e+06");
  CHECK(error_of(with("- scope: kernel", "- scope: all")) ==
        "01_x.md:10: 'all' is none of kernel, token, run");
  CHECK(error_of(with("- speed: 0.5", "- sped: 0.5")) == "01_x.md:11: no setting is named 'sped'");
  CHECK(error_of(with("{vram_bytes}", "{vram}")) == "01_x.md:16: {vram} is not known");
  CHECK(error_of(with("{vram_bytes}", "{scores.launches}")) ==
        "01_x.md:16: {scores.launches} is not known");
  CHECK(error_of(with("- kernel: scores_kernel\n", "")) ==
        "01_x.md:3: {kernel...} needs '- kernel: '");
  CHECK(error_of(with("- compare: 00\n", "")) == "01_x.md:3: {other....} needs '- compare: '");
  CHECK(error_of(std::string(kCard) + "3\n4\n5\n") ==
        "01_x.md:20: a card has at most 4 sentences, a line each");
  CHECK(error_of(std::string(kCard) + "- token: 2\n") ==
        "01_x.md:18: settings come before the sentences");
}

TEST_CASE("Placeholders are filled from the card's run and token", "[viz][tour]") {
  const Recording r = run_of(small_run("01_kv_cache-vram"), 200);
  CHECK(filled_in("a {vram_bytes} b", r) == "a 5.40 kB b");
  CHECK(filled_in("{kernel.vram_bytes}", r) == "400 B");
  CHECK(filled_in("{weights.vram_bytes} {kv_cache.vram_bytes}", r) == "5.00 kB 400 B");
  CHECK(filled_in("{prefill.vram_bytes}", r) == "900 B");
  CHECK(filled_in("{mean.vram_bytes}", r) == "2.80 kB");  // (5400 + 200) / 2
  CHECK(filled_in("{launches} {mean.launches}", r) == "3 2");
  CHECK(filled_in("{length} {prompt_tokens} {token}", r) == "4 3 1");
  CHECK(filled_in("{kv_kept}", r) == "400 B");
  CHECK(filled_in("{accepted}", r) == "…");
  const TourCard later = card(with("- token: 1", "- token: 7"));
  CHECK(filled("{vram_bytes} {length} {kv_kept} {prompt_tokens}", later, r, nullptr) == "… … … 3");
  CHECK(filled_in("no end {", r) == "no end {");
}

TEST_CASE("A second run fills what is said of it", "[viz][tour]") {
  const Recording r = run_of(small_run("01_kv_cache-vram"), 200);
  const Recording other = run_of(small_run("00_naive"), 2600);
  const std::string text = "{other.vram_bytes} {ratio.mean.vram_bytes}";
  CHECK(filled(text, card(), r, &other) == "10.2 kB 2.29");
  CHECK(filled(text, card(), r, nullptr) == "… …");
  CHECK(filled(text, card(), r, &r) == "… …");  // it is not the run that the card compares with
}

TEST_CASE("A card says how its run is asked for, and a file for all its cards", "[viz][tour]") {
  const std::string more =
      "- prompt: It is: a truth\n- gpu: t4\n- temperature: 0.8\n"
      "- draft-tokens: 2\n";
  const TourFile file = parse_tour(with("## A step", more + "## A step") +
                                       "\n## Another\n- run: 01\n- panel: text\n"
                                       "- prompt: Mr.\n\nA sentence.\n",
                                   "t.md");
  REQUIRE(file.cards.size() == 2);
  const TourCard &first = file.cards[0], &second = file.cards[1];
  CHECK(first.prompt == "It is: a truth");
  CHECK(first.gpu == "t4");
  CHECK(second.prompt == "Mr.");
  CHECK(second.gpu == "t4");
  RunRequest base;
  base.n_tokens = 2, base.seed = 7;
  const RunRequest request = request_for(second, base);
  CHECK(request.row() == "01");
  CHECK(request.prompt == "Mr.");
  CHECK(request.gpu == "t4");
  CHECK(request.temperature == 0.8f);
  CHECK(request.draft_tokens == 2);
  CHECK(request.n_tokens == 2);
  CHECK(request.seed == 7);
  TourCard later = second;
  later.token = 5;
  CHECK(request_for(later, base).n_tokens == 6);
  CHECK(request_for(card(), base).prompt == base.prompt);
  CHECK(request_for(card(), base).temperature == 0);
  CHECK(error_of(with("- speed: 0.5", "- temperature: hot")) ==
        "01_x.md:11: 'hot' is not a number from 0.01 to 10");
}

TEST_CASE("A card's run has the card's prompt", "[viz][tour]") {
  traffic::RunEvent run = small_run("01_kv_cache-vram");
  run.setup.prompt = "Mr.";
  const Recording r = run_of(run, 200);
  CHECK(is_run_of(card(), r));
  CHECK(is_run_of(card(with("- scope", "- prompt: Mr.\n- scope")), r));
  const TourCard other = card(with("- scope", "- prompt: Mrs.\n- scope"));
  CHECK_FALSE(is_run_of(other, r));
  CHECK(filled("{vram_bytes}", other, r, nullptr) == "…");
  CHECK_FALSE(is_run_of(card(with("- scope", "- gpu: t4\n- scope")), r));
  CHECK_FALSE(is_run_of(card(with("- scope", "- temperature: 1\n- scope")), r));
  CHECK_FALSE(is_run_of(card(with("- scope", "- draft-tokens: 2\n- scope")), r));
}

TEST_CASE("Numbers of another run are not shown for the card's", "[viz][tour]") {
  const Recording r = run_of(small_run("01_kv_cache-host"), 200);
  CHECK(filled_in("{vram_bytes}", r) == "…");
  CHECK_FALSE(is_run_of(card(), r));
  CHECK_FALSE(work_of(card(), r));
}

TEST_CASE("A card leads to its kernel in its token", "[viz][tour]") {
  const Recording r = run_of(small_run("01_kv_cache-vram"), 200);
  CHECK(work_of(card(), r) == 2u);
  CHECK(work_of(card(with("- kernel: scores_kernel", "- kernel: none_kernel")), r) == 1u);
  CHECK(work_of(card(with("- play: yes\n", "- kernel: none_kernel\n")), r) == 3u);
  CHECK(work_of(card(with("- token: 1", "- token: 0")), r) == 0u);
  CHECK_FALSE(work_of(card(with("- token: 1", "- token: 9")), r));
}

TEST_CASE("A round of speculative decoding tells its verdict", "[viz][tour]") {
  Recording r;
  r.add(small_run("01_kv_cache-vram"));
  for (const traffic::Event& e : std::vector<traffic::Event>{
           traffic::PhaseEvent{Phase::kPrefill, 0}, scores(1),
           traffic::PhaseEvent{Phase::kDraft, 1}, scores(30),
           traffic::PhaseEvent{Phase::kVerify, 1}, scores(70),
           traffic::VerdictEvent{1, {"a", "b", "c", "d"}, 1, "e"}, traffic::EndEvent{}}) {
    r.add(e);
  }
  CHECK(filled_in("{proposed} {accepted} {round_tokens} {tokens_a_round}", r) == "4 1 2 2.00");
  CHECK(filled_in("{drafting.vram_bytes} {verifying.vram_bytes} {vram_bytes}", r) ==
        "30 B 70 B 100 B");
}

TEST_CASE("A prediction is the lesson's formula for this run, beside the count", "[viz][tour]") {
  const Tour tour(LADDER_SOURCE_DIR);
  const Predicted p = tour.predicted(card(), run_of(small_run("01_kv_cache-vram"), 200));
  REQUIRE(p.problem.empty());
  REQUIRE(p.rows.size() == 2);
  // layers * (4 * q_dim + 2 * length * q_dim + 4 * heads * length), with q_dim 32 and length 4
  CHECK(p.rows[0].predicted == 2 * (4 * 32 + 2 * 4 * 32 + 4 * 4 * 4));
  CHECK(p.rows[0].recorded == 400);
  CHECK(p.rows[0].title == "scores_kernel");
  CHECK_FALSE(p.rows[0].over_pcie);
  CHECK(p.rows[1].operations);
  CHECK(p.rows[1].recorded == 256);
  CHECK(p.rows[1].predicted > 256);
}

TEST_CASE("Why there is no prediction is said", "[viz][tour]") {
  const Tour tour(LADDER_SOURCE_DIR);
  const Recording old = run_of(run_event("01_kv_cache-vram"), 200);
  CHECK(tour.predicted(card(), old).problem.find("does not say the model's shape") !=
        std::string::npos);
  const Recording other = run_of(small_run("00_naive"), 200);
  CHECK(tour.predicted(card(), other).problem == "Decode with 01:vram to see the prediction here.");
  const Recording r = run_of(small_run("01_kv_cache-vram"), 200);
  CHECK(tour.predicted(card(with("- predict: all", "- predict: no_kernel")), r).problem ==
        "No prediction for chapter 01: the lesson predicts no no_kernel");
  CHECK(tour.predicted(card(with("- token: 1", "- token: 8")), r).problem ==
        "Token 8 has not been made (yet).");
  CHECK(tour.predicted(card(with("- token: 1", "- token: 0")), r).problem ==
        "No prediction for chapter 01: its lesson predicts nothing for this phase");
  CHECK(Tour("/nowhere").predicted(card(), r).problem ==
        "No prediction for chapter 01: its lesson was not found");
}

TEST_CASE("A tour without files says so and has no card", "[viz][tour]") {
  Tour tour("/nowhere");
  CHECK(tour.problems() == std::vector<std::string>{"/nowhere/visualizer/tour has no cards."});
  tour.show(0);
  CHECK_FALSE(tour.on());
}

TEST_CASE("The tour goes through its cards and stays within them", "[viz][tour]") {
  Tour tour(LADDER_SOURCE_DIR);
  REQUIRE(tour.size() > 1);
  CHECK_FALSE(tour.on());
  tour.show(1);
  REQUIRE(tour.on());
  CHECK(tour.card().title == tour.files()[0].cards[1].title);
  tour.show(9999);
  CHECK(tour.index() + 1 == tour.size());
  CHECK(tour.file_of(tour.index()).chapter == tour.files().back().chapter);
  tour.stop();
  CHECK_FALSE(tour.on());
}

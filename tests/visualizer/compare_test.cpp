// Two runs side by side: sums, ratios, the tokens that are matched, and what is warned of.
#include <cmath>

#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/compare_model.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;

namespace {

traffic::RunEvent run_of(const std::string& chapter, int n_tokens = 0) {
  traffic::RunEvent e = run_event(chapter);
  e.setup.prompt = "It is";
  e.setup.prompt_pieces = {"It", " is"};
  e.setup.n_tokens = n_tokens;
  e.setup.max_seq_len = 10;
  return e;
}

traffic::PhaseEvent phase(Phase p, int token) { return {p, token}; }
traffic::TextEvent text(int token) { return {token, "t" + std::to_string(token)}; }

// A launch that reads weights and K and V from VRAM, a kernel's worth of everything else.
traffic::LaunchEvent step(uint64_t weights, uint64_t kv, double seconds = 1e-3) {
  traffic::LaunchEvent e =
      launch("step_kernel", {tensor("weights.w", weights), tensor("kv_cache.k", kv)}, seconds);
  e.counts.shared_read_bytes = 10;
  e.counts.shared_wavefronts = 3, e.counts.shared_ideal_wavefronts = 2;
  e.declared.fp32_multiply_adds = double(weights) / 2;
  return e;
}

Recording of(const traffic::RunEvent& run, const std::vector<traffic::Event>& events,
             bool whole = true) {
  Recording r;
  r.add(run);
  for (const traffic::Event& e : events) r.add(e);
  if (whole) r.add(traffic::EndEvent{});
  return r;
}

// A prompt, then two decode steps of 100 and 140 bytes of VRAM, and a flush that counts for nobody.
Recording plain(const std::string& chapter = "01_kv_cache-vram") {
  return of(run_of(chapter, 3),
            {allocation(1, "kv_cache.k", 400, {1, 2, 10, 5}), phase(Phase::kLoad, -1),
             step(9999, 0), phase(Phase::kPrefill, 0), step(300, 50), text(0),
             phase(Phase::kDecode, 1), step(80, 20), text(1), phase(Phase::kDecode, 2),
             step(80, 60, 3e-3), text(2), phase(Phase::kFlush, -1), step(7777, 0)});
}

// The same text in a prefill and one round that proposes three tokens; the text has room for two.
Recording speculative() {
  return of(run_of("05_speculative-03x03", 3),
            {allocation(1, "kv_cache.k", 100, {1, 2, 10, 5}),
             allocation(2, "draft.kv_cache.k", 900, {1, 2, 10, 5}), phase(Phase::kPrefill, 0),
             step(300, 50), text(0), phase(Phase::kDraft, 1), step(10, 0), phase(Phase::kVerify, 1),
             step(80, 30), traffic::VerdictEvent{1, {"a", "b", "c"}, 2, "d"}, text(1), text(2)});
}

double a_of(const Compared& c, const char* row) { return c.row(row)->a; }
double b_of(const Compared& c, const char* row) { return c.row(row)->b; }

}  // namespace

TEST_CASE("A token's numbers are all after the prefill by the tokens produced", "[viz][compare]") {
  const Compared c = compare(plain(), plain("02_tiled_attention-vram"), Part::kPerToken, -1);
  REQUIRE(c.problem.empty());
  CHECK(c.a.tokens == 2);
  CHECK(c.a.columns == 2);
  CHECK(a_of(c, "vram_bytes") == 120);  // (80 + 20 + 80 + 60) / 2: no load, prefill or flush
  CHECK(a_of(c, "l2_bytes") == 120);
  CHECK(a_of(c, "shared_bytes") == 10);
  CHECK(a_of(c, "launches") == 1);
  CHECK(a_of(c, "multiply_adds") == 40);
  CHECK(a_of(c, "seconds") == Approx(2e-3));
  CHECK(a_of(c, "wavefronts") == 1.5);
  CHECK(a_of(c, "l1_hit_rate") == 0);
  CHECK(c.row("vram_bytes")->a_class[int(TensorClass::kWeights)] == 80);
  CHECK(c.row("vram_bytes")->a_class[int(TensorClass::kKvCache)] == 40);
  CHECK(c.warnings.empty());
  CHECK(c.row("vram_bytes")->winner() == 0);
}

TEST_CASE("The kept cache is what the sequence fills of its allocation", "[viz][compare]") {
  const Compared c = compare(plain(), speculative(), Part::kPerToken, -1);
  CHECK(a_of(c, "kv_bytes") == 160);  // 400 bytes for 10 positions, 2 + 2 of them filled
  CHECK(b_of(c, "kv_bytes") == 40);   // the draft's cache is the draft's
  CHECK(a_of(compare(plain(), plain(), Part::kPrefill, -1), "kv_bytes") == 80);
}

TEST_CASE("A round counts for the tokens that it brought, as far as the text had room",
          "[viz][compare]") {
  const Compared c = compare(plain(), speculative(), Part::kPerToken, -1);
  CHECK(c.b.tokens == 2);  // the verdict says three, the text ends at three with the prefill's
  CHECK(c.b.columns == 1);
  CHECK(b_of(c, "vram_bytes") == 60);
  CHECK(c.row("vram_bytes")->ratio() == 2);
  CHECK(c.row("vram_bytes")->winner() == 1);
  CHECK(c.a.name == "01");
  CHECK(c.b.title == "05 speculative 03x03");
}

TEST_CASE("The prefill is compared whole", "[viz][compare]") {
  const Compared c = compare(plain(), speculative(), Part::kPrefill, -1);
  CHECK(a_of(c, "vram_bytes") == 350);
  CHECK(a_of(c, "launches") == 1);
  CHECK(c.row("vram_bytes")->winner() == 0);
}

TEST_CASE("A token is matched with the round that brought it, over the same tokens",
          "[viz][compare]") {
  for (const int token : {1, 2}) {
    const Compared c = compare(plain(), speculative(), Part::kHere, token);
    REQUIRE(c.problem.empty());
    CHECK(c.first_token == 1);
    CHECK(c.last_token == 2);
    CHECK(c.a.columns == 2);
    CHECK(c.b.columns == 1);
    CHECK(a_of(c, "vram_bytes") == 120);
    CHECK(b_of(c, "vram_bytes") == 60);
    CHECK(a_of(c, "seconds") == Approx(2e-3));
  }
  const Compared one = compare(plain(), plain("02_x"), Part::kHere, 1);
  CHECK(one.first_token == 1);
  CHECK(one.last_token == 1);
  CHECK(a_of(one, "vram_bytes") == 100);
}

TEST_CASE("A token that one run has not made yet is no number", "[viz][compare]") {
  const Recording begun = of(run_of("02_tiled_attention-vram", 3),
                             {phase(Phase::kPrefill, 0), step(1, 1), text(0),
                              phase(Phase::kDecode, 1), step(1, 1), text(1)},
                             false);
  // The last column of a stream that goes on may still grow.
  const Compared here = compare(plain(), begun, Part::kHere, 1);
  CHECK(here.problem == "02 has not made token 1 (yet).");
  CHECK(here.rows.empty());
  CHECK(compare(plain(), begun, Part::kPerToken, -1).problem ==
        "02 has not made a token after the prompt (yet).");
  CHECK(compare(plain(), begun, Part::kPrefill, -1).problem.empty());
  CHECK(compare(plain(), plain(), Part::kHere, -1).problem ==
        "No token is being made here. Step to one.");
}

TEST_CASE("What differs beside the chapter is named", "[viz][compare]") {
  traffic::RunEvent other = run_of("01_kv_cache-vram", 3);
  other.model = "big.gguf";
  other.gpu.title = "another GPU";
  other.setup.prompt = "It was";
  other.setup.temperature = 0.5;
  other.setup.seed = 7;
  const Recording b = of(other, {phase(Phase::kPrefill, 0), step(1, 1)});
  const Compared c = compare(plain(), b, Part::kPrefill, -1);
  REQUIRE(c.warnings.size() == 5);
  CHECK(c.warnings[0] == "The models differ: tiny.gguf and big.gguf.");
  CHECK(c.warnings[1].find("another GPU") != std::string::npos);
  CHECK(c.warnings[2] == "The prompts differ: \"It is\" and \"It was\".");
  CHECK(c.warnings[3] == "The temperatures differ: 0 and 0.5.");
  CHECK(c.warnings[4] == "The seeds differ: 0 and 7.");
  CHECK(c.a.name == "01 vram (first)");
}

TEST_CASE("A recording without its setup is not taken for the same prompt", "[viz][compare]") {
  const Recording b = of(run_event("02_tiled_attention-vram"),
                         {allocation(1, "kv_cache.k", 100), phase(Phase::kPrefill, 0), step(1, 1),
                          text(0), phase(Phase::kDecode, 1), step(1, 1), text(1)});
  const Compared c = compare(plain(), b, Part::kPerToken, -1);
  REQUIRE(c.warnings.size() == 2);
  CHECK(c.warnings[0] == "The recording of 02 does not say the prompt: it may differ.");
  CHECK(c.warnings[1].find("2 and 1 tokens") != std::string::npos);
  CHECK(std::isnan(b_of(c, "kv_bytes")));
  CHECK(std::isnan(c.row("kv_bytes")->ratio()));
  CHECK(value_text(Unit::kBytes, b_of(c, "kv_bytes")) == "-");
}

TEST_CASE("Where the texts part is said", "[viz][compare]") {
  CHECK(compare(plain(), speculative(), Part::kPerToken, -1).text_note ==
        "Both write the same text.");
  const Recording b = of(run_of("04_int8-cache"), {phase(Phase::kPrefill, 0), step(1, 1), text(0),
                                                   traffic::TextEvent{1, "else"}});
  CHECK(compare(plain(), b, Part::kPrefill, -1).text_note ==
        "The texts part at token 1: \"t1\" and \"else\".");
}

TEST_CASE("The smaller one wins, but not by a hit rate", "[viz][compare]") {
  ComparedRow row{"x", "x", "counted", "moves less", "", Unit::kBytes};
  row.a = 200, row.b = 100;
  CHECK(row.winner() == 1);
  CHECK(row.ratio() == 2);
  row.b = 199.5;
  CHECK(row.winner() == 0);
  row.a = 5, row.b = 0;
  CHECK(row.winner() == 1);
  CHECK(std::isnan(row.ratio()));
  row.better = nullptr;
  CHECK(row.winner() == 0);
}

TEST_CASE("Measured times stand beside the modelled ones, when all steps have them",
          "[viz][compare]") {
  CHECK(compare(plain(), plain(), Part::kPerToken, -1).row("measured_seconds") == nullptr);
  Recording a = plain();
  a.add(traffic::MeasuredEvent{Phase::kDecode, 1, 0.25});
  CHECK(compare(a, plain(), Part::kPerToken, -1).row("measured_seconds") == nullptr);
  a.add(traffic::MeasuredEvent{Phase::kDecode, 2, 0.75});
  const Compared c = compare(a, plain(), Part::kPerToken, -1);
  REQUIRE(c.row("measured_seconds") != nullptr);
  CHECK(a_of(c, "measured_seconds") == 0.5);
  CHECK(std::isnan(b_of(c, "measured_seconds")));
}

TEST_CASE("A program that counts nothing has no counts", "[viz][compare]") {
  traffic::RunEvent run = run_of("01_kv_cache-vram", 2);
  run.target = "native";
  const Recording native = of(run, {phase(Phase::kPrefill, 0), text(0), phase(Phase::kDecode, 1),
                                    traffic::MeasuredEvent{Phase::kDecode, 1, 0.5}, text(1)});
  const Compared c = compare(plain(), native, Part::kPerToken, -1);
  CHECK(std::isnan(b_of(c, "vram_bytes")));
  CHECK(std::isnan(b_of(c, "seconds")));
  CHECK(a_of(c, "vram_bytes") == 120);
  CHECK(b_of(c, "measured_seconds") == 0.5);
  CHECK(c.warnings[0] == "The programs differ: traced and native.");
}

TEST_CASE("Natural pairs are the neighbours and the other settings", "[viz][compare]") {
  CatalogData catalog;
  const auto chapter = [&](const char* id, const char* variant, const char* kv, bool shown) {
    ChapterInfo c;
    c.id = id, c.name = "n", c.variant = variant, c.kv = kv, c.by_default = shown;
    catalog.chapters.push_back(c);
  };
  chapter("00", "", "", true);
  chapter("01", "host", "host", false), chapter("01", "vram", "vram", true);
  chapter("02", "vram", "vram", true), chapter("02", "host", "host", false);
  chapter("04", "host", "host", false), chapter("04", "cache", "vram", true);
  const auto pairs = natural_pairs(catalog, "02_tiled_attention-vram");
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0].chapter.row() == "01:vram");
  CHECK(pairs[0].why == "the chapter before: what does 02 change?");
  CHECK(pairs[1].chapter.row() == "04:cache");
  CHECK(pairs[2].chapter.row() == "02:host");
  CHECK(pairs[2].why == "the same chapter, its cache in host RAM");
  CHECK(natural_pairs(catalog, "00_naive").size() == 1);
  CHECK(natural_pairs(CatalogData(), "02_tiled_attention-vram").empty());
}

TEST_CASE("The second run is asked for as the first was", "[viz][compare]") {
  RunRequest first;
  first.model = "m.gguf", first.kv = "host", first.prompt = "typed later";
  traffic::RunEvent run = run_of("02_tiled_attention-vram", 9);
  run.setup.temperature = 0.5, run.setup.seed = 3;
  ChapterInfo chapter;
  chapter.id = "01", chapter.variant = "host";
  const RunRequest second = request_beside(first, run, chapter);
  CHECK(second.row() == "01:host");
  CHECK(second.kv.empty());
  CHECK(second.model == "m.gguf");
  CHECK(second.prompt == "It is");
  CHECK(second.n_tokens == 9);
  CHECK(second.temperature == 0.5f);
  CHECK(second.seed == 3);
  CHECK(request_beside(first, run_event(), chapter).prompt == "typed later");
}

TEST_CASE("Numbers have three digits, exact ones all", "[viz][compare]") {
  CHECK(value_text(Unit::kBytes, 8004812) == "8.00 MB");
  CHECK(exact_text(Unit::kBytes, 8004812) == "8,004,812 B");
  CHECK(exact_text(Unit::kBytes, 1234.5) == "1,234.50 B");
  CHECK(value_text(Unit::kCount, 91.25) == "91.2");
  CHECK(value_text(Unit::kPercent, 0.125) == "12.5%");
  CHECK(value_text(Unit::kRatio, 1.5) == "1.50");
}

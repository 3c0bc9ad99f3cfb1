// Every card of the shipped tour against the run that it speaks of: all its numbers are there, it
// leads to its kernel and tensor, and the lesson's operations are exactly those declared.
#include <algorithm>
#include <map>
#include <set>

#include "tests/visualizer/reported.h"
#include "visualizer/models/compare_model.h"
#include "visualizer/models/rows.h"
#include "visualizer/models/tour_model.h"

using namespace viz;
using namespace viz_test;

namespace {

// As the window decodes it with the prompt that stands there, and fewer tokens.
RunRequest request_of(const std::string& row) {
  RunRequest request = short_run(row.substr(0, 2), row.size() > 3 ? row.substr(3) : "");
  request.n_tokens = 9;
  return request;
}

const Recording& run_of(const RunRequest& request) {
  static std::map<std::vector<std::string>, Recording> runs;
  const auto found = runs.find(request.arguments());
  if (found != runs.end()) return found->second;
  return runs.emplace(request.arguments(), recorded(request)).first->second;
}

// The second run beside a card's: asked for alike.
const Recording& beside(const TourCard& card, RunRequest request) {
  const RunRequest other = request_of(card.compare);
  request.chapter = other.chapter, request.variant = other.variant;
  return run_of(request);
}

bool has_tensor(const Recording& r, const std::string& name) {
  return std::any_of(r.allocations().begin(), r.allocations().end(),
                     [&](const AllocationAt& a) { return a.name == name; });
}

void check_place(const TourCard& card, const Recording& run) {
  const auto work = work_of(card, run);
  REQUIRE(work);
  if (!card.kernel.empty()) CHECK(run.kernel_name(*work) == card.kernel);
  if (!card.tensor.empty()) CHECK(has_tensor(run, card.tensor));
}

void check_predictions(const Tour& tour, const TourCard& card, const Recording& run) {
  const Predicted predicted = tour.predicted(card, run);
  CHECK(predicted.problem == "");
  REQUIRE(predicted.rows.size() == card.predictions.size());
  for (const PredictedRow& row : predicted.rows) {
    INFO(row.title);
    CHECK(row.predicted > 0);
    if (row.operations) CHECK(row.recorded == Approx(row.predicted).epsilon(1e-9));
  }
}

}  // namespace

TEST_CASE("Every card has its numbers, its place and its prediction in its own run",
          "[viz][tour][runs]") {
  const Tour tour(LADDER_SOURCE_DIR);
  REQUIRE(tour.size() > 0);
  for (size_t i = 0; i < tour.size(); ++i) {
    const TourCard& card = tour.card_at(i);
    INFO(tour.file_of(i).name << ":" << card.line << " " << card.title);
    const RunRequest request = request_for(card, request_of(card.row()));
    const Recording& run = run_of(request);
    const Recording* other = card.compare.empty() ? nullptr : &beside(card, request);
    REQUIRE(is_run_of(card, run));
    check_place(card, run);
    check_predictions(tour, card, run);
    for (const std::string& sentence : card.sentences) {
      INFO(sentence);
      CHECK(filled(sentence, card, run, other).find("…") == std::string::npos);
    }
    if (other == nullptr) continue;
    const Compared compared = compare(run, *other, Part::kPerToken, -1);
    CHECK(compared.problem == "");
    CHECK(compared.warnings == std::vector<std::string>{});
  }
}

TEST_CASE("Chapter 02's cards show a walk over several tiles of keys", "[viz][tour][runs]") {
  const Tour tour(LADDER_SOURCE_DIR);
  for (const char* name : {"02.2", "02.3"}) {
    const TourCard& card = tour.card_at(*tour.find(name));
    REQUIRE(card.panel == "tiles");
    const Recording& run = run_of(request_for(card, request_of(card.row())));
    const auto work = work_of(card, run);
    REQUIRE(work);
    REQUIRE(run.launch(*work)->walk);
    const auto& all = run.allocations();
    const auto keys = std::find_if(all.begin(), all.end(),
                                   [](const AllocationAt& a) { return a.name == "kv_cache.k"; });
    REQUIRE(keys != all.end());
    std::set<uint64_t> tiles;  // of 32 keys
    for (const traffic::WalkStep& step : run.launch(*work)->walk->steps) {
      if (step.kind != traffic::WalkStep::kSharedWrite || step.id != keys->id) continue;
      each_run(row_shape(*keys), step.range, [&](uint64_t, uint64_t, uint64_t first, uint64_t end) {
        for (uint64_t row = first; row < end; ++row) tiles.insert(row / 32);
      });
    }
    INFO(name);
    CHECK(tiles.size() >= 3);
  }
}

TEST_CASE("A token's numbers in the comparison are those of the ladder table",
          "[viz][compare][runs]") {
  // A round may bring more tokens than the text has room for: none of them counts.
  const Recording& plain = run_of(request_of("03:vram"));
  const Recording& rounds = run_of(request_of("05:03x03"));
  CHECK(tokens_after_prefill(plain) == 8);
  CHECK(tokens_after_prefill(rounds) == 8);
  const Compared c = compare(plain, rounds, Part::kPerToken, -1);
  CHECK(c.text_note == "Both write the same text.");
  CHECK(c.row("kv_bytes")->a == c.row("kv_bytes")->b);
  CHECK(c.row("vram_bytes")->winner() == 1);
  CHECK(c.row("multiply_adds")->winner() == -1);
}

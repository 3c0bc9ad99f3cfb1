// Every card of the shipped tour against the run that it speaks of: all its numbers are there, it
// leads to its kernel and tensor, and the lesson's operations are exactly those declared.
#include <algorithm>
#include <map>

#include "tests/catch.h"
#include "tests/visualizer/source_help.h"
#include "visualizer/core/chapter_label.h"
#include "visualizer/core/source.h"
#include "visualizer/models/compare_model.h"
#include "visualizer/models/tour_model.h"

using namespace viz;
using viz_test::wait_until;

namespace {

// As the window decodes it: the prompt that stands there, and fewer tokens.
Recording decoded(const std::string& row) {
  RunRequest request;
  request.program = LADDER_TRACED;
  request.chapter = row.substr(0, 2);
  request.variant = row.size() > 3 ? row.substr(3) : "";
  request.model = LADDER_SOURCE_DIR "/common/models/austen-4m.gguf";
  request.n_tokens = 9;
  Source source;
  source.start(request);
  Recording recording;
  REQUIRE(wait_until(
      [&] {
        for (traffic::Event& e : source.take(1000)) recording.add(std::move(e));
        return source.state() != Source::State::kRunning;
      },
      std::chrono::minutes(5)));
  REQUIRE(source.message() == "");
  REQUIRE(recording.complete());
  return recording;
}

const Recording& run_of(const std::string& row) {
  static std::map<std::string, Recording> runs;
  const auto found = runs.find(row);
  return found != runs.end() ? found->second : runs.emplace(row, decoded(row)).first->second;
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
    const Recording& run = run_of(card.row());
    const Recording* other = card.compare.empty() ? nullptr : &run_of(card.compare);
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

TEST_CASE("A token's numbers in the comparison are those of the ladder table",
          "[viz][compare][runs]") {
  // A round may bring more tokens than the text has room for: none of them counts.
  const Recording &plain = run_of("03:vram"), &rounds = run_of("05:03x03");
  CHECK(tokens_after_prefill(plain) == 8);
  CHECK(tokens_after_prefill(rounds) == 8);
  const Compared c = compare(plain, rounds, Part::kPerToken, -1);
  CHECK(c.text_note == "Both write the same text.");
  CHECK(c.row("kv_bytes")->a == c.row("kv_bytes")->b);
  CHECK(c.row("vram_bytes")->winner() == 1);
  CHECK(c.row("multiply_adds")->winner() == -1);
}

// The tour: cards that lead through each chapter. Read from visualizer/tour/NN_name.md; what a file
// may say is in visualizer/tour/README.md.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "visualizer/core/playback.h"     // Scope
#include "visualizer/core/recording.h"    // Recording
#include "visualizer/core/run_request.h"  // RunRequest

namespace viz {

// "02_tiled_attention.md:17: what is wrong".
class TourError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Of one kernel, or of all ("all"): the lesson's formula, to be held beside the count.
struct CardPrediction {
  std::string kernel;
  bool operations = false;  // multiply-adds; else bytes
};

struct TourCard {
  std::string title;
  std::vector<std::string> sentences;  // 1 to 4, with {placeholders}
  std::string chapter, variant;        // "01", "vram": the run that it speaks of
  // And how that was asked for, where the card says so; empty, 0: any.
  std::string prompt, gpu;
  double temperature = 0;
  int draft_tokens = 0;
  std::string compare;  // row of the second run, "00" or "01:host"; empty: none
  std::string panel;    // id
  int token = 1;        // number of the text token; 0 is the prefill's
  Scope scope = Scope::kToken;
  std::string kernel;  // selected, and gone to; empty: none
  std::string tensor;  // selected; empty: none
  double speed = 0;    // tokens a second; 0: as it is
  bool play = false;   // time goes on
  std::vector<CardPrediction> predictions;
  int line = 0;  // of its title in the file

  std::string row() const { return variant.empty() ? chapter : chapter + ":" + variant; }
};

struct TourFile {
  std::string name;     // "02_tiled_attention.md"
  std::string chapter;  // "02"
  std::string title;    // "02 tiled_attention: the scores never leave the chip"
  std::vector<TourCard> cards;
};

// Throws TourError for what the format does not allow.
TourFile parse_tour(const std::string& text, const std::string& name);

// One line of a prediction: what the lesson's formula gives, and what was recorded.
struct PredictedRow {
  std::string title;     // "scores_kernel", "all kernels"
  std::string formula;   // as the lesson has it; empty for all
  double predicted = 0;  // bytes or multiply-adds, of one step
  double recorded = 0;   // the same, of the card's column
  bool operations = false;
  bool over_pcie = false;  // some of the recorded bytes went over PCIe
};

// The lesson's predictions for a card, or why there are none.
struct Predicted {
  std::vector<PredictedRow> rows;
  std::string problem;  // one line; empty when there is none
};

// All cards, in order, and which one is shown.
class Tour {
 public:
  // A tour without cards.
  Tour() = default;
  // `root` holds visualizer/tour and chapters. What cannot be read is a problem, no error.
  explicit Tour(const std::string& root);

  const std::vector<TourFile>& files() const { return files_; }
  // What was wrong with the files, a line each.
  const std::vector<std::string>& problems() const { return problems_; }

  bool on() const { return on_ && size() > 0; }
  void stop() { on_ = false; }
  size_t size() const;                     // cards in all files
  size_t index() const { return index_; }  // of the current card
  // Shows a card and turns the tour on. Beyond the last: the last.
  void show(size_t index);
  // The card's place has not been gone to yet: its run may still have to be decoded that far.
  bool on_its_way() const { return on_its_way_; }
  void arrived() { on_its_way_ = false; }
  // Of "02.3", the third card of chapter 02.
  std::optional<size_t> find(const std::string& card) const;
  const TourCard& card() const { return card_at(index_); }
  const TourCard& card_at(size_t index) const;
  const TourFile& file_of(size_t index) const;

  // The predict block of a card's lesson, evaluated for this run. Needs a run of the card's chapter
  // with its setup.
  Predicted predicted(const TourCard& card, const Recording& recording) const;
  // Of the current card; made anew only when the card or the recording is another one.
  const Predicted& predicted_now(const Recording& recording) const;

 private:
  const std::string& lesson_of(const std::string& chapter) const;  // its text; empty: not found

  std::string root_;
  mutable std::map<std::string, std::string> lessons_;  // those that were read, by chapter
  std::vector<TourFile> files_;
  std::vector<std::string> problems_;
  // What predicted_now gave last, and for which card, recording and number of events.
  struct {
    size_t index = SIZE_MAX, events = 0;
    const Recording* recording = nullptr;
    Predicted value;
  } mutable last_;
  bool on_ = false, on_its_way_ = false;
  size_t index_ = 0;
};

// The card's run, with what it does not say as in `base`, and enough tokens for its place.
RunRequest request_for(const TourCard& card, const RunRequest& base);
// Whether a recording is one of the card's run: the same chapter and variant, and asked for as the
// card says.
bool is_run_of(const TourCard& card, const Recording& recording);
// Where the card leads in a recording of its run: the first launch of its kernel in its column,
// else the column's first work if time goes on from there, or its last, when all of it is done.
// Empty while it has not been recorded.
std::optional<size_t> work_of(const TourCard& card, const Recording& recording);
// A sentence with its placeholders filled from the recordings; "…" for what they do not have (yet).
// `other` may be null.
std::string filled(const std::string& sentence, const TourCard& card, const Recording& recording,
                   const Recording* other);
// The placeholders of a sentence that do not exist; for the parser and the tests.
std::vector<std::string> unknown_placeholders(const std::string& sentence);

// The folder that holds visualizer/tour and chapters: the source tree, or the one beside the
// program; empty when there is none.
std::string find_tour_root();

}  // namespace viz

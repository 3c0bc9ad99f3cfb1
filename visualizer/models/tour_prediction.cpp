// The lesson's formulas, evaluated for the run that is looked at.
#include "common/lesson/document.h"           // fill, Block
#include "common/lesson/error.h"              // LessonError
#include "common/lesson/prediction.h"         // read_prediction, step_variables, evaluate
#include "visualizer/core/chapter_label.h"    // chapter_label
#include "visualizer/models/compare_model.h"  // whole_columns, sequence_length
#include "visualizer/models/tour_model.h"

namespace viz {
namespace {

// The model of the run's setup, as reports of ladder-traced have it.
lesson::Variables shape_of(const Recording& recording) {
  const traffic::RunSetup& s = recording.run().setup;
  uint64_t weights = 0;
  for (const AllocationAt& a : recording.allocations()) {
    if (class_of(a.name) == TensorClass::kWeights) weights += a.bytes;
  }
  return lesson::shape_of({{"model",
                            {{"dim", s.dim},
                             {"hidden_dim", s.hidden_dim},
                             {"n_layers", s.n_layers},
                             {"n_heads", s.n_heads},
                             {"n_kv_heads", s.n_kv_heads},
                             {"head_dim", s.head_dim},
                             {"vocab_size", s.vocab_size},
                             {"weight_bytes", weights}}},
                           {"prompt_tokens", s.prompt_pieces.size()}});
}

// The lesson's block for a card: of its variant, else of another one of its chapter.
std::optional<lesson::Block> block_of(const std::string& document, const TourCard& card) {
  std::optional<lesson::Block> best;
  const std::string exact = card.variant.empty() ? card.chapter : card.chapter + "-" + card.variant;
  lesson::fill(document, [&](const lesson::Block& block) {
    if (block.kind != "predict" || block.arguments.size() < 2) return std::string();
    const bool prefill = block.arguments.size() > 2 && block.arguments[2] == "prefill";
    if (prefill != (card.token == 0)) return std::string();
    if (!best || block.arguments[1] == exact) best = block;
    return std::string();
  });
  return best;
}

// Of one kernel in one column.
void add_recorded(PredictedRow& row, const Recording& r, const Column& column,
                  const std::string& kernel) {
  for (size_t w = column.works.begin; w < column.works.end; ++w) {
    if (r.launch(w) == nullptr || r.kernel_name(w) != kernel) continue;
    const Sums sums = r.sums({w, w + 1});
    if (row.operations) {
      row.recorded += sums.declared.multiply_adds();
      continue;
    }
    row.recorded += double(sums.memory.vram_bytes() + sums.memory.host_bytes());
    if (sums.memory.host_bytes() > 0) row.over_pcie = true;
  }
}

PredictedRow row_of(const CardPrediction& wanted, const lesson::Prediction& prediction,
                    const lesson::Variables& variables, const Recording& r, const Column& column) {
  const bool all = wanted.kernel == "all";
  PredictedRow row;
  row.title = all ? "all kernels" : wanted.kernel;
  row.operations = wanted.operations;
  bool found = false;
  for (const lesson::KernelFormula& kernel : prediction.kernels) {
    if (!all && kernel.kernel != wanted.kernel) continue;
    found = true;
    const std::string& formula = wanted.operations ? kernel.multiply_adds : kernel.bytes;
    if (!all) row.formula = formula;
    row.predicted += lesson::evaluate(formula, variables);
    add_recorded(row, r, column, kernel.kernel);
  }
  if (!found) throw lesson::LessonError("the lesson predicts no " + wanted.kernel);
  return row;
}

std::string why_not(const TourCard& card, const Recording& r) {
  if (!is_run_of(card, r)) return "Decode with " + card.row() + " to see the prediction here.";
  const traffic::RunSetup& s = r.run().setup;
  if (s.dim == 0 || s.prompt_pieces.empty()) {
    return "This recording does not say the model's shape and the prompt, which the prediction "
           "needs: it was made by an older program.";
  }
  const int column = r.column_of_token(card.token);
  if (column >= 0 && size_t(column) < whole_columns(r)) return "";
  return "Token " + std::to_string(card.token) + " has not been made (yet).";
}

}  // namespace

Predicted Tour::predicted(const TourCard& card, const Recording& recording) const {
  Predicted result;
  if (card.predictions.empty()) return result;
  result.problem = why_not(card, recording);
  if (!result.problem.empty()) return result;
  try {
    const std::string& document = lesson_of(card.chapter);
    if (document.empty()) throw lesson::LessonError("its lesson was not found");
    const auto block = block_of(document, card);
    if (!block) throw lesson::LessonError("its lesson predicts nothing for this phase");
    const lesson::Prediction prediction = lesson::read_prediction(block->lines);
    const lesson::Variables variables = lesson::step_variables(
        prediction, shape_of(recording), sequence_length(recording, card.token));
    const Column& column = recording.columns()[recording.column_of_token(card.token)];
    for (const CardPrediction& wanted : card.predictions) {
      result.rows.push_back(row_of(wanted, prediction, variables, recording, column));
    }
  } catch (const std::exception& error) {
    result.rows.clear();
    result.problem = "No prediction for chapter " + card.chapter + ": " + error.what();
  }
  return result;
}

const Predicted& Tour::predicted_now(const Recording& recording) const {
  const size_t events = recording.events().size();
  if (last_.index != index_ || last_.recording != &recording || last_.events != events) {
    last_ = {index_, events, &recording, predicted(card(), recording)};
  }
  return last_.value;
}

}  // namespace viz

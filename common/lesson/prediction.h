// The prediction of a lesson: a byte formula and an operation formula for each kernel, evaluated at
// every decode step of a report and held beside what was counted and declared.
#pragma once

#include <string>
#include <vector>

#include "common/lesson/document.h"  // Block
#include "common/lesson/reports.h"   // Json

namespace lesson {

struct KernelFormula {
  std::string kernel;         // without template arguments
  std::string bytes;          // of all its launches in one step
  std::string multiply_adds;  // the same; may be "0"
};

// The lines of a block: "let name = formula" and "kernel: bytes; multiply_adds".
struct Prediction {
  std::vector<std::pair<std::string, std::string>> names;  // in order
  std::vector<KernelFormula> kernels;
};
Prediction read_prediction(const std::vector<std::string>& lines);

// `shape` (as shape_of gives it) with `length`, the tokens in the sequence after the step, and the
// prediction's own names.
Variables step_variables(const Prediction& prediction, Variables shape, int length);

// Block "predict REPORT CHAPTER [PHASE]": a table, of the decode steps or of the prefill (whose
// `length` is the prompt). Throws LessonError when a kernel of the report has no
// formula, or when the declared operations are not exactly what the formula gives.
std::string prediction_table(const Block& block, const Json& run);

}  // namespace lesson

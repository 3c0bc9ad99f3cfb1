// Sums the formulas over the steps of a report.
#include "common/lesson/prediction.h"

#include <cmath>

#include "common/lesson/error.h"   // LessonError
#include "common/lesson/text.h"    // split, markdown_table
#include "common/traffic/units.h"  // bytes_text, count_text

namespace lesson {

Prediction read_prediction(const std::vector<std::string>& lines) {
  Prediction prediction;
  for (const std::string& line : lines) {
    if (line.rfind("let ", 0) == 0) {
      const auto parts = split(line.substr(4), '=');
      if (parts.size() != 2) throw LessonError("'" + line + "': expected let NAME = FORMULA");
      prediction.names.emplace_back(parts[0], parts[1]);
      continue;
    }
    const auto parts = split(line, ':');
    const auto formulas = parts.size() == 2 ? split(parts[1], ';') : parts;
    if (parts.size() != 2 || formulas.size() != 2) {
      throw LessonError("'" + line + "': expected KERNEL: BYTES; MULTIPLY_ADDS");
    }
    prediction.kernels.push_back({parts[0], formulas[0], formulas[1]});
  }
  return prediction;
}

Variables step_variables(const Prediction& prediction, Variables shape, int length) {
  shape["length"] = length;
  for (const auto& [name, formula] : prediction.names) shape[name] = evaluate(formula, shape);
  return shape;
}

namespace {

// What the report says of one kernel, over all instances of a template.
struct Counted {
  double vram_bytes = 0, multiply_adds = 0;
};

std::map<std::string, Counted> counted_kernels(const Json& chapter, const std::string& phase) {
  std::map<std::string, Counted> kernels;
  for (const Json& row : chapter.at("counts").at("kernels")) {
    const std::string name = row.at("kernel");
    const bool ours = name.front() != '(' && name.find("::") == std::string::npos;
    if (row.at("phase") != phase || !ours) continue;
    Counted& sum = kernels[name.substr(0, name.find('<'))];
    sum.vram_bytes += value_of(row, field("vram_bytes"));
    sum.multiply_adds += value_of(row, field("multiply_adds"));
  }
  return kernels;
}

void check_operations(const KernelFormula& kernel, double predicted, double declared) {
  if (std::fabs(predicted - declared) <= 1e-9 * declared) return;
  throw LessonError(kernel.kernel + " declares " + std::to_string(declared) +
                    " multiply-adds, the formula gives " + std::to_string(predicted));
}

}  // namespace

std::string prediction_table(const Block& block, const Json& run) {
  const Json& one = chapter(run, block.arguments.at(1));
  const Prediction prediction = read_prediction(block.lines);
  const std::string phase = block.arguments.size() > 2 ? block.arguments[2] : "decode";
  const int steps = static_cast<int>(parts_of(one, phase));
  auto counted = counted_kernels(one, phase);
  std::vector<std::vector<std::string>> rows;
  KernelFormula sum{"all", "", ""};
  double all_predicted = 0, all_counted = 0, all_operations = 0;
  for (const KernelFormula& kernel : prediction.kernels) {
    const auto found = counted.find(kernel.kernel);
    if (found == counted.end()) throw LessonError("no " + kernel.kernel + " was counted");
    double bytes = 0, operations = 0;
    for (int step = 1; step <= steps; ++step) {
      const int length = run.at("prompt_tokens").get<int>() + (phase == "decode" ? step : 0);
      const Variables variables = step_variables(prediction, shape_of(run), length);
      bytes += evaluate(kernel.bytes, variables);
      operations += evaluate(kernel.multiply_adds, variables);
    }
    check_operations(kernel, operations, found->second.multiply_adds);
    rows.push_back({"`" + kernel.kernel + "`", traffic::bytes_text(bytes / steps),
                    traffic::bytes_text(found->second.vram_bytes / steps),
                    traffic::count_text(operations / steps)});
    all_predicted += bytes;
    all_counted += found->second.vram_bytes;
    all_operations += operations;
    counted.erase(found);
  }
  if (!counted.empty()) throw LessonError("no formula for " + counted.begin()->first);
  rows.push_back({"**all**", traffic::bytes_text(all_predicted / steps),
                  traffic::bytes_text(all_counted / steps),
                  traffic::count_text(all_operations / steps)});
  return markdown_table({"kernel", "predicted", "VRAM, counted", "multiply-adds, declared"}, rows);
}

}  // namespace lesson

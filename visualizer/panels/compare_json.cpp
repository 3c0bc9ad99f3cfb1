// Numbers that are not known are null.
#include "visualizer/panels/compare_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace viz {
namespace {

nlohmann::ordered_json number_json(double value) {
  return std::isnan(value) ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(value);
}

nlohmann::ordered_json row_json(const ComparedRow& row) {
  nlohmann::ordered_json json = {{"id", row.id},
                                 {"kind", row.kind},
                                 {"first", number_json(row.a)},
                                 {"second", number_json(row.b)},
                                 {"ratio", number_json(row.ratio())}};
  json["better"] = row.winner() == 0
                       ? nlohmann::ordered_json(nullptr)
                       : nlohmann::ordered_json(row.winner() < 0 ? "first" : "second");
  if (!row.by_class) return json;
  for (int i = 0; i < kTensorClasses; ++i) {
    const char* name = class_name(static_cast<TensorClass>(i));
    json["tensors"][name] = {{"first", row.a_class[i]}, {"second", row.b_class[i]}};
  }
  return json;
}

nlohmann::ordered_json side_json(const ComparedSide& s) {
  return {{"title", s.title},
          {"model", s.model},
          {"gpu", s.gpu},
          {"tokens", s.tokens},
          {"columns", s.columns}};
}

}  // namespace

const char* part_id(Part part) {
  return part == Part::kPerToken ? "per_token" : part == Part::kPrefill ? "prefill" : "here";
}

nlohmann::ordered_json compared_json(const Compared& c) {
  nlohmann::ordered_json json = {{"part", part_id(c.part)},
                                 {"first", side_json(c.a)},
                                 {"second", side_json(c.b)},
                                 {"warnings", c.warnings}};
  if (!c.problem.empty()) json["problem"] = c.problem;
  json["rows"] = nlohmann::ordered_json::array();
  for (const ComparedRow& row : c.rows) json["rows"].push_back(row_json(row));
  return json;
}

}  // namespace viz

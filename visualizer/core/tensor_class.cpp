// Sorts tensors by their names.
#include "visualizer/core/tensor_class.h"

namespace viz {
namespace {

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

}  // namespace

const char* class_name(TensorClass c) {
  static const char* const names[] = {"weights", "KV cache", "activations",
                                      "scores",  "draft",    "other"};
  return names[static_cast<int>(c)];
}

TensorClass class_of(std::string_view tensor) {
  if (begins(tensor, "draft")) return TensorClass::kDraft;
  if (begins(tensor, "weights")) return TensorClass::kWeights;
  if (begins(tensor, "kv_cache")) return TensorClass::kKvCache;
  if (begins(tensor, "scores") || begins(tensor, "partial")) return TensorClass::kScores;
  if (begins(tensor, "sampler") || tensor == "unnamed" || tensor.empty()) {
    return TensorClass::kOther;
  }
  return TensorClass::kActivations;
}

}  // namespace viz

// What kind of data a tensor is: every panel colours by it.
#pragma once

#include <string_view>

namespace viz {

enum class TensorClass { kWeights, kKvCache, kActivations, kScores, kDraft, kOther };
constexpr int kTensorClasses = 6;

const char* class_name(TensorClass c);  // "weights", "KV cache", "activations", ...

// By the names that decoders give their memory: "weights.*", "kv_cache.*", "scores", "draft*";
// "unnamed" and what the sampler keeps are kOther, everything else is an activation.
TensorClass class_of(std::string_view tensor);

}  // namespace viz

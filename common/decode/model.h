// A loaded model, as chapters get it.
#pragma once

#include "common/decode/device_weights.h"  // DeviceWeights
#include "common/model/gguf.h"             // GgufFile
#include "common/model/weights.h"          // HostWeights

namespace decode {

// Copies of it are cheap. What it refers to is loaded once, shared by all chapters, and outlives
// every decoder and generator that is made from it.
struct Model {
  const DeviceWeights& device;            // bf16, in VRAM
  const model::HostWeights& host;         // the same numbers in host RAM
  const model::GgufFile* file = nullptr;  // where they come from: the raw blocks of Q8_0 or Q4
                                          // tensors. Null for a model that was made in memory
};

// Whether both are one and the same: a target that drafts for itself.
inline bool same_model(const Model& a, const Model& b) { return &a.device == &b.device; }

}  // namespace decode

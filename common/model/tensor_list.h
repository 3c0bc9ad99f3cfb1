// Which tensors a model of a given shape must have.
#pragma once

#include <string>

#include "common/model/config.h"

namespace model {

// "blk.3.attn_q.weight"
std::string layer_tensor(int layer, const std::string& name);

// Checks that the file has each tensor in the right shape, and no other: an unknown tensor means
// a kind of model that would be computed wrongly. Throws ModelError naming the tensor.
void check_tensors(const GgufFile& file, const Config& config);

}  // namespace model

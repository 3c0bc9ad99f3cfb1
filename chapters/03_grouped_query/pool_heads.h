// Turns a model into one with other heads of K and V: fewer by mean pooling, as the paper starts
// its "uptrained" models, or more by copies.
//
// Source: Ainslie et al., "GQA", 2023 (arXiv 2305.13245), section 2.1.
#pragma once

#include <string>
#include <vector>

#include "common/model/config.h"  // Config
#include "common/model/gguf.h"    // GgufFile, TensorType

namespace ch03 {

// The counts of heads of K and V that a model can be turned to, largest first: they divide its
// query heads, and divide or are multiples of what it has.
std::vector<int> possible_kv_heads(const model::Config& config);

// `rows` holds heads of `head_values` values each (head_dim rows of a matrix, or head_dim numbers
// of a bias). Fewer heads: each is the mean of its neighbours that it stands for, summed in double.
// More: each head is repeated. Query head h then still finds its own head at h / group.
std::vector<float> pool_heads(const std::vector<float>& rows, size_t head_values, int from, int to);

// Writes the model of `file` to `path` with `kv_heads` heads of K and V, which are stored as
// `stored` (F32, F16 or BF16); all else is copied as it is. Throws ModelError naming what is
// possible when kv_heads is not, and when `path` is the file itself or cannot be written.
void convert_heads(const model::GgufFile& file, int kv_heads, model::TensorType stored,
                   const std::string& path);

}  // namespace ch03

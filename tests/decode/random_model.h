// Small random models of awkward shapes, and an independent decoder in double precision.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/decode/model.h"   // Model, DeviceWeights
#include "common/model/weights.h"  // HostWeights
#include "tests/decode/values.h"   // Source

struct ModelShape {
  int head_dim = 8, n_heads = 3, n_kv_heads = 1;
  bool tied = false, qkv_bias = false, rope_freqs = false;
  int dim = 40, hidden_dim = 56, n_layers = 2, vocab_size = 67, max_seq_len = 160;
};

model::HostWeights random_model(const ModelShape& shape, values::Source& source);

// A model that was made in memory, uploaded. Must outlive what is made from it.
struct UploadedModel {
  explicit UploadedModel(model::HostWeights weights, const std::string& name = "weights")
      : host(std::move(weights)), device(decode::upload_weights(host, name)) {}
  operator decode::Model() const { return {device, host}; }

  model::HostWeights host;
  decode::DeviceWeights device;
};

// Shapes with the head sizes and group sizes that chapters promise, tied and not, with and without
// biases and rotary divisors.
std::vector<ModelShape> awkward_shapes();
std::string describe(const ModelShape& shape);

std::vector<int> random_tokens(int count, int vocab_size, values::Source& source);

// Logits (tokens.size(), vocab_size) in double precision, K and V rounded to bf16 (unless not).
std::vector<double> reference_logits(const model::HostWeights& weights,
                                     const std::vector<int>& tokens, bool round_kv = true);

// norm(a - b) / norm(b)
double relative_l2(const std::vector<float>& a, const std::vector<double>& b);

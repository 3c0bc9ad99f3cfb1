// A model's weights in VRAM: uploaded once a program, shared by all chapters.
#pragma once

#include <string>
#include <vector>

#include "common/gpu/bf16.h"       // bf16
#include "common/gpu/buffer.h"     // DeviceBuffer
#include "common/model/weights.h"  // HostWeights, Config

namespace decode {

// (rows, cols), row-major: out[r] = sum over c of data[r * cols + c] * in[c].
struct DeviceMatrix {
  gpu::DeviceBuffer<gpu::bf16> data;
  int rows = 0;  // outputs
  int cols = 0;  // inputs
};

using DeviceVector = gpu::DeviceBuffer<float>;

// Shapes as in model::HostLayer. Biases are empty when the model has none.
struct DeviceLayer {
  DeviceVector attn_norm;
  DeviceMatrix attn_q, attn_k, attn_v;
  DeviceVector attn_q_bias, attn_k_bias, attn_v_bias;
  DeviceMatrix attn_output;
  DeviceVector ffn_norm;
  DeviceMatrix ffn_gate, ffn_up, ffn_down;
};

struct DeviceWeights {
  model::Config config;
  DeviceMatrix token_embd;  // (vocab_size, dim)
  std::vector<DeviceLayer> layers;
  DeviceVector output_norm;          // (dim)
  DeviceMatrix output;               // (vocab_size, dim); empty when tied
  std::vector<float> rope_divisors;  // (head_dim/2) in host memory, or empty

  // The matrix that gives the logits: output, or token_embd when tied.
  const DeviceMatrix& output_matrix() const { return config.tied_embedding ? token_embd : output; }
};

// Copies all weights to VRAM, each tensor into an allocation of its own: "weights.blk.3.attn_q"
// (`name` takes the place of "weights"). Throws model::ModelError when a dimension is not a
// multiple of 8, which the kernels need.
DeviceWeights upload_weights(const model::HostWeights& weights,
                             const std::string& name = "weights");

// Bytes that upload_weights takes in VRAM.
uint64_t weight_bytes(const model::HostWeights& weights);

}  // namespace decode

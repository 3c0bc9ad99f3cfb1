// All weights of a model in host memory, converted once at load.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/model/config.h"  // Config
#include "common/model/gguf.h"    // GgufFile, TensorType

namespace model {

// A matrix (rows, cols), row-major, as bf16 bits: out[r] = sum over c of data[r*cols + c] * in[c].
struct HostMatrix {
  std::string name;                       // as in the file: "blk.0.attn_q.weight"
  int rows = 0;                           // outputs
  int cols = 0;                           // inputs
  TensorType stored = TensorType::kBF16;  // what the file holds
  std::vector<uint16_t> data;             // rows * cols
  bool empty() const { return data.empty(); }
};

// A vector of floats: a norm, a bias, or the rotary divisors.
struct HostVector {
  std::string name;
  TensorType stored = TensorType::kF32;
  std::vector<float> data;
  bool empty() const { return data.empty(); }
};

struct HostLayer {
  HostVector attn_norm;    // (dim)
  HostMatrix attn_q;       // (q_dim, dim), rows of a head in rotary pairs (2i, 2i+1)
  HostMatrix attn_k;       // (kv_dim, dim), likewise
  HostMatrix attn_v;       // (kv_dim, dim)
  HostVector attn_q_bias;  // (q_dim), order as attn_q's rows; empty when !qkv_bias
  HostVector attn_k_bias;  // (kv_dim), likewise
  HostVector attn_v_bias;  // (kv_dim), likewise
  HostMatrix attn_output;  // (dim, q_dim)
  HostVector ffn_norm;     // (dim)
  HostMatrix ffn_gate;     // (hidden_dim, dim)
  HostMatrix ffn_up;       // (hidden_dim, dim)
  HostMatrix ffn_down;     // (dim, hidden_dim)
};

struct HostWeights {
  Config config;
  HostMatrix token_embd;  // (vocab_size, dim)
  std::vector<HostLayer> layers;
  HostVector output_norm;             // (dim)
  HostMatrix output;                  // (vocab_size, dim); empty when config.tied_embedding
  HostVector rope_freqs;              // (head_dim/2) divisors; empty when !config.rope_freqs
  std::vector<std::string> warnings;  // one line a tensor that has NaN or infinity

  // The matrix that gives the logits: output, or token_embd when tied.
  const HostMatrix& output_matrix() const { return config.tied_embedding ? token_embd : output; }
  // How the file's matrices are stored: "BF16", or "Q4_1, Q8_0" (most bytes first).
  std::string storage() const;
  bool quantized() const;  // some matrix was dequantized from 4 or 8 bits
};

// Loads and converts every tensor: matrices to bf16, vectors to float. Rows of Q and K (and their
// biases) of qwen2 files are reordered from half-split to adjacent rotary pairs: row 2i of a head
// is the file's row i, row 2i+1 is the file's row i + head_dim/2. llama files come in that order.
// Q4 and Q8 blocks can still be read raw with GgufFile::read().
HostWeights load_weights(const GgufFile& file, const Config& config);

}  // namespace model

// The shape of a decoder, read from a GGUF file and checked.
#pragma once

#include <string>

#include "common/model/gguf.h"  // GgufFile

namespace model {

struct Config {
  std::string architecture;  // "llama" or "qwen2"
  std::string name;          // general.name, may be empty
  int dim = 0;               // width of the residual stream
  int hidden_dim = 0;        // width of the feed-forward layer
  int n_layers = 0;
  int n_heads = 0;     // query heads
  int n_kv_heads = 0;  // key and value heads; divides n_heads
  int head_dim = 0;    // even; n_heads * head_dim need not be dim
  int vocab_size = 0;
  int max_seq_len = 0;          // context length, in tokens
  float rope_theta = 10000.0f;  // base of the rotary embedding
  float norm_eps = 0;           // epsilon of RMSNorm
  bool tied_embedding = false;  // the output matrix is the embedding matrix
  bool qkv_bias = false;        // Q, K and V have biases
  bool rope_freqs = false;      // has head_dim/2 divisors of the rotary frequencies (Llama 3.1)

  int q_dim() const { return n_heads * head_dim; }      // rows of attn_q
  int kv_dim() const { return n_kv_heads * head_dim; }  // rows of attn_k and attn_v
};

// Reads the hyperparameters and checks every needed key and every tensor's presence and shape.
// Throws ModelError naming the key or tensor.
Config read_config(const GgufFile& file);

}  // namespace model

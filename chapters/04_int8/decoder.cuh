// Chapter 04: the matrices of 03 are integers with a scale for each 32 of them, and so are the
// inputs that they are multiplied with. Matrix says how many bits (Int8Matrix, Int4Matrix), Cache
// how K and V are kept (ch01::KvCache in bf16, or Int8KvCache). Norms and biases stay fp32.
#pragma once

#include "chapters/00_naive/elementwise.cuh"   // add, add_bias, swiglu
#include "chapters/00_naive/rmsnorm.cuh"       // rmsnorm
#include "chapters/00_naive/rotary.cuh"        // rotary
#include "chapters/04_int8/attention.cuh"      // store, attend, KvCache, Int8KvCache
#include "chapters/04_int8/embedding.cuh"      // embedding
#include "chapters/04_int8/matmul.cuh"         // matmul
#include "chapters/04_int8/quantize_rows.cuh"  // quantize
#include "chapters/04_int8/weights.cuh"        // QuantizedWeights
#include "common/decode/decoder.h"             // Decoder
#include "common/decode/model.h"               // Model

namespace ch04 {

// The kernels are frozen, and used as they are.
using ch00::add, ch00::add_bias, ch00::rmsnorm, ch00::rotary, ch00::swiglu;

using decode::DeviceLayer;
using decode::DeviceWeights;
using gpu::DeviceBuffer;
using model::Config;

// Everything that one forward() writes, allocated once for max_seq_len tokens.
struct State {
  State(const Config& c, int max_seq_len, int max_logit_rows);

  gpu::PinnedBuffer<int> staged_tokens;  // (max_seq_len), in host RAM
  DeviceBuffer<int> tokens;              // (max_seq_len)
  DeviceBuffer<float> rotary_table;      // (max_seq_len, head_dim/2, 2)
  DeviceBuffer<float> x;                 // (max_seq_len, dim), the residual stream
  DeviceBuffer<float> normed;            // (max_seq_len, dim)
  DeviceBuffer<float> q;                 // (max_seq_len, n_heads, head_dim)
  DeviceBuffer<float> k, v;              // (max_seq_len, n_kv_heads, head_dim)
  DeviceBuffer<float> partials;          // what the splits of up to 8 rows found
  DeviceBuffer<float> attended;          // (max_seq_len, n_heads, head_dim)
  DeviceBuffer<float> projected;         // (max_seq_len, dim)
  DeviceBuffer<float> gate, up;          // (max_seq_len, hidden_dim)
  QuantizedRows quantized;               // inputs of the next products: up to max_seq_len rows
  DeviceBuffer<float> logits;            // (max_logit_rows, vocab_size)
};

inline State::State(const Config& c, int room, int max_logit_rows)
    : staged_tokens(room, "tokens.staged"),
      tokens(room, "tokens"),
      x(size_t(room) * c.dim, "x"),
      normed(size_t(room) * c.dim, "normed"),
      q(size_t(room) * c.q_dim(), "q", {room, c.n_heads, c.head_dim}),
      k(size_t(room) * c.kv_dim(), "k"),
      v(size_t(room) * c.kv_dim(), "v"),
      partials(ch02::partial_floats(c.n_heads, c.head_dim, room), "partials"),
      attended(size_t(room) * c.q_dim(), "attended", {room, c.n_heads, c.head_dim}),
      projected(size_t(room) * c.dim, "projected"),
      gate(size_t(room) * c.hidden_dim, "gate"),
      up(size_t(room) * c.hidden_dim, "up"),
      quantized(room, std::max({c.dim, c.q_dim(), c.hidden_dim})),
      logits(size_t(max_logit_rows) * c.vocab_size, "logits") {}

template <typename Matrix, typename Cache>
class Decoder : public decode::Decoder {
 public:
  Decoder(const decode::Model& model, const decode::DecoderOptions& options, KvMemory memory)
      : w_(model.device),
        matrices_(model),
        room_(decode::sequence_room(w_.config, options)),
        max_logit_rows_(options.max_logit_rows),
        stream_(options.stream),
        s_(w_.config, room_, options.max_logit_rows),
        cache_(memory, w_.config.n_layers, w_.config.n_kv_heads, room_, w_.config.head_dim) {
    const Config& c = w_.config;
    s_.rotary_table = gpu::upload(
        ch00::rotary_table(room_, c.head_dim, c.rope_theta, w_.rope_divisors), "rotary_table");
  }

  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    decode::check_forward(*this, tokens, n_tokens, n_logits);
    for (int i = 0; i < n_tokens; ++i) s_.staged_tokens.data()[length_ + i] = tokens[i];
    CUDA_CHECK(cudaMemcpyAsync(s_.tokens.data() + length_, s_.staged_tokens.data() + length_,
                               n_tokens * sizeof(int), cudaMemcpyHostToDevice, stream_));
    start_ = length_;
    length_ += n_tokens;

    const Config& c = w_.config;
    const int rows = n_tokens;  // the new ones
    embedding(s_.x.data(), s_.tokens.data() + start_, matrices_.token_embd, rows, stream_);
    for (int l = 0; l < c.n_layers; ++l) {
      const DeviceLayer& layer = w_.layers[l];  // norms and biases
      const QuantizedLayer<Matrix>& matrices = matrices_.layers[l];
      rmsnorm(s_.normed.data(), s_.x.data(), layer.attn_norm.data(), rows, c.dim, c.norm_eps,
              stream_);
      attention(layer, l, rows);
      quantize(s_.quantized, s_.attended.data(), rows, c.q_dim(), stream_);
      linear(s_.projected, matrices.attn_output, rows);
      add(s_.x.data(), s_.projected.data(), size_t(rows) * c.dim, stream_);

      rmsnorm(s_.normed.data(), s_.x.data(), layer.ffn_norm.data(), rows, c.dim, c.norm_eps,
              stream_);
      quantize(s_.quantized, s_.normed.data(), rows, c.dim, stream_);
      linear(s_.gate, matrices.ffn_gate, rows);
      linear(s_.up, matrices.ffn_up, rows);
      swiglu(s_.gate.data(), s_.up.data(), size_t(rows) * c.hidden_dim, stream_);
      quantize(s_.quantized, s_.gate.data(), rows, c.hidden_dim, stream_);
      linear(s_.projected, matrices.ffn_down, rows);
      add(s_.x.data(), s_.projected.data(), size_t(rows) * c.dim, stream_);
    }
    if (n_logits == 0) return s_.logits.data();
    const float* last = s_.x.data() + size_t(rows - n_logits) * c.dim;
    rmsnorm(s_.normed.data(), last, w_.output_norm.data(), n_logits, c.dim, c.norm_eps, stream_);
    quantize(s_.quantized, s_.normed.data(), n_logits, c.dim, stream_);
    linear(s_.logits, matrices_.output_matrix(), n_logits);
    return s_.logits.data();
  }

  int length() const override { return length_; }
  void truncate(int length) override {
    decode::check_truncate(*this, length);
    length_ = length;
  }
  uint64_t kv_bytes() const override { return cache_.token_bytes * length_; }
  int max_seq_len() const override { return room_; }
  int max_logit_rows() const override { return max_logit_rows_; }
  const Config& config() const override { return w_.config; }

 private:
  // normed -> attended
  void attention(const DeviceLayer& layer, int l, int rows) {
    const Config& c = w_.config;
    const QuantizedLayer<Matrix>& matrices = matrices_.layers[l];
    quantize(s_.quantized, s_.normed.data(), rows, c.dim, stream_);
    linear(s_.q, matrices.attn_q, rows);
    linear(s_.k, matrices.attn_k, rows);
    linear(s_.v, matrices.attn_v, rows);
    if (c.qkv_bias) {
      add_bias(s_.q.data(), layer.attn_q_bias.data(), rows, c.q_dim(), stream_);
      add_bias(s_.k.data(), layer.attn_k_bias.data(), rows, c.kv_dim(), stream_);
      add_bias(s_.v.data(), layer.attn_v_bias.data(), rows, c.kv_dim(), stream_);
    }
    rotary(s_.q.data(), s_.rotary_table.data(), rows, c.n_heads, c.head_dim, start_, stream_);
    rotary(s_.k.data(), s_.rotary_table.data(), rows, c.n_kv_heads, c.head_dim, start_, stream_);
    const Grouped g{c.n_heads, c.n_kv_heads, c.head_dim, rows, start_, room_};
    const float scale = 1.0f / std::sqrt(float(c.head_dim));
    store(cache_, l, s_.k.data(), s_.v.data(), g, stream_);
    attend(s_.attended.data(), s_.partials.data(), s_.q.data(), cache_, l, g, scale, stream_);
  }

  void linear(DeviceBuffer<float>& out, const Matrix& weight, int rows) {
    matmul(out.data(), s_.quantized, weight, rows, stream_);
  }

  const DeviceWeights& w_;
  QuantizedWeights<Matrix> matrices_;
  int room_;  // tokens
  int max_logit_rows_;
  cudaStream_t stream_;
  State s_;
  Cache cache_;
  int length_ = 0;
  int start_ = 0;  // position of the first new token
};

}  // namespace ch04

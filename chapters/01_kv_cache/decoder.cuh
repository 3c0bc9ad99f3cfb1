// Chapter 01: adds a cache of K and V to 00, so that a step computes the new tokens only. All
// kernels are chapter 00's.
#pragma once

#include "chapters/00_naive/elementwise.cuh"      // embedding, add, add_bias, swiglu
#include "chapters/00_naive/matmul.cuh"           // matmul
#include "chapters/00_naive/rmsnorm.cuh"          // rmsnorm
#include "chapters/00_naive/rotary.cuh"           // rotary, store_heads
#include "chapters/00_naive/scores.cuh"           // scores
#include "chapters/00_naive/softmax.cuh"          // softmax
#include "chapters/00_naive/weighted_values.cuh"  // weighted_values
#include "chapters/01_kv_cache/kv_cache.cuh"      // KvCache
#include "common/decode/decoder.h"                // Decoder
#include "common/decode/device_weights.h"         // DeviceWeights

namespace ch01 {

// The kernels are frozen, and used as they are.
using ch00::add, ch00::add_bias, ch00::embedding, ch00::matmul, ch00::rmsnorm, ch00::rotary;
using ch00::Attention;
using ch00::scores, ch00::softmax, ch00::store_heads, ch00::swiglu, ch00::weighted_values;

using decode::DeviceLayer;
using decode::DeviceMatrix;
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
  DeviceBuffer<float> scores;            // (n_heads, max_seq_len, max_seq_len rounded up to 32)
  DeviceBuffer<float> attended;          // (max_seq_len, n_heads, head_dim)
  DeviceBuffer<float> projected;         // (max_seq_len, dim)
  DeviceBuffer<float> gate, up;          // (max_seq_len, hidden_dim)
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
      scores(size_t(c.n_heads) * room * gpu::round_up(room, 32), "scores"),
      attended(size_t(room) * c.q_dim(), "attended", {room, c.n_heads, c.head_dim}),
      projected(size_t(room) * c.dim, "projected"),
      gate(size_t(room) * c.hidden_dim, "gate"),
      up(size_t(room) * c.hidden_dim, "up"),
      logits(size_t(max_logit_rows) * c.vocab_size, "logits") {}

class Decoder : public decode::Decoder {
 public:
  Decoder(const DeviceWeights& weights, const decode::DecoderOptions& options, KvMemory memory)
      : w_(weights),
        room_(decode::sequence_room(weights.config, options)),
        max_logit_rows_(options.max_logit_rows),
        stream_(options.stream),
        s_(weights.config, room_, options.max_logit_rows),
        cache_(memory, weights.config.n_layers, weights.config.n_heads, room_,
               weights.config.head_dim) {
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
    embedding(s_.x.data(), s_.tokens.data() + start_, w_.token_embd.data.data(), rows, c.dim,
              stream_);
    for (int l = 0; l < c.n_layers; ++l) {
      const DeviceLayer& layer = w_.layers[l];
      rmsnorm(s_.normed.data(), s_.x.data(), layer.attn_norm.data(), rows, c.dim, c.norm_eps,
              stream_);
      attention(layer, l, rows);
      linear(s_.projected, s_.attended, layer.attn_output, rows);
      add(s_.x.data(), s_.projected.data(), size_t(rows) * c.dim, stream_);

      rmsnorm(s_.normed.data(), s_.x.data(), layer.ffn_norm.data(), rows, c.dim, c.norm_eps,
              stream_);
      linear(s_.gate, s_.normed, layer.ffn_gate, rows);
      linear(s_.up, s_.normed, layer.ffn_up, rows);
      swiglu(s_.gate.data(), s_.up.data(), size_t(rows) * c.hidden_dim, stream_);
      linear(s_.projected, s_.gate, layer.ffn_down, rows);
      add(s_.x.data(), s_.projected.data(), size_t(rows) * c.dim, stream_);
    }
    if (n_logits == 0) return s_.logits.data();
    const float* last = s_.x.data() + size_t(rows - n_logits) * c.dim;
    rmsnorm(s_.normed.data(), last, w_.output_norm.data(), n_logits, c.dim, c.norm_eps, stream_);
    linear(s_.logits, s_.normed, w_.output_matrix(), n_logits);
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
    linear(s_.q, s_.normed, layer.attn_q, rows);
    linear(s_.k, s_.normed, layer.attn_k, rows);
    linear(s_.v, s_.normed, layer.attn_v, rows);
    if (c.qkv_bias) {
      add_bias(s_.q.data(), layer.attn_q_bias.data(), rows, c.q_dim(), stream_);
      add_bias(s_.k.data(), layer.attn_k_bias.data(), rows, c.kv_dim(), stream_);
      add_bias(s_.v.data(), layer.attn_v_bias.data(), rows, c.kv_dim(), stream_);
    }
    rotary(s_.q.data(), s_.rotary_table.data(), rows, c.n_heads, c.head_dim, start_, stream_);
    rotary(s_.k.data(), s_.rotary_table.data(), rows, c.n_kv_heads, c.head_dim, start_, stream_);
    const int copies = c.n_heads / c.n_kv_heads;  // every query head gets K and V of its own
    store_heads(cache_.layer_keys(l), s_.k.data(), rows, c.n_kv_heads, copies, c.head_dim, start_,
                room_, stream_);
    store_heads(cache_.layer_values(l), s_.v.data(), rows, c.n_kv_heads, copies, c.head_dim, start_,
                room_, stream_);

    const Attention a{c.n_heads, c.head_dim, rows, start_, room_};
    const float scale = 1.0f / std::sqrt(float(c.head_dim));
    scores(s_.scores.data(), s_.q.data(), cache_.layer_keys(l), a, scale, stream_);
    softmax(s_.scores.data(), a, stream_);
    weighted_values(s_.attended.data(), s_.scores.data(), cache_.layer_values(l), a, stream_);
  }

  void linear(DeviceBuffer<float>& out, const DeviceBuffer<float>& in, const DeviceMatrix& weight,
              int rows) {
    matmul(out.data(), in.data(), weight.data.data(), rows, weight.cols, weight.rows, stream_);
  }

  const DeviceWeights& w_;
  int room_;  // tokens
  int max_logit_rows_;
  cudaStream_t stream_;
  State s_;
  KvCache cache_;
  int length_ = 0;
  int start_ = 0;  // position of the first new token
};

}  // namespace ch01

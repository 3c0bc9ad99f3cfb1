// Decoders that break the contract, each in one way. The checks must find them.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "common/decode/decoder.h"      // Decoder
#include "common/model/weights.h"       // HostWeights
#include "tests/decode/random_model.h"  // ModelShape

namespace wrong {

using decode::Decoder;

// Passes everything on to another decoder.
class Through : public Decoder {
 public:
  explicit Through(std::unique_ptr<Decoder> inner) : inner_(std::move(inner)) {}
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    return inner_->forward(tokens, n_tokens, n_logits);
  }
  int length() const override { return inner_->length(); }
  void truncate(int length) override { inner_->truncate(length); }
  uint64_t kv_bytes() const override { return inner_->kv_bytes(); }
  int max_seq_len() const override { return inner_->max_seq_len(); }
  int max_logit_rows() const override { return inner_->max_logit_rows(); }
  const model::Config& config() const override { return inner_->config(); }

 protected:
  std::unique_ptr<Decoder> inner_;
};

// Keeps one token more than it was told to: what comes next attends to a stale key.
class Stale : public Through {
 public:
  using Through::Through;
  int length() const override { return inner_->length() - stale_; }
  void truncate(int length) override {
    stale_ = length < inner_->length() ? 1 : 0;
    inner_->truncate(length + stale_);
  }

 private:
  int stale_ = 0;
};

// Computes single rows in another order than several: right within rounding, not batch invariant.
class TwoOrders : public Through {
 public:
  TwoOrders(std::unique_ptr<Decoder> many, std::unique_ptr<Decoder> one)
      : Through(std::move(many)), one_(std::move(one)) {}
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    const float* many = inner_->forward(tokens, n_tokens, n_logits);
    const float* one = one_->forward(tokens, n_tokens, n_logits);
    return n_tokens == 1 ? one : many;
  }
  void truncate(int length) override {
    inner_->truncate(length);
    one_->truncate(length);
  }

 private:
  std::unique_ptr<Decoder> one_;
};

// Every query head reads the K and V head after its own.
inline model::HostWeights next_kv_head(model::HostWeights w) {
  const model::Config& c = w.config;
  for (model::HostLayer& layer : w.layers) {
    for (model::HostMatrix* m : {&layer.attn_k, &layer.attn_v}) {
      std::rotate(m->data.begin(), m->data.begin() + size_t(c.head_dim) * m->cols, m->data.end());
    }
    for (model::HostVector* v : {&layer.attn_k_bias, &layer.attn_v_bias}) {
      if (!v->empty()) std::rotate(v->data.begin(), v->data.begin() + c.head_dim, v->data.end());
    }
  }
  return w;
}

}  // namespace wrong

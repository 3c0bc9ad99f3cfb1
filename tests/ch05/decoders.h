// Decoders around a decoder, for the tests of chapter 05's loop.
#pragma once

#include <memory>
#include <vector>

#include "common/decode/decoder.h"  // Decoder
#include "tests/catch.h"

// Passes everything on to a decoder that somebody else owns.
class Borrowed : public decode::Decoder {
 public:
  explicit Borrowed(decode::Decoder& inner) : inner_(inner) {}
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    return inner_.forward(tokens, n_tokens, n_logits);
  }
  int length() const override { return inner_.length(); }
  void truncate(int length) override { inner_.truncate(length); }
  uint64_t kv_bytes() const override { return inner_.kv_bytes(); }
  int max_seq_len() const override { return inner_.max_seq_len(); }
  int max_logit_rows() const override { return inner_.max_logit_rows(); }
  const model::Config& config() const override { return inner_.config(); }

 protected:
  decode::Decoder& inner_;
};

// Notes each call, and which tokens the cache holds.
class Watched : public Borrowed {
 public:
  struct Call {
    std::vector<int> held;    // before it
    std::vector<int> tokens;  // that it brought
    int n_logits;
  };
  Watched(decode::Decoder& inner, std::vector<Call>& calls) : Borrowed(inner), calls_(calls) {}
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    REQUIRE(inner_.length() == int(held_.size()));
    calls_.push_back({held_, {tokens, tokens + n_tokens}, n_logits});
    held_.insert(held_.end(), tokens, tokens + n_tokens);
    return Borrowed::forward(tokens, n_tokens, n_logits);
  }
  void truncate(int length) override {
    Borrowed::truncate(length);
    held_.resize(length);
  }

 private:
  std::vector<Call>& calls_;
  std::vector<int> held_;
};

// Wrong: says that it forgets, and does not. Only an empty sequence is really one.
class Stale : public Borrowed {
 public:
  using Borrowed::Borrowed;
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    length_ += n_tokens;
    return Borrowed::forward(tokens, n_tokens, n_logits);
  }
  int length() const override { return length_; }
  void truncate(int length) override {
    length_ = length;
    if (length == 0) Borrowed::truncate(0);
  }

 private:
  int length_ = 0;
};

// Chapter 05's two ways to judge a proposal: greedy, and by the rule of accept.cuh.
#pragma once

#include "chapters/05_speculative/accept.cuh"  // accept, spread, Proposal, Verdict
#include "common/decode/error.h"               // DecodeError
#include "common/decode/random.h"              // Random
#include "common/decode/sampler.h"             // Sampler

namespace ch05 {

using gpu::DeviceBuffer;

// How tokens are chosen, on both sides. Logits are rows in VRAM: (rows, vocab_size).
class Rule {
 public:
  virtual ~Rule() = default;
  // A text begins: random numbers start anew.
  virtual void restart() = 0;
  // The first token of the text, from the target's logits after the prompt.
  virtual int first(const float* logits) = 0;
  // The draft's token number i of a proposal (0 first), from the draft's logits.
  virtual int propose(const float* logits, int i) = 0;
  // `logits`: (count + 1, vocab_size) of the target: what follows the text, and what follows each
  // of the `count` proposed tokens. `proposed` is in host memory.
  virtual Verdict judge(const float* logits, const int* proposed, int count) = 0;
};

// A proposed token stays if the target would have chosen it.
class GreedyRule : public Rule {
 public:
  GreedyRule(int vocab_size, const decode::SamplerOptions& options, cudaStream_t stream)
      : vocab_size_(vocab_size), sampler_(vocab_size, options, stream) {}

  void restart() override {}
  int first(const float* logits) override { return sampler_.sample(logits); }
  int propose(const float* logits, int) override { return sampler_.sample(logits); }
  Verdict judge(const float* logits, const int* proposed, int count) override {
    for (int i = 0;; ++i) {
      const int wanted = sampler_.sample(logits + size_t(i) * vocab_size_);
      if (i == count || proposed[i] != wanted) return {i, wanted, 1};
    }
  }

 private:
  int vocab_size_;
  decode::Sampler sampler_;
};

// The text has the target's distribution: after temperature, top-k and top-p, on both sides.
class SamplingRule : public Rule {
 public:
  SamplingRule(int vocab_size, const decode::SamplerOptions& options, int draft_tokens,
               cudaStream_t stream)
      : vocab_size_(vocab_size),
        stream_(stream),
        sampler_(vocab_size, options, stream),
        random_(options.seed + kSecondSequence),
        p_(size_t(draft_tokens + 1) * vocab_size, "speculative.p"),
        q_(size_t(draft_tokens) * vocab_size, "speculative.q"),
        verdict_(1, "speculative.verdict"),
        landing_(1, "speculative.landing") {}

  void restart() override {
    sampler_.restart();
    random_ = decode::Random(sampler_.options().seed + kSecondSequence);
  }

  int first(const float* logits) override { return sampler_.sample(logits); }

  int propose(const float* logits, int i) override {
    const decode::Filtered filtered = sampler_.filter(logits);
    keep(filtered, q_, i);
    return sampler_.draw(filtered);
  }

  Verdict judge(const float* logits, const int* proposed, int count) override {
    Proposal proposal;
    proposal.count = count;
    std::copy(proposed, proposed + count, proposal.tokens);
    for (int i = 0; i <= count; ++i) {
      keep(sampler_.filter(logits + size_t(i) * vocab_size_), p_, i);
      proposal.uniforms[i] = random_.next();
    }
    accept(verdict_.data(), p_.data(), q_.data(), proposal, vocab_size_, stream_);
    CUDA_CHECK(cudaMemcpyAsync(landing_.data(), verdict_.data(), sizeof(Verdict),
                               cudaMemcpyDeviceToHost, stream_));
    CUDA_CHECK(cudaStreamSynchronize(stream_));
    const Verdict verdict = *landing_.data();
    if (!(verdict.probability > 0)) {
      throw decode::DecodeError("speculative: the target's logits are not numbers");
    }
    return verdict;
  }

 protected:
  // The draft's sequence of random numbers and the judge's must have nothing to do with each other.
  static constexpr uint64_t kSecondSequence = 0x2545f4914f6cdd1du;

  // Row i of `rows` becomes the filtered distribution, by token.
  void keep(const decode::Filtered& filtered, DeviceBuffer<float>& rows, int i) {
    spread(rows.data() + size_t(i) * vocab_size_, filtered.keys, filtered.ids, filtered.kept,
           filtered.mass, vocab_size_, stream_);
  }

  int vocab_size_;
  cudaStream_t stream_;
  decode::Sampler sampler_;
  decode::Random random_;
  DeviceBuffer<float> p_;  // (draft_tokens + 1, vocab_size), the target's probabilities
  DeviceBuffer<float> q_;  // (draft_tokens, vocab_size), the draft's
  DeviceBuffer<Verdict> verdict_;
  gpu::PinnedBuffer<Verdict> landing_;  // where the verdict lands in host RAM
};

}  // namespace ch05

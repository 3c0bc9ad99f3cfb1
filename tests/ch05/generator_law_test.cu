// Whole models, drafts and the loop of chapter 05: three tokens have the target's joint law, and
// four wrong variants do not.
#include "chapters/05_speculative/decoder.cuh"  // Generator, SamplingRule
#include "common/decode/block_threads.h"        // set_block_threads
#include "tests/catch.h"
#include "tests/ch05/decoders.h"
#include "tests/ch05/laws.h"
#include "tests/ch05/pairs.h"
#include "tests/decode/decoding.h"
#include "tests/decode/random_model.h"

namespace {

using ch05::SamplingRule;
using decode::SamplerOptions;

constexpr int kDraftTokens = 2;
const std::vector<int> kPrompt = {1};

ModelShape tiny_shape() {
  ModelShape s;
  s.n_heads = 1, s.dim = 8, s.hidden_dim = 8, s.n_layers = 1, s.vocab_size = 6;
  s.max_seq_len = 64;
  return s;
}

model::HostWeights tiny_model(uint64_t seed) {
  values::Source source = values::Source::fixed(seed);
  return random_model(tiny_shape(), source);
}

// A draft that learned something: its output matrix is nearly the target's.
model::HostWeights near_model(uint64_t seed) {
  model::HostWeights near = tiny_model(seed);
  values::Source source = values::Source::fixed(seed + 100);
  for (uint16_t& weight : near.output.data) {
    weight = model::float_to_bf16(model::bf16_to_float(weight) + source.normal(0.2));
  }
  return near;
}

// A tiny model with a decoder of chapter 01.
struct Tiny : UploadedModel {
  explicit Tiny(const model::HostWeights& weights) : UploadedModel(weights) {
    decode::DecoderOptions options;
    options.max_logit_rows = kDraftTokens + 1;
    decoder = decoding::make("01:vram", *this, options);
  }
  std::unique_ptr<decode::Decoder> decoder;
};

SamplerOptions filters() {
  SamplerOptions o;
  o.temperature = 1.3f, o.top_k = 3, o.top_p = 0.95f, o.seed = 21;
  return o;
}

// The next text goes on in the sequence of random numbers.
class RightRule : public SamplingRule {
 public:
  RightRule() : SamplingRule(tiny_shape().vocab_size, filters(), kDraftTokens, nullptr) {}
  void restart() override {}
};

class ResamplesFromP : public RightRule {
 public:
  ch05::Verdict judge(const float* logits, const int* proposed, int count) override {
    ch05::Verdict v = RightRule::judge(logits, proposed, count);
    if (v.accepted < count) {
      v.next = sampler_.draw(sampler_.filter(logits + v.accepted * vocab_size_));
    }
    return v;
  }
};

class UnfilteredQ : public RightRule {
 public:
  int propose(const float* logits, int i) override {
    keep(plain_.filter(logits), q_, i);
    return sampler_.draw(sampler_.filter(logits));
  }

 private:
  decode::Sampler plain_{tiny_shape().vocab_size, laws::plain(filters())};
};

class BonusFromDraft : public RightRule {
 public:
  explicit BonusFromDraft(decode::Decoder& draft) : draft_(draft) {}
  ch05::Verdict judge(const float* logits, const int* proposed, int count) override {
    ch05::Verdict v = RightRule::judge(logits, proposed, count);
    if (v.accepted == count) {
      const int length = draft_.length();
      v.next = sampler_.sample(draft_.forward(proposed + count - 1, 1, 1));
      draft_.truncate(length);
    }
    return v;
  }

 private:
  decode::Decoder& draft_;
};

class Lab {
 public:
  explicit Lab(const model::HostWeights& draft) : target_(tiny_model(1)), draft_(draft) {
    decode::set_block_threads(1);  // the grids are too small to share
  }
  ~Lab() { decode::set_block_threads(0); }

  // Texts of four tokens. The first comes from the prefill; the other three are counted.
  double z_of_texts(std::unique_ptr<ch05::Rule> rule, int texts) {
    return z_of_texts(std::move(rule), texts, std::make_unique<Borrowed>(*target_.decoder),
                      std::make_unique<Borrowed>(*draft_.decoder));
  }
  double z_of_stale_texts(int texts) {
    return z_of_texts(std::make_unique<RightRule>(), texts,
                      std::make_unique<Stale>(*target_.decoder),
                      std::make_unique<Borrowed>(*draft_.decoder));
  }

  decode::Decoder& draft() { return *draft_.decoder; }
  double acceptance = 0;

 private:
  double z_of_texts(std::unique_ptr<ch05::Rule> rule, int texts,
                    std::unique_ptr<decode::Decoder> target,
                    std::unique_ptr<decode::Decoder> draft) {
    const laws::Row expected = law();
    const model::Tokenizer tokenizer = pairs::endless_tokenizer();
    ch05::Generator generator(std::move(target), std::move(draft), std::move(rule), kDraftTokens,
                              tiny_shape().max_seq_len);
    std::vector<int> counts(expected.size());
    double looked_at = 0, accepted = 0;
    for (int i = 0; i < texts; ++i) {
      const std::vector<int> t = generator.generate(tokenizer, kPrompt, 4, {}).tokens;
      ++counts[(t[1] * vocab_ + t[2]) * vocab_ + t[3]];
      for (const long long n : generator.speculation().proposed) looked_at += double(n);
      for (const long long n : generator.speculation().accepted) accepted += double(n);
    }
    acceptance = accepted / looked_at;
    return laws::z_score(counts, expected);
  }

  laws::Row after(const std::vector<int>& text) {
    std::vector<int> tokens = kPrompt;
    tokens.insert(tokens.end(), text.begin(), text.end());
    target_.decoder->truncate(0);
    const float* row = target_.decoder->forward(tokens.data(), int(tokens.size()), 1);
    return laws::filtered(gpu::download(row, vocab_), filters());
  }

  // Of tokens 2, 3 and 4, by adding up over all first tokens.
  laws::Row law() {
    laws::Row joint(vocab_ * vocab_ * vocab_);
    const laws::Row first = after({});
    for (int a = 0; a < vocab_; ++a) {
      if (first[a] == 0) continue;
      const laws::Row second = after({a});
      for (int x = 0; x < vocab_; ++x) {
        const laws::Row third = after({a, x});
        for (int y = 0; y < vocab_; ++y) {
          const laws::Row fourth = after({a, x, y});
          for (int z = 0; z < vocab_; ++z) {
            joint[(x * vocab_ + y) * vocab_ + z] += first[a] * second[x] * third[y] * fourth[z];
          }
        }
      }
    }
    return joint;
  }

  int vocab_ = tiny_shape().vocab_size;
  Tiny target_, draft_;
};

}  // namespace

TEST_CASE("generated tokens have the target's joint law with the target itself as draft",
          "[ch05][law]") {
  Lab lab(tiny_model(1));
  const double z = lab.z_of_texts(std::make_unique<RightRule>(), 1000);
  CAPTURE(z);
  CHECK(z < laws::kRight);
  CHECK(lab.acceptance == 1);
}

TEST_CASE("generated tokens have the target's joint law with a random draft", "[ch05][law]") {
  Lab lab(tiny_model(2));
  const double z = lab.z_of_texts(std::make_unique<RightRule>(), 2000);
  CAPTURE(z, lab.acceptance);
  CHECK(z < laws::kRight);
  CHECK(lab.acceptance < 0.9);
}

TEST_CASE("wrong rules and a cache that is not cut give another law", "[ch05][law]") {
  constexpr int kTexts = 600;
  {
    Lab lab(tiny_model(2));
    CHECK(lab.z_of_texts(std::make_unique<ResamplesFromP>(), kTexts) > laws::kWrong);
    CHECK(lab.z_of_texts(std::make_unique<UnfilteredQ>(), 2 * kTexts) > laws::kWrong);
    CHECK(lab.z_of_stale_texts(kTexts / 4) > laws::kWrong);
  }
  // A bonus needs a draft that is often right.
  Lab lab(near_model(1));
  CHECK(lab.z_of_texts(std::make_unique<BonusFromDraft>(lab.draft()), 2 * kTexts) > laws::kWrong);
  CHECK(lab.z_of_texts(std::make_unique<RightRule>(), kTexts) < laws::kRight);
}

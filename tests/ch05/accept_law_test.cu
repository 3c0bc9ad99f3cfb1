// The accept function gives the target's distribution: the joint law of three tokens, by chi-square
// over 10^6 calls, and four wrong ones that the same test finds out.
#include "chapters/05_speculative/accept.cuh"  // accept
#include "common/decode/random.h"              // Random
#include "common/gpu/buffer.h"                 // DeviceBuffer
#include "tests/catch.h"
#include "tests/ch05/laws.h"
#include "tests/ch05/pairs.h"

namespace {

enum class Variant { kRight, kResampleFromP, kUnfilteredQ, kBonusFromDraft, kStaleCache };

// A target and a draft that propose and judge two tokens at a time, with the accept function of the
// chapter on rows in the device's memory. The rest is the test's own.
class Chain {
 public:
  Chain(const pairs::Bigrams& pair, const decode::SamplerOptions& options, Variant variant)
      : variant_(variant), vocab_(pair.vocab_size()), random_(options.seed) {
    std::vector<laws::Row> told;  // what the accept function hears of q
    for (int token = 0; token < vocab_; ++token) {
      p_.push_back(laws::filtered(pair.target[token], options));
      q_.push_back(laws::filtered(pair.draft[token], options));
      const bool unfiltered = variant == Variant::kUnfilteredQ;
      told.push_back(unfiltered ? laws::filtered(pair.draft[token], laws::plain(options))
                                : q_[token]);
    }
    // Three rows of p and two of q for each context c and proposal (x, y).
    std::vector<float> p, q;
    const auto append = [](std::vector<float>& to, const laws::Row& row) {
      for (const double value : row) to.push_back(float(value));
    };
    for (int index = 0; index < vocab_ * vocab_ * vocab_; ++index) {
      const int c = index / (vocab_ * vocab_), x = index / vocab_ % vocab_, y = index % vocab_;
      append(p, p_[c]), append(p, p_[x]), append(p, p_[y]);
      append(q, told[c]), append(q, told[x]);
    }
    p_rows_ = gpu::upload(p, "p"), q_rows_ = gpu::upload(q, "q");
    verdict_ = gpu::DeviceBuffer<ch05::Verdict>(1, "verdict");
  }

  // Three tokens after token 0, as one number.
  int text() {
    std::vector<int> tokens;
    int context = 0;
    while (tokens.size() < 3) {
      const int x = draw(q_[context]), y = draw(q_[x]);
      const int rows[] = {context, x, y};
      const ch05::Verdict verdict = judge(context, x, y);
      const bool refused = verdict.accepted < 2;
      int next = verdict.next;
      if (variant_ == Variant::kResampleFromP && refused) next = draw(p_[rows[verdict.accepted]]);
      if (variant_ == Variant::kBonusFromDraft && !refused) next = draw(q_[y]);
      tokens.insert(tokens.end(), rows + 1, rows + 1 + verdict.accepted);
      tokens.push_back(next);
      // A cache that was not cut still holds the refused token.
      const bool stale = variant_ == Variant::kStaleCache && refused;
      context = stale ? rows[verdict.accepted + 1] : next;
    }
    return (tokens[0] * vocab_ + tokens[1]) * vocab_ + tokens[2];
  }

  laws::Row law() const {
    laws::Row joint;
    for (int x = 0; x < vocab_; ++x) {
      for (int y = 0; y < vocab_; ++y) {
        for (int z = 0; z < vocab_; ++z) joint.push_back(p_[0][x] * p_[x][y] * p_[y][z]);
      }
    }
    return joint;
  }

  // After `calls` calls of the accept function.
  double z_of_texts(int calls) {
    std::vector<int> counts(vocab_ * vocab_ * vocab_);
    while (calls_ < calls) ++counts[text()];
    return laws::z_score(counts, law());
  }

  double acceptance() const { return double(accepted_) / double(looked_at_); }

 private:
  int draw(const laws::Row& row) { return laws::draw(row, random_.next()); }

  ch05::Verdict judge(int context, int x, int y) {
    ++calls_;
    ch05::Proposal proposal;
    proposal.count = 2, proposal.tokens[0] = x, proposal.tokens[1] = y;
    for (int i = 0; i < 3; ++i) proposal.uniforms[i] = random_.next();
    const size_t index = size_t(context * vocab_ + x) * vocab_ + y;
    ch05::accept(verdict_.data(), p_rows_.data() + index * 3 * vocab_,
                 q_rows_.data() + index * 2 * vocab_, proposal, vocab_, nullptr);
    ch05::Verdict verdict;
    CUDA_CHECK(cudaMemcpy(&verdict, verdict_.data(), sizeof(verdict), cudaMemcpyDeviceToHost));
    looked_at_ += std::min(verdict.accepted + 1, 2), accepted_ += verdict.accepted;
    return verdict;
  }

  Variant variant_;
  int vocab_;
  decode::Random random_;
  std::vector<laws::Row> p_, q_;
  gpu::DeviceBuffer<float> p_rows_, q_rows_;
  gpu::DeviceBuffer<ch05::Verdict> verdict_;
  long long calls_ = 0, looked_at_ = 0, accepted_ = 0;
};

decode::SamplerOptions filters(uint64_t seed) {
  decode::SamplerOptions o;
  o.temperature = 0.8f, o.top_k = 6, o.top_p = 0.95f, o.seed = seed;
  return o;
}

}  // namespace

TEST_CASE("three tokens have the target's joint law, whatever drafted them", "[ch05][law]") {
  for (const pairs::Bigrams& pair :
       {pairs::same_bigrams(), pairs::unlike_bigrams(), pairs::shipped_bigrams()}) {
    Chain chain(pair, filters(11), Variant::kRight);
    const double z = chain.z_of_texts(1000000);
    CAPTURE(pair.name, z, chain.acceptance());
    CHECK(z < laws::kRight);
    if (pair.target == pair.draft) CHECK(chain.acceptance() == 1);
    if (pair.target != pair.draft) CHECK(chain.acceptance() < 0.95);
  }
}

TEST_CASE("the test of the law finds four wrong samplers out", "[ch05][law]") {
  for (const Variant variant : {Variant::kResampleFromP, Variant::kUnfilteredQ,
                                Variant::kBonusFromDraft, Variant::kStaleCache}) {
    for (const pairs::Bigrams& pair : {pairs::unlike_bigrams(), pairs::shipped_bigrams()}) {
      const double z = Chain(pair, filters(12), variant).z_of_texts(50000);
      CAPTURE(int(variant), pair.name, z);
      CHECK(z > laws::kWrong);
    }
  }
}

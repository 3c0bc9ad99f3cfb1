// Chapter 05: adds a second, small decoder to 03 (or 04) that runs ahead. It proposes k tokens; the
// target reads all of them in one pass over its weights and keeps those that it would have produced
// itself. No decoder changes: this file is the loop around two of them.
// Leviathan et al., arXiv 2211.17192; Chen et al., arXiv 2302.01318.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chapters/05_speculative/rules.cuh"  // Rule, GreedyRule, SamplingRule
#include "common/decode/decoder.h"            // Decoder
#include "common/decode/generator.h"          // Generator, Speculation
#include "common/decode/output.h"             // Output

namespace ch05 {

using decode::Decoder;
using decode::Output;

class Generator : public decode::Generator {
 public:
  // The target gives draft_tokens + 1 rows of logits, the draft one. text_room: tokens that the
  // text may have, at most the target's room; proposals may use what lies beyond.
  Generator(std::unique_ptr<Decoder> target, std::unique_ptr<Decoder> draft,
            std::unique_ptr<Rule> rule, int draft_tokens, int text_room)
      : target_(std::move(target)),
        draft_(std::move(draft)),
        rule_(std::move(rule)),
        draft_tokens_(draft_tokens),
        text_room_(std::min(text_room, target_->max_seq_len())) {}

  decode::Generated generate(const model::Tokenizer& tokenizer, const std::vector<int>& prompt,
                             int n, const decode::GenerateCallbacks& callbacks) override {
    const int prompt_tokens = int(prompt.size());
    Output output(tokenizer, callbacks, prompt_tokens, n, text_room_);
    reset(prompt);

    gpu::begin_phase(gpu::Phase::kPrefill, 0);
    text_.push_back(rule_->first(target_->forward(prompt.data(), prompt_tokens, 1)));
    if (prompt_tokens <= draft_->max_seq_len()) draft_->forward(prompt.data(), prompt_tokens, 0);
    output.prefill_done();

    while (output.take(text_)) {
      const int length = int(text_.size());  // the target has seen all but the last
      gpu::begin_phase(gpu::Phase::kDraft, output.produced());
      const int proposed = propose(tokenizer, proposal_room(length));

      gpu::begin_phase(proposed > 0 ? gpu::Phase::kVerify : gpu::Phase::kDecode, output.produced());
      const float* logits = target_->forward(text_.data() + length - 1, proposed + 1, proposed + 1);
      const Verdict verdict = rule_->judge(logits, text_.data() + length, proposed);

      count(proposed, verdict.accepted);
      if (callbacks.verdict && proposed > 0) callbacks.verdict(judged(output, length, verdict));
      text_.resize(length + verdict.accepted);
      cut(length + verdict.accepted);
      text_.push_back(verdict.next);
    }
    cut(prompt_tokens + output.produced() - 1);  // as the plain loop leaves its decoder
    return output.finish();
  }

  Decoder& decoder() override { return *target_; }
  const decode::Speculation& speculation() const override { return speculation_; }

 private:
  // The draft appends up to `most` tokens to the text; returns how many. Its first pass reads all
  // that it has not seen: the latest token, and before that its own last proposal if all were
  // accepted.
  int propose(const model::Tokenizer& tokenizer, int most) {
    int proposed = 0;
    while (proposed < most) {
      const int seen = draft_->length();
      const float* logits = draft_->forward(text_.data() + seen, int(text_.size()) - seen, 1);
      text_.push_back(rule_->propose(logits, proposed++));
      if (tokenizer.is_end(text_.back())) break;  // nothing comes after it
    }
    return proposed;
  }

  // Both models must have room for what they read: the target for all proposed tokens, the draft
  // for all but the last.
  int proposal_room(int length) const {
    return std::min(
        {draft_tokens_, target_->max_seq_len() - length, draft_->max_seq_len() - length + 1});
  }

  // For who watches: the proposals stand behind the first `length` tokens of the text.
  decode::Judged judged(const Output& output, int length, const Verdict& verdict) const {
    return {
        output.produced(), {text_.begin() + length, text_.end()}, verdict.accepted, verdict.next};
  }

  // Forgets refused tokens.
  void cut(int length) {
    target_->truncate(std::min(length, target_->length()));
    draft_->truncate(std::min(length, draft_->length()));
  }

  void reset(const std::vector<int>& prompt) {
    cut(0);
    rule_->restart();
    text_ = prompt;
    speculation_ = {};
    speculation_.draft_tokens = draft_tokens_;
    speculation_.proposed.resize(draft_tokens_);
    speculation_.accepted.resize(draft_tokens_);
  }

  void count(int proposed, int accepted) {
    ++speculation_.target_passes;
    for (int i = 0; i < std::min(accepted + 1, proposed); ++i) ++speculation_.proposed[i];
    for (int i = 0; i < accepted; ++i) ++speculation_.accepted[i];
  }

  std::unique_ptr<Decoder> target_, draft_;
  std::unique_ptr<Rule> rule_;
  int draft_tokens_;  // k
  int text_room_;
  std::vector<int> text_;  // prompt, produced tokens and, within a round, proposed ones
  decode::Speculation speculation_;
};

using MakeDecoder = std::function<std::unique_ptr<Decoder>(const decode::DecoderOptions&)>;

// Target and draft with room for a text of options.max_seq_len tokens and a proposal behind it.
// Throws DecodeError when draft_tokens is out of range or the vocabularies have different sizes.
inline std::unique_ptr<decode::Generator> make_generator(const MakeDecoder& make_target,
                                                         const MakeDecoder& make_draft,
                                                         const decode::DecoderOptions& options,
                                                         const decode::GeneratorOptions& more) {
  const int k = more.draft_tokens;
  if (k < 1 || k > kMaxDraftTokens) {
    throw decode::DecodeError("--draft-tokens: expected 1 to " + std::to_string(kMaxDraftTokens));
  }
  decode::DecoderOptions each = options;
  if (each.max_seq_len > 0) each.max_seq_len += k;
  each.max_logit_rows = k + 1;
  auto target = make_target(each);
  each.max_logit_rows = 1;
  auto draft = [&] {
    const gpu::NamePrefix prefix("draft.");  // else its memory has the names of the target's
    return make_draft(each);
  }();

  const int vocab_size = target->config().vocab_size;
  if (draft->config().vocab_size != vocab_size) {
    throw decode::DecodeError("--draft: found a vocabulary of " +
                              std::to_string(draft->config().vocab_size) +
                              " tokens, expected the target's " + std::to_string(vocab_size));
  }
  std::unique_ptr<Rule> rule;
  if (more.sampler.temperature == 0) {
    rule = std::make_unique<GreedyRule>(vocab_size, more.sampler, options.stream);
  } else {
    rule = std::make_unique<SamplingRule>(vocab_size, more.sampler, k, options.stream);
  }
  const int text_room = decode::sequence_room(target->config(), options);
  return std::make_unique<Generator>(std::move(target), std::move(draft), std::move(rule), k,
                                     text_room);
}

}  // namespace ch05

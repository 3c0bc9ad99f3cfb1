// Prefill, then one decode step a token.
#include "common/decode/generate.h"

#include "common/decode/output.h"  // Output
#include "common/gpu/work.h"       // begin_phase

namespace decode {

std::string stop_text(StopReason reason, const Decoder& decoder) {
  switch (reason) {
    case StopReason::kCount:
      return "as many tokens as asked for";
    case StopReason::kEnd:
      return "the model ended the text";
    case StopReason::kContext:
      break;
  }
  return "the sequence is full at " + std::to_string(decoder.max_seq_len()) + " tokens";
}

Generated generate(Decoder& decoder, Sampler& sampler, const model::Tokenizer& tokenizer,
                   const std::vector<int>& prompt, int n, const GenerateCallbacks& callbacks) {
  const int prompt_tokens = int(prompt.size());
  Output output(tokenizer, callbacks, prompt_tokens, n, decoder.max_seq_len());
  std::vector<int> text = prompt;

  gpu::begin_phase(gpu::Phase::kPrefill, 0);
  text.push_back(sampler.sample(decoder.forward(prompt.data(), prompt_tokens, 1)));
  output.prefill_done();

  while (output.take(text)) {
    gpu::begin_phase(gpu::Phase::kDecode, output.produced());
    text.push_back(sampler.sample(decoder.forward(&text.back(), 1, 1)));
  }
  return output.finish();
}

}  // namespace decode

// Prefill, then one decode step a token.
#include "common/decode/generate.h"

#include <chrono>

#include "common/decode/error.h"  // DecodeError
#include "common/gpu/work.h"      // begin_phase

namespace decode {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

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
  if (prompt.empty()) throw DecodeError("the prompt has no tokens: at least one is needed");
  if (n <= 0) throw DecodeError("the number of tokens to generate must be positive");
  model::StreamDecoder stream(tokenizer, false);
  Generated result;
  const auto give = [&](const std::string& text) {
    result.text += text;
    if (callbacks.text && !text.empty()) callbacks.text(text);
  };

  auto start = std::chrono::steady_clock::now();
  gpu::begin_phase(gpu::Phase::kPrefill, 0);
  int token = sampler.sample(decoder.forward(prompt.data(), static_cast<int>(prompt.size()), 1));
  result.prefill_seconds = seconds_since(start);
  if (callbacks.prefill_done) callbacks.prefill_done();

  start = std::chrono::steady_clock::now();
  while (true) {
    result.tokens.push_back(token);
    give(stream.feed(token));
    const int produced = static_cast<int>(result.tokens.size());
    if (callbacks.progress) callbacks.progress(produced, n);
    if (tokenizer.is_end(token)) {
      result.stop = StopReason::kEnd;
      break;
    }
    if (produced == n) break;
    if (decoder.length() == decoder.max_seq_len()) {
      result.stop = StopReason::kContext;
      break;
    }
    gpu::begin_phase(gpu::Phase::kDecode, produced);
    token = sampler.sample(decoder.forward(&token, 1, 1));
  }
  result.decode_seconds = seconds_since(start);
  give(stream.finish());
  return result;
}

}  // namespace decode

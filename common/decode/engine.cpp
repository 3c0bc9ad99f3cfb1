// Two ways to make text.
#include "common/decode/engine.h"

namespace decode {

Engine::Engine(const Chapter& chapter, const Model& target, const Model& draft,
               const DecoderOptions& decoder_options, const GeneratorOptions& options)
    : sampler_(options.sampler) {
  if (chapter.make_generator) {
    generator_ = chapter.make_generator(target, draft, decoder_options, options);
  } else {
    decoder_ = chapter.make(target, decoder_options);
  }
}

Generated Engine::generate(const model::Tokenizer& tokenizer, const std::vector<int>& prompt, int n,
                           const GenerateCallbacks& callbacks) {
  if (generator_) return generator_->generate(tokenizer, prompt, n, callbacks);
  decoder_->truncate(0);
  Sampler sampler(decoder_->config().vocab_size, sampler_);
  return decode::generate(*decoder_, sampler, tokenizer, prompt, n, callbacks);
}

}  // namespace decode

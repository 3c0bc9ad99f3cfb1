// Runs a row of the ladder, whichever kind it is: a decoder in the plain loop, or a generator.
#pragma once

#include <memory>
#include <vector>

#include "common/decode/registry.h"  // Chapter, Generator

namespace decode {

class Engine {
 public:
  // Makes the chapter's decoder or generator. Throws CannotRun when this chapter cannot run with
  // these models. They must outlive the engine; `draft` is the target where it drafts for itself.
  Engine(const Chapter& chapter, const Model& target, const Model& draft,
         const DecoderOptions& decoder_options, const GeneratorOptions& options);

  // Continues the prompt by up to n tokens, from an empty sequence and with a fresh sampler.
  Generated generate(const model::Tokenizer& tokenizer, const std::vector<int>& prompt, int n,
                     const GenerateCallbacks& callbacks = {});

  Decoder& decoder() { return generator_ ? generator_->decoder() : *decoder_; }
  const Speculation* speculation() const {  // null for a decoder in the plain loop
    return generator_ ? &generator_->speculation() : nullptr;
  }

 private:
  SamplerOptions sampler_;
  std::unique_ptr<Decoder> decoder_;  // one of these two
  std::unique_ptr<Generator> generator_;
};

}  // namespace decode

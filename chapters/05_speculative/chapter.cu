// Registers chapter 05, once for each pair of chapters that target and draft decode with: "03x04"
// is a target in bf16 with a draft in INT8.
#include "chapters/03_grouped_query/decoder.cuh"  // Decoder, bf16
#include "chapters/04_int8/decoder.cuh"           // Decoder, INT8
#include "chapters/05_speculative/decoder.cuh"    // make_generator
#include "common/decode/registry.h"               // RegisterChapter

namespace {

using Bf16 = ch03::Decoder;
using Int8 = ch04::Decoder<ch04::Int8Matrix, ch04::Int8KvCache>;

std::unique_ptr<decode::Decoder> make(const Bf16*, const decode::Model& model,
                                      const decode::DecoderOptions& options) {
  return std::make_unique<Bf16>(model.device, options, ch01::KvMemory::kVram);
}
std::unique_ptr<decode::Decoder> make(const Int8*, const decode::Model& model,
                                      const decode::DecoderOptions& options) {
  return std::make_unique<Int8>(model, options, ch01::KvMemory::kVram);
}

template <typename Target, typename Draft>
decode::Chapter chapter(const char* variant, const char* idea, const char* compare_with) {
  decode::Chapter c;
  c.id = "05";
  c.name = "speculative";
  c.variant = variant;
  c.idea = idea;
  c.compare_with = compare_with;
  c.make_generator = [](const decode::Model& target, const decode::Model& draft,
                        const decode::DecoderOptions& options,
                        const decode::GeneratorOptions& more) {
    if (std::is_same<Target, Draft>::value && decode::same_model(target, draft)) {
      throw decode::CannotRun("a draft model is needed: --draft FILE");
    }
    return ch05::make_generator(
        [&](const decode::DecoderOptions& o) { return make((Target*)nullptr, target, o); },
        [&](const decode::DecoderOptions& o) { return make((Draft*)nullptr, draft, o); }, options,
        more);
  };
  return c;
}

const decode::RegisterChapter kBoth16(chapter<Bf16, Bf16>(
    "03x03", "a draft proposes, the target reads all proposals in one pass", "03:vram"));
const decode::RegisterChapter kDraft8(chapter<Bf16, Int8>("03x04",
                                                          "the same with the draft in 8 bits",
                                                          "03:vram"));
const decode::RegisterChapter kBoth8(chapter<Int8, Int8>("04x04", "the same with both in 8 bits",
                                                         "04:cache"));

decode::Chapter verifier8() {
  decode::Chapter c =
      chapter<Int8, Bf16>("04x03", "the target in 8 bits, its draft not", "04:cache");
  c.by_default = false;
  return c;
}
const decode::RegisterChapter kTarget8(verifier8());

}  // namespace

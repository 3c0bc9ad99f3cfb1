// Registers chapter 04: weights in 8 or 4 bits, the cache in bf16 or in 8 bits.
#include "chapters/04_int8/decoder.cuh"  // Decoder
#include "common/decode/registry.h"      // RegisterChapter

namespace {

using ch01::KvMemory;

template <typename Matrix, typename Cache>
decode::Chapter chapter(const char* variant, const char* idea, KvMemory memory = KvMemory::kVram) {
  decode::Chapter c;
  c.id = "04";
  c.name = "int8";
  c.variant = variant;
  c.idea = idea;
  c.make = [memory](const decode::Model& model, const decode::DecoderOptions& options) {
    return std::make_unique<ch04::Decoder<Matrix, Cache>>(model, options, memory);
  };
  c.lossy = true;
  c.kv = memory == KvMemory::kVram ? "vram" : "host";
  c.by_default = memory == KvMemory::kVram;
  return c;
}

using ch04::Int4Matrix, ch04::Int8KvCache, ch04::Int8Matrix, ch04::KvCache;

const decode::RegisterChapter kWeights(
    chapter<Int8Matrix, KvCache>("weights", "weights in 8 bits, 32 of them share a scale"));
const decode::RegisterChapter kCache(
    chapter<Int8Matrix, Int8KvCache>("cache", "weights and K and V in 8 bits"));
const decode::RegisterChapter kInt4(
    chapter<Int4Matrix, KvCache>("int4", "weights in 4 bits: fewer bytes, a larger loss"));
const decode::RegisterChapter kHost(chapter<Int8Matrix, Int8KvCache>(
    "host", "weights and K and V in 8 bits, K and V in host RAM", KvMemory::kHost));

}  // namespace

// Registers chapter 01, once for each place where its cache can live.
#include "chapters/01_kv_cache/decoder.cuh"  // Decoder
#include "common/decode/registry.h"          // RegisterChapter

namespace {

decode::Chapter chapter(const char* variant, const char* idea, ch01::KvMemory memory) {
  decode::Chapter c;
  c.id = "01";
  c.name = "kv_cache";
  c.variant = c.kv = variant;
  c.idea = idea;
  c.make = [memory](const decode::Model& model, const decode::DecoderOptions& options) {
    return std::make_unique<ch01::Decoder>(model.device, options, memory);
  };
  return c;
}

const decode::RegisterChapter kVram(chapter("vram",
                                            "keeps K and V in VRAM, computes new tokens only",
                                            ch01::KvMemory::kVram));
const decode::RegisterChapter kHost(chapter("host", "the same with K and V in host RAM, over PCIe",
                                            ch01::KvMemory::kHost));

}  // namespace

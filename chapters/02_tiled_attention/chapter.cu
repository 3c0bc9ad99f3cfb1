// Registers chapter 02, once for each place where its cache can live.
#include "chapters/02_tiled_attention/decoder.cuh"  // Decoder
#include "common/decode/registry.h"                 // RegisterChapter

namespace {

decode::Chapter chapter(const char* variant, const char* idea, ch01::KvMemory memory) {
  decode::Chapter c;
  c.id = "02";
  c.name = "tiled_attention";
  c.variant = c.kv = variant;
  c.idea = idea;
  c.make = [memory](const decode::Model& model, const decode::DecoderOptions& options) {
    return std::make_unique<ch02::Decoder>(model.device, options, memory);
  };
  c.by_default = memory == ch01::KvMemory::kVram;
  return c;
}

const decode::RegisterChapter kVram(chapter("vram", "attention in tiles, scores stay on the chip",
                                            ch01::KvMemory::kVram));
const decode::RegisterChapter kHost(chapter("host", "the same with K and V in host RAM, over PCIe",
                                            ch01::KvMemory::kHost));

}  // namespace

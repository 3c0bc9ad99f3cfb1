// Registers chapter 00.
#include "chapters/00_naive/decoder.cuh"  // Decoder
#include "common/decode/registry.h"       // RegisterChapter

namespace {

decode::Chapter chapter() {
  decode::Chapter c;
  c.id = "00";
  c.name = "naive";
  c.idea = "computes the whole sequence anew for each token";
  c.kv = "";
  c.make = [](const decode::Model& model, const decode::DecoderOptions& options) {
    return std::make_unique<ch00::Decoder>(model.device, options);
  };
  return c;
}

const decode::RegisterChapter kChapter(chapter());

}  // namespace

// Registers chapter 00.
#include "chapters/00_naive/decoder.cuh"  // Decoder
#include "common/decode/registry.h"       // RegisterChapter

namespace {

const decode::RegisterChapter kChapter({"00", "naive", "",
                                        "computes the whole sequence anew for each token",
                                        [](const auto& weights, const auto& options) {
                                          return std::make_unique<ch00::Decoder>(weights, options);
                                        }});

}  // namespace

// The chapters that a program holds. Each chapter.cu registers its decoders when the program
// starts.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/decode/decoder.h"         // Decoder, DecoderOptions
#include "common/decode/device_weights.h"  // DeviceWeights

namespace decode {

// One way to run a chapter: a row of the ladder table.
struct Chapter {
  std::string id;       // "01"
  std::string name;     // "kv_cache"
  std::string variant;  // "vram", "host"; empty when the chapter has only one
  std::string idea;     // one line
  // The weights must outlive the decoder.
  std::function<std::unique_ptr<Decoder>(const DeviceWeights&, const DecoderOptions&)> make;
};

// All of them, ordered by id and, within a chapter, as registered.
const std::vector<Chapter>& chapters();

// A namespace-scope object of this type registers its chapter.
struct RegisterChapter {
  explicit RegisterChapter(Chapter chapter);
};

// Rows for `ids` ("00,01"; empty is all) whose variant is in `variants` ("vram,host"; a chapter
// without variants is always taken). Throws DecodeError naming the ids or variants that there are.
std::vector<Chapter> select_chapters(const std::string& ids, const std::string& variants);

}  // namespace decode

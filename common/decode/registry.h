// The chapters that a program holds. Each chapter.cu registers its decoders when the program
// starts.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/decode/decoder.h"    // Decoder, DecoderOptions
#include "common/decode/generator.h"  // Generator, GeneratorOptions
#include "common/decode/model.h"      // Model

namespace decode {

// One way to run a chapter: a row of the ladder table. Either make or make_generator is set. Both
// may throw CannotRun.
struct Chapter {
  std::string id;       // "01"
  std::string name;     // "kv_cache"
  std::string variant;  // "vram", "host"; empty when the chapter has only one
  std::string idea;     // one line

  // What the model refers to must outlive the decoder.
  std::function<std::unique_ptr<Decoder>(const Model&, const DecoderOptions&)> make = nullptr;
  // Target, draft. The draft is the target itself where no other model drafts: see same_model().
  // max_seq_len of the options counts the text; a generator adds what its proposals need.
  std::function<std::unique_ptr<Generator>(const Model&, const Model&, const DecoderOptions&,
                                           const GeneratorOptions&)>
      make_generator = nullptr;

  bool by_default = true;         // false: runs only when its variant is named
  bool lossy = false;             // its tokens may differ from those that they are compared with
  std::string compare_with = {};  // "04:weights": the row whose tokens its own are compared with.
                                  // Empty: the last row before it that is not lossy and has an
                                  // empty compare_with itself
  std::string kv = "vram";  // where the cache of K and V lives, for --kv; empty when there is none
};

std::string title(const Chapter& chapter);  // "01 kv_cache host"

// All of them, ordered by id and, within a chapter, as registered.
const std::vector<Chapter>& chapters();

// A namespace-scope object of this type registers its chapter.
struct RegisterChapter {
  explicit RegisterChapter(Chapter chapter);
};

// The rows for `ids`: "01" takes the variants of chapter 01 that run by default, "01:host" that
// variant, empty every default row. `kv` ("vram,host"; empty is all) leaves only rows whose cache
// lives there, or that have none; naming a place there also names the variant of that name: with
// "host" the rows "02:host" run. Throws DecodeError naming the ids or variants that there are.
std::vector<Chapter> select_chapters(const std::string& ids, const std::string& kv);

// The row of `rows` that the tokens of rows[index] are compared with, or -1: see compare_with.
// `ran` says which rows have run; of several that fit, the nearest above is taken.
int row_to_compare(const std::vector<Chapter>& rows, int index, const std::vector<bool>& ran);

}  // namespace decode

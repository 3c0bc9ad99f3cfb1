// Small GGUF files, good and bad, for the tests and as seeds for the fuzzer.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/model/gguf_writer.h"

// A folder that is removed at the end of the test.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& bytes) const;

 private:
  std::string path_;
};

// A GGUF file put together from raw parts, so that each can be wrong.
struct RawGguf {
  std::string magic = "GGUF";
  uint32_t version = 3;
  std::vector<std::string> values;  // key, type, value as in the file
  std::vector<std::string> infos;   // tensor list entries as in the file
  std::string data;
  uint32_t alignment = 32;
  bool has_counts = false;  // use the two counts below rather than the true ones
  uint64_t n_tensors = 0;
  uint64_t n_values = 0;

  RawGguf& value(const std::string& key, uint32_t type, const std::string& bytes);
  RawGguf& tensor(const std::string& name, const std::vector<uint64_t>& dims, uint32_t type,
                  uint64_t offset);
  std::string bytes() const;
};

// The shape of the small model below.
constexpr int kDim = 16, kHidden = 24, kLayers = 2, kHeads = 2, kKvHeads = 1, kHeadDim = 8;

// What can be changed in the small model; keys and tensors are named as in the file.
struct ModelEdits {
  std::string architecture = "llama";
  std::vector<std::string> without;             // keys and tensors that are left out
  std::function<void(model::GgufWriter&)> add;  // keys to add (after leaving others out)
  std::string reshaped;                         // a tensor whose rows get one value more
  std::string poisoned;                         // a tensor whose last value is NaN
  model::TensorType matrices = model::TensorType::kF32;
  bool output = false;  // an output matrix of its own
};

// A whole tiny model with a llama vocabulary of 300 tokens: loads unless the edits break it.
std::string model_bytes(const ModelEdits& edits = {});
float weight_at(const std::string& tensor, uint64_t index);  // the value model_bytes() puts there

// A vocabulary without weights, "llama" kind: <unk>, <s>, </s>, 256 byte tokens, then `pieces`.
struct VocabParts {
  std::vector<std::string> tokens;
  std::vector<float> scores;
  std::vector<int32_t> types;
};
VocabParts llama_vocab(const std::vector<std::string>& pieces);
void add_vocab(model::GgufWriter& writer, const VocabParts& vocab);

// A "gpt2" kind: the byte alphabet (ids 0 to 255), then one token for each merge "left right".
void add_gpt2_vocab(model::GgufWriter& writer, const std::string& pre,
                    const std::vector<std::string>& merges,
                    const std::vector<std::string>& control = {});

// A model file, opened, checked and uploaded.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/decode/device_weights.h"  // DeviceWeights
#include "common/decode/model.h"           // Model
#include "common/decode/options.h"         // Options
#include "common/model/gguf.h"             // GgufFile
#include "common/model/tokenizer.h"        // Tokenizer

namespace decode {

struct LoadedModel {
  explicit LoadedModel(const std::string& path);

  std::string path;
  model::GgufFile file;
  model::HostWeights host;
  model::Tokenizer tokenizer;
  DeviceWeights device;
  uint64_t device_bytes;  // of the weights, on the device

  // Copies the weights to the device, into allocations that begin with `name`.
  void upload(const std::string& name = "weights");
  Model model() const { return {device, host, &file}; }  // after upload()
  std::string file_name() const;
  // Notes for a reader, one a line: dequantized weights, tensors with infinities.
  std::vector<std::string> notes;
};

// {file, name, architecture, shape...}: the model in this target's report.
nlohmann::ordered_json model_json(const LoadedModel& model);

// The file of the model that drafts for `options.model`, or "" when that drafts for itself. Without
// --draft it is austen-draft.gguf beside austen-4m.gguf, and no other model has one.
std::string draft_path(const Options& options);

// Throws DecodeError naming the first token that differs, unless both have one vocabulary.
void check_draft(const LoadedModel& target, const LoadedModel& draft);

// How many tokens ladder-traced generates: at most --count-tokens, or when that is not given all of
// them for a model of up to kFewWeights weights, and kTokensOfMany for a larger one.
constexpr uint64_t kFewWeights = 32'000'000;
constexpr int kTokensOfMany = 8;
int tokens_to_count(const Options& options, const LoadedModel& model);

// Positions that this run's decoders have room for: --context, or what prompt and new tokens need,
// at most the model's context. Throws DecodeError when --context is too small for these or larger
// than the model's context.
int context_to_make(const Options& options, const LoadedModel& model, size_t prompt_tokens);

// The prompt's token ids: plain text, or a message in a chat format.
std::vector<int> prompt_tokens(const LoadedModel& model, const Options& options);

}  // namespace decode

// A model file, opened, checked and uploaded.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/decode/device_weights.h"  // DeviceWeights
#include "common/decode/options.h"         // Options
#include "common/model/gguf.h"             // GgufFile
#include "common/model/tokenizer.h"        // Tokenizer

namespace decode {

struct LoadedModel {
  explicit LoadedModel(const std::string& path);

  std::string path;
  model::GgufFile file;
  model::HostWeights host;  // emptied by upload()
  model::Tokenizer tokenizer;
  DeviceWeights device;
  uint64_t device_bytes;  // of the weights, on the device

  // Copies the weights to the device and drops the host's copy.
  void upload();
  std::string file_name() const;
  // Notes for a reader, one a line: dequantized weights, tensors with infinities.
  std::vector<std::string> notes;
};

// {file, name, architecture, shape...}: the model in this target's report.
nlohmann::ordered_json model_json(const LoadedModel& model);

// The prompt's token ids: plain text, or a message in a chat format.
std::vector<int> prompt_tokens(const LoadedModel& model, const Options& options);

}  // namespace decode

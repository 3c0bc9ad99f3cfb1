// Tokenizers that tests load.
#pragma once

#include <string>
#include <vector>

#include "common/model/gguf.h"       // GgufFile
#include "common/model/tokenizer.h"  // Tokenizer

inline std::string golden(const std::string& name) {
  return std::string(LADDER_SOURCE_DIR) + "/tests/model/goldens/" + name + ".gguf";
}

inline model::Tokenizer austen() {
  return model::Tokenizer::load(
      model::GgufFile::open(std::string(LADDER_SOURCE_DIR) + "/common/models/austen-4m.gguf"));
}

inline model::Tokenizer load_golden(const std::string& name) {
  return model::Tokenizer::load(model::GgufFile::open(golden(name)));
}

// The vocabularies that have all 256 bytes.
inline std::vector<model::Tokenizer> all_tokenizers() {
  std::vector<model::Tokenizer> list;
  list.push_back(austen());
  for (const char* name : {"gpt-2", "llama-bpe", "qwen2"}) list.push_back(load_golden(name));
  return list;
}

// Writes the fuzzer's first inputs into a folder: small sound files of every kind.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "tests/model/test_files.h"

using model::TensorType;

namespace {

std::filesystem::path folder;

void seed(const std::string& name, const std::string& bytes) {
  std::ofstream out(folder / name, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out) throw std::runtime_error("cannot write " + (folder / name).string());
}

void model_seeds() {
  seed("llama", model_bytes());
  ModelEdits qwen2;
  qwen2.architecture = "qwen2";
  qwen2.output = true;
  seed("qwen2", model_bytes(qwen2));
  ModelEdits half;
  half.matrices = TensorType::kF16;
  half.poisoned = "output_norm.weight";
  half.add = [](model::GgufWriter& writer) {
    writer.add_uint32("general.alignment", 32);
    writer.add_uint32("llama.attention.key_length", kHeadDim);
    writer.add_string("llama.rope.scaling.type", "none");
    writer.add_uint32("tokenizer.ggml.bos_token_id", 1);
    writer.add_bool("tokenizer.ggml.add_bos_token", true);
  };
  seed("keys", model_bytes(half));
}

void tensor_seeds() {
  for (TensorType type : {TensorType::kF32, TensorType::kBF16, TensorType::kQ8_0, TensorType::kQ4_0,
                          TensorType::kQ4_1}) {
    model::GgufWriter writer;
    writer.add_tensor("t", {32, 2}, type,
                      std::string(64 / model::block_values(type) * model::block_bytes(type), 1));
    seed(std::string("tensor-") + model::tensor_type_name(type), writer.bytes());
  }
}

void vocabulary_seeds() {
  for (const char* pre : {"gpt-2", "llama-bpe", "smollm", "qwen2"}) {
    model::GgufWriter writer;
    add_gpt2_vocab(writer, pre, {"i t", "w e", "it s"}, {"<|im_start|>", "<|im_end|>"});
    seed(std::string("gpt2-") + pre, writer.bytes());
  }
  VocabParts vocab = llama_vocab({"It", "is", "\n", "\xe2\x96\x81"});
  vocab.types[261] = 4;
  vocab.types[260] = 5;
  model::GgufWriter writer;
  add_vocab(writer, vocab);
  seed("llama-vocabulary", writer.bytes());
}

void value_seeds() {
  RawGguf file;
  const std::string zeros(8, '\0');
  const size_t kBytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 8, 0, 8, 8, 8};
  for (uint32_t type = 0; type < 13; ++type) {
    if (type == 9) continue;
    std::string value = zeros.substr(0, kBytes[type]);
    file.value("v" + std::to_string(type), type, value);
    file.value("a" + std::to_string(type), 9,
               model::gguf_number(type) + model::gguf_number<uint64_t>(1) + value);
  }
  seed("values", file.bytes());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_seeds FOLDER\n";
    return 2;
  }
  folder = argv[1];
  std::filesystem::create_directories(folder);
  model_seeds();
  tensor_seeds();
  vocabulary_seeds();
  value_seeds();
  return 0;
}

// Makers of small GGUF files; see test_files.h.
#include "test_files.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>

#include "common/model/convert.h"

using model::gguf_number;
using model::gguf_string;
using model::GgufWriter;
using model::TensorType;

namespace {

std::string hex_byte_token(int byte) {
  char text[8];
  std::snprintf(text, sizeof text, "<0x%02X>", byte);
  return text;
}

std::string alphabet_char(int byte) {
  static const std::vector<int> points = [] {
    std::vector<int> list(256);
    int next = 0x100;
    for (int b = 0; b < 256; ++b) {
      bool printable = (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b != 0xad);
      list[static_cast<size_t>(b)] = printable ? b : next++;
    }
    return list;
  }();
  int point = points[static_cast<size_t>(byte)];
  if (point < 0x80) return std::string(1, static_cast<char>(point));
  return {static_cast<char>(0xc0 | (point >> 6)), static_cast<char>(0x80 | (point & 0x3f))};
}

bool listed(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The raw bytes of `count` values; Q types get blocks whose values are all 0.5.
std::string tensor_data(const std::string& name, TensorType type, uint64_t count, bool poisoned) {
  std::string data;
  if (model::block_values(type) > 1) {
    std::string block(model::block_bytes(type), '\0');
    uint16_t d = model::float_to_half(poisoned ? std::numeric_limits<float>::quiet_NaN() : 0.5f);
    block[0] = static_cast<char>(d & 0xff);
    block[1] = static_cast<char>(d >> 8);
    for (size_t i = 2; i < block.size(); ++i) block[i] = 1;
    for (uint64_t i = 0; i < count / model::block_values(type); ++i) data += block;
    return data;
  }
  for (uint64_t i = 0; i < count; ++i) {
    float value = weight_at(name, i);
    if (poisoned && i + 1 == count) value = std::numeric_limits<float>::quiet_NaN();
    if (type == TensorType::kF32) data += gguf_number(value);
    if (type == TensorType::kF16) data += gguf_number(model::float_to_half(value));
    if (type == TensorType::kBF16) data += gguf_number(model::float_to_bf16(value));
  }
  return data;
}

class ModelBuilder {
 public:
  explicit ModelBuilder(const ModelEdits& edits) : edits_(edits) {}

  std::string build() {
    add_keys();
    add_vocabulary();
    if (edits_.add) edits_.add(writer_);
    matrix("token_embd.weight", kDim, 300);
    for (int layer = 0; layer < kLayers; ++layer) add_layer("blk." + std::to_string(layer) + ".");
    vector("output_norm.weight", kDim);
    if (edits_.output) matrix("output.weight", kDim, 300);
    return writer_.bytes();
  }

 private:
  bool wanted(const std::string& name) const { return !listed(edits_.without, name); }

  void count(const std::string& key, uint32_t value) {
    if (wanted(edits_.architecture + "." + key)) {
      writer_.add_uint32(edits_.architecture + "." + key, value);
    }
  }

  void add_keys() {
    if (wanted("general.architecture")) {
      writer_.add_string("general.architecture", edits_.architecture);
    }
    count("context_length", 64);
    count("embedding_length", kDim);
    count("block_count", kLayers);
    count("feed_forward_length", kHidden);
    count("attention.head_count", kHeads);
    count("attention.head_count_kv", kKvHeads);
    std::string eps = edits_.architecture + ".attention.layer_norm_rms_epsilon";
    if (wanted(eps)) writer_.add_float32(eps, 1e-5f);
  }

  void add_vocabulary() {
    std::vector<std::string> pieces;
    for (char c = 'a'; c <= 'z'; ++c) pieces.push_back(std::string(1, c));
    while (pieces.size() < 41) pieces.push_back("ab" + std::to_string(pieces.size()));
    VocabParts vocab = llama_vocab(pieces);
    if (wanted("tokenizer.ggml.model")) writer_.add_string("tokenizer.ggml.model", "llama");
    if (wanted("tokenizer.ggml.tokens")) writer_.add_strings("tokenizer.ggml.tokens", vocab.tokens);
    if (wanted("tokenizer.ggml.scores")) {
      writer_.add_float32s("tokenizer.ggml.scores", vocab.scores);
    }
    if (wanted("tokenizer.ggml.token_type")) {
      writer_.add_int32s("tokenizer.ggml.token_type", vocab.types);
    }
  }

  void tensor(const std::string& name, std::vector<uint64_t> dims, TensorType type) {
    if (!wanted(name)) return;
    if (name == edits_.reshaped) dims.back() += 1;
    uint64_t count = 1;
    for (uint64_t dim : dims) count *= dim;
    writer_.add_tensor(name, dims, type, tensor_data(name, type, count, name == edits_.poisoned));
  }

  void matrix(const std::string& name, uint64_t cols, uint64_t rows) {
    bool whole_blocks = cols % model::block_values(edits_.matrices) == 0;
    tensor(name, {cols, rows}, whole_blocks ? edits_.matrices : TensorType::kF32);
  }

  void vector(const std::string& name, uint64_t size) { tensor(name, {size}, TensorType::kF32); }

  void add_layer(const std::string& prefix) {
    vector(prefix + "attn_norm.weight", kDim);
    matrix(prefix + "attn_q.weight", kDim, kHeads * kHeadDim);
    matrix(prefix + "attn_k.weight", kDim, kKvHeads * kHeadDim);
    matrix(prefix + "attn_v.weight", kDim, kKvHeads * kHeadDim);
    if (edits_.architecture == "qwen2") {
      vector(prefix + "attn_q.bias", kHeads * kHeadDim);
      vector(prefix + "attn_k.bias", kKvHeads * kHeadDim);
      vector(prefix + "attn_v.bias", kKvHeads * kHeadDim);
    }
    matrix(prefix + "attn_output.weight", kHeads * kHeadDim, kDim);
    vector(prefix + "ffn_norm.weight", kDim);
    matrix(prefix + "ffn_gate.weight", kDim, kHidden);
    matrix(prefix + "ffn_up.weight", kDim, kHidden);
    matrix(prefix + "ffn_down.weight", kHidden, kDim);
  }

  const ModelEdits& edits_;
  GgufWriter writer_;
};

}  // namespace

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ladder-test.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no temporary folder: " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(const std::string& name, const std::string& bytes) const {
  std::ofstream out(file(name), std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file(name);
}

RawGguf& RawGguf::value(const std::string& key, uint32_t type, const std::string& bytes) {
  values.push_back(gguf_string(key) + gguf_number(type) + bytes);
  return *this;
}

RawGguf& RawGguf::tensor(const std::string& name, const std::vector<uint64_t>& dims, uint32_t type,
                         uint64_t offset) {
  std::string info = gguf_string(name) + gguf_number(static_cast<uint32_t>(dims.size()));
  for (uint64_t dim : dims) info += gguf_number(dim);
  infos.push_back(info + gguf_number(type) + gguf_number(offset));
  return *this;
}

std::string RawGguf::bytes() const {
  std::string file = magic + gguf_number(version);
  file += gguf_number<uint64_t>(has_counts ? n_tensors : infos.size());
  file += gguf_number<uint64_t>(has_counts ? n_values : values.size());
  for (const std::string& value : values) file += value;
  for (const std::string& info : infos) file += info;
  if (!data.empty()) file.resize((file.size() + alignment - 1) / alignment * alignment, '\0');
  return file + data;
}

float weight_at(const std::string& tensor, uint64_t index) {
  uint32_t hash = 2166136261u;
  for (unsigned char c : tensor) hash = (hash ^ c) * 16777619u;
  hash = (hash ^ static_cast<uint32_t>(index)) * 2654435761u;
  return static_cast<float>(static_cast<int>(hash >> 24) - 128) / 64.0f;  // exact in bf16
}

std::string model_bytes(const ModelEdits& edits) { return ModelBuilder(edits).build(); }

VocabParts llama_vocab(const std::vector<std::string>& pieces) {
  VocabParts vocab;
  vocab.tokens = {"<unk>", "<s>", "</s>"};
  vocab.types = {2, 3, 3};
  for (int byte = 0; byte < 256; ++byte) {
    vocab.tokens.push_back(hex_byte_token(byte));
    vocab.types.push_back(6);
  }
  vocab.scores.assign(vocab.tokens.size(), 0.0f);
  for (size_t i = 0; i < pieces.size(); ++i) {
    vocab.tokens.push_back(pieces[i]);
    vocab.types.push_back(1);
    vocab.scores.push_back(-static_cast<float>(i));
  }
  return vocab;
}

void add_vocab(GgufWriter& writer, const VocabParts& vocab) {
  writer.add_string("tokenizer.ggml.model", "llama");
  writer.add_strings("tokenizer.ggml.tokens", vocab.tokens);
  writer.add_float32s("tokenizer.ggml.scores", vocab.scores);
  writer.add_int32s("tokenizer.ggml.token_type", vocab.types);
}

void add_gpt2_vocab(GgufWriter& writer, const std::string& pre,
                    const std::vector<std::string>& merges,
                    const std::vector<std::string>& control) {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.push_back(alphabet_char(byte));
  for (std::string merge : merges) tokens.push_back(merge.erase(merge.find(' ', 1), 1));
  std::vector<int32_t> types(tokens.size(), 1);
  for (const std::string& token : control) {
    tokens.push_back(token);
    types.push_back(3);
  }
  writer.add_string("tokenizer.ggml.model", "gpt2");
  writer.add_string("tokenizer.ggml.pre", pre);
  writer.add_strings("tokenizer.ggml.tokens", tokens);
  writer.add_int32s("tokenizer.ggml.token_type", types);
  writer.add_strings("tokenizer.ggml.merges", merges);
}

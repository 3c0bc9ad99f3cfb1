// Pools the heads of K and V, and writes the model anew. Host code only.
#include <sys/stat.h>

#include "chapters/03_grouped_query/pool_heads.h"
#include "common/model/convert.h"      // to_float, float_to_bf16, float_to_half
#include "common/model/gguf_types.h"   // value_type_bytes
#include "common/model/gguf_writer.h"  // GgufWriter

namespace ch03 {
namespace {

using model::GgufArray;
using model::GgufFile;
using model::GgufTensor;
using model::GgufValue;
using model::TensorType;
using model::ValueType;

// What follows the type of a value in the file.
std::string value_bytes(const GgufValue& value) {
  if (value.type == ValueType::kString) return model::gguf_string(value.text);
  if (value.type != ValueType::kArray) {
    return model::gguf_number(value.bits).substr(0, model::value_type_bytes(value.type));
  }
  const GgufArray& array = *value.array;
  std::string bytes = model::gguf_number(static_cast<uint32_t>(array.element_type)) +
                      model::gguf_number<uint64_t>(array.count);
  if (array.element_type != ValueType::kString) return bytes + array.numbers;
  for (const std::string& text : array.strings) bytes += model::gguf_string(text);
  return bytes;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// "blk.3.attn_k.weight" and the like.
bool has_kv_heads(const std::string& tensor) {
  for (const char* end : {".attn_k.weight", ".attn_v.weight", ".attn_k.bias", ".attn_v.bias"}) {
    if (ends_with(tensor, end)) return true;
  }
  return false;
}

std::string stored_bytes(const std::vector<float>& values, TensorType type) {
  std::string bytes;
  for (const float value : values) {
    if (type == TensorType::kF32) {
      bytes += model::gguf_number(value);
    } else {
      bytes += model::gguf_number(type == TensorType::kF16 ? model::float_to_half(value)
                                                           : model::float_to_bf16(value));
    }
  }
  return bytes;
}

void add_pooled(model::GgufWriter& writer, const GgufFile& file, const GgufTensor& tensor,
                const model::Config& config, int kv_heads, TensorType stored) {
  const std::vector<uint8_t> raw = file.read(tensor);
  std::vector<float> values(tensor.count());
  model::to_float(tensor.type, raw.data(), values.size(), values.data());
  const std::vector<float> pooled =
      pool_heads(values, values.size() / config.n_kv_heads, config.n_kv_heads, kv_heads);
  std::vector<uint64_t> dims = tensor.dims;
  dims.back() = uint64_t(kv_heads) * config.head_dim;
  // Vectors stay as they are: a bias is F32 in most files.
  const TensorType type = dims.size() == 1 ? TensorType::kF32 : stored;
  writer.add_tensor(tensor.name, dims, type, stored_bytes(pooled, type));
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat of_a, of_b;
  return stat(a.c_str(), &of_a) == 0 && stat(b.c_str(), &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
}

}  // namespace

std::vector<int> possible_kv_heads(const model::Config& config) {
  std::vector<int> possible;
  for (int heads = config.n_heads; heads >= 1; --heads) {
    const bool pools = config.n_kv_heads % heads == 0, copies = heads % config.n_kv_heads == 0;
    if (config.n_heads % heads == 0 && (pools || copies)) possible.push_back(heads);
  }
  return possible;
}

std::vector<float> pool_heads(const std::vector<float>& rows, size_t head_values, int from,
                              int to) {
  std::vector<float> out(head_values * to);
  const int pooled = from >= to ? from / to : 1;  // heads that become one
  const int copies = to > from ? to / from : 1;   // that one becomes
  for (int head = 0; head < to; ++head) {
    for (size_t i = 0; i < head_values; ++i) {
      double sum = 0;
      for (int part = 0; part < pooled; ++part) {
        sum += double(rows[size_t(head / copies * pooled + part) * head_values + i]);
      }
      out[head * head_values + i] = static_cast<float>(sum / pooled);
    }
  }
  return out;
}

void convert_heads(const GgufFile& file, int kv_heads, TensorType stored, const std::string& path) {
  const model::Config config = model::read_config(file);
  std::string possible;
  bool found = false;
  for (const int heads : possible_kv_heads(config)) {
    possible += (possible.empty() ? "" : ", ") + std::to_string(heads);
    found |= heads == kv_heads;
  }
  if (!found) throw file.error("heads of K and V", std::to_string(kv_heads), "one of " + possible);
  if (same_file(file.path(), path)) throw file.error("--out", "this very file", "another one");

  model::GgufWriter writer;
  const std::string key = config.architecture + ".attention.head_count_kv";
  for (const auto& [name, value] : file.values()) {
    if (name != key) writer.add_raw(name, value.type, value_bytes(value));
  }
  writer.add_uint32(key, static_cast<uint32_t>(kv_heads));
  writer.set_alignment(static_cast<uint32_t>(file.get_uint("general.alignment", 32)));
  for (const GgufTensor& tensor : file.tensors()) {
    if (has_kv_heads(tensor.name)) {
      add_pooled(writer, file, tensor, config, kv_heads, stored);
    } else {
      const std::vector<uint8_t> raw = file.read(tensor);
      writer.add_tensor(tensor.name, tensor.dims, tensor.type, {raw.begin(), raw.end()});
    }
  }
  writer.write(path);
}

}  // namespace ch03

// Lays out a GGUF file; see gguf_writer.h.
#include "common/model/gguf_writer.h"

#include <fstream>

namespace model {

namespace {

std::string type_bytes(ValueType type) { return gguf_number(static_cast<uint32_t>(type)); }

std::string array_head(ValueType type, size_t count) {
  return type_bytes(type) + gguf_number<uint64_t>(count);
}

void pad(std::string& bytes, uint32_t alignment) {
  if (alignment > 0) bytes.resize((bytes.size() + alignment - 1) / alignment * alignment, '\0');
}

}  // namespace

std::string gguf_string(const std::string& text) {
  return gguf_number<uint64_t>(text.size()) + text;
}

void GgufWriter::add_raw(const std::string& key, ValueType type, const std::string& bytes) {
  values_.push_back(gguf_string(key) + type_bytes(type) + bytes);
}

void GgufWriter::add_uint32(const std::string& key, uint32_t value) {
  add_raw(key, ValueType::kUint32, gguf_number(value));
}

void GgufWriter::add_float32(const std::string& key, float value) {
  add_raw(key, ValueType::kFloat32, gguf_number(value));
}

void GgufWriter::add_bool(const std::string& key, bool value) {
  add_raw(key, ValueType::kBool, std::string(1, value ? '\1' : '\0'));
}

void GgufWriter::add_string(const std::string& key, const std::string& value) {
  add_raw(key, ValueType::kString, gguf_string(value));
}

void GgufWriter::add_strings(const std::string& key, const std::vector<std::string>& values) {
  std::string bytes = array_head(ValueType::kString, values.size());
  for (const std::string& value : values) bytes += gguf_string(value);
  add_raw(key, ValueType::kArray, bytes);
}

void GgufWriter::add_float32s(const std::string& key, const std::vector<float>& values) {
  std::string bytes = array_head(ValueType::kFloat32, values.size());
  for (float value : values) bytes += gguf_number(value);
  add_raw(key, ValueType::kArray, bytes);
}

void GgufWriter::add_int32s(const std::string& key, const std::vector<int32_t>& values) {
  std::string bytes = array_head(ValueType::kInt32, values.size());
  for (int32_t value : values) bytes += gguf_number(value);
  add_raw(key, ValueType::kArray, bytes);
}

void GgufWriter::add_tensor(const std::string& name, const std::vector<uint64_t>& dims,
                            TensorType type, const std::string& data) {
  tensors_.push_back({name, dims, type, data});
}

std::string GgufWriter::bytes() const {
  std::string file = "GGUF" + gguf_number<uint32_t>(3) + gguf_number<uint64_t>(tensors_.size()) +
                     gguf_number<uint64_t>(values_.size());
  for (const std::string& value : values_) file += value;
  std::string data;
  for (const Tensor& tensor : tensors_) {
    file += gguf_string(tensor.name);
    file += gguf_number(static_cast<uint32_t>(tensor.dims.size()));
    for (uint64_t dim : tensor.dims) file += gguf_number(dim);
    file += gguf_number(static_cast<uint32_t>(tensor.type));
    file += gguf_number<uint64_t>(data.size());
    data += tensor.data;
    pad(data, alignment_);
  }
  pad(file, alignment_);
  return file + data;
}

void GgufWriter::write(const std::string& path) const {
  std::ofstream out(path, std::ios::binary);
  std::string file = bytes();
  out.write(file.data(), static_cast<std::streamsize>(file.size()));
  out.close();
  if (!out) throw bad_field(path, "file", "a failed write", "a place that can be written to");
}

}  // namespace model

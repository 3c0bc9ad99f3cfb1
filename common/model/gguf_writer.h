// Writes GGUF files, for tests and tools.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/model/gguf.h"  // ValueType, TensorType

namespace model {

// Collects keys and tensors in order, then lays them out as one GGUF version 3 file.
// It does not check what it is given: tests use it to write bad files too.
class GgufWriter {
 public:
  void add_uint32(const std::string& key, uint32_t value);
  void add_float32(const std::string& key, float value);
  void add_bool(const std::string& key, bool value);
  void add_string(const std::string& key, const std::string& value);
  void add_strings(const std::string& key, const std::vector<std::string>& values);
  void add_float32s(const std::string& key, const std::vector<float>& values);
  void add_int32s(const std::string& key, const std::vector<int32_t>& values);
  // Any value: `bytes` is what follows the type in the file.
  void add_raw(const std::string& key, ValueType type, const std::string& bytes);
  // dims[0] is the row length. `data` is the tensor's raw bytes. Its offset is computed.
  void add_tensor(const std::string& name, const std::vector<uint64_t>& dims, TensorType type,
                  const std::string& data);
  void set_alignment(uint32_t alignment) { alignment_ = alignment; }  // adds no key

  std::string bytes() const;                  // the whole file
  void write(const std::string& path) const;  // throws ModelError

 private:
  struct Tensor {
    std::string name;
    std::vector<uint64_t> dims;
    TensorType type;
    std::string data;
  };
  uint32_t alignment_ = 32;
  std::vector<std::string> values_;  // key, type and value as in the file
  std::vector<Tensor> tensors_;
};

// The little-endian bytes of a string or a number as GGUF stores them.
std::string gguf_string(const std::string& text);
template <typename T>
std::string gguf_number(T value) {
  std::string bytes(sizeof(T), '\0');
  const char* from = reinterpret_cast<const char*>(&value);
  for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = from[i];
  return bytes;
}

}  // namespace model

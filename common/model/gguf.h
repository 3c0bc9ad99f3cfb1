// Reads GGUF version 2 and 3 files: metadata at once, tensor data on demand with pread.
//
// A file is treated as hostile. Every count, length and offset is checked against the bytes that
// are left before anything is allocated, so the memory used stays in proportion to the file.
// Format: github.com/ggml-org/ggml, docs/gguf.md. All errors are ModelError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/model/error.h"  // ModelError

namespace model {

// Type of a metadata value, numbered as in the file.
enum class ValueType : uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};

// Storage type of a tensor, numbered as in the file. Others are refused when the file is opened.
enum class TensorType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ8_0 = 8,
  kBF16 = 30,
};

const char* value_type_name(ValueType type);    // "u32", "string", ...
const char* tensor_type_name(TensorType type);  // "F32", "Q4_1", ...
size_t block_values(TensorType type);           // values in one block (1 or 32)
size_t block_bytes(TensorType type);            // bytes of one block

// An array value. Numbers stay as their little-endian bytes; strings are unpacked.
struct GgufArray {
  ValueType element_type = ValueType::kUint8;
  uint64_t count = 0;
  std::string numbers;               // count * element size bytes, when not strings
  std::vector<std::string> strings;  // count strings, when strings
};

struct GgufValue {
  ValueType type = ValueType::kUint8;
  uint64_t bits = 0;  // a number's bits; signed integers are sign-extended, bool is 0 or 1
  std::string text;   // when kString
  std::unique_ptr<GgufArray> array;  // when kArray
};

struct GgufTensor {
  std::string name;
  TensorType type = TensorType::kF32;
  std::vector<uint64_t> dims;  // 1 to 4; dims[0] is the row length, that is the fastest index
  uint64_t offset = 0;         // from the start of the file, in bytes
  uint64_t bytes = 0;
  uint64_t count() const;  // number of values: the product of dims
};

class GgufFile {
 public:
  // Opens a regular file, reads and checks everything but the tensor data.
  static GgufFile open(const std::string& path);
  ~GgufFile();
  GgufFile(GgufFile&& other) noexcept;
  GgufFile& operator=(GgufFile&& other) noexcept;

  const std::string& path() const { return path_; }
  uint32_t version() const { return version_; }

  // Metadata: all of it, by key. find() gives nullptr for an absent key. The others throw when the
  // key has another type, and those without a fallback throw when it is absent.
  const std::vector<std::pair<std::string, GgufValue>>& values() const { return values_; }
  const GgufValue* find(const std::string& key) const;
  bool has(const std::string& key) const { return find(key) != nullptr; }
  uint64_t get_uint(const std::string& key) const;  // any integer type, not negative
  uint64_t get_uint(const std::string& key, uint64_t fallback) const;
  double get_float(const std::string& key) const;  // f32 or f64
  double get_float(const std::string& key, double fallback) const;
  bool get_bool(const std::string& key, bool fallback) const;
  std::string get_string(const std::string& key) const;
  std::string get_string(const std::string& key, const std::string& fallback) const;
  const std::vector<std::string>& get_strings(const std::string& key) const;
  std::vector<float> get_floats(const std::string& key) const;  // array of f32
  std::vector<int32_t> get_ints(const std::string& key) const;  // array of i32

  // Tensors, in file order. find_tensor() gives nullptr for an absent name.
  const std::vector<GgufTensor>& tensors() const { return tensors_; }
  const GgufTensor* find_tensor(const std::string& name) const;

  // Copies `bytes` raw bytes of the tensor, from byte `first` on, to `out`. Throws when the range
  // is outside the tensor, or when the file has been cut since it was opened.
  void read(const GgufTensor& tensor, uint64_t first, uint64_t bytes, void* out) const;
  // The whole tensor: tensor.bytes bytes, in the blocks of tensor.type.
  std::vector<uint8_t> read(const GgufTensor& tensor) const;

  // A ModelError about this file.
  ModelError error(const std::string& field, const std::string& found,
                   const std::string& expected) const {
    return bad_field(path_, field, found, expected);
  }

 private:
  friend class GgufParser;
  GgufFile() = default;
  const GgufValue& need(const std::string& key, const char* expected) const;

  std::string path_;
  int fd_ = -1;
  uint32_t version_ = 0;
  std::vector<std::pair<std::string, GgufValue>> values_;  // sorted by key
  std::vector<GgufTensor> tensors_;
  std::vector<uint32_t> tensors_by_name_;  // indices into tensors_, sorted by name
};

}  // namespace model

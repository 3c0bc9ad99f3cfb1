// Access to an opened GGUF file: typed metadata and raw tensor data.
#include "common/model/gguf.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/model/file_reader.h"
#include "common/model/gguf_parser.h"

namespace model {

namespace {

bool is_integer(ValueType type) {
  return type != ValueType::kFloat32 && type != ValueType::kFloat64 && type != ValueType::kBool &&
         type != ValueType::kString && type != ValueType::kArray;
}

bool is_signed(ValueType type) {
  return type == ValueType::kInt8 || type == ValueType::kInt16 || type == ValueType::kInt32 ||
         type == ValueType::kInt64;
}

std::string describe(const GgufValue& value) {
  if (value.type != ValueType::kArray) return value_type_name(value.type);
  return std::string("array of ") + value_type_name(value.array->element_type);
}

// The array of a key, checked to hold `type`.
const GgufArray& array_of(const GgufFile& file, const std::string& key, const GgufValue& value,
                          ValueType type) {
  if (value.type != ValueType::kArray || value.array->element_type != type) {
    throw file.error(key, describe(value), std::string("array of ") + value_type_name(type));
  }
  return *value.array;
}

template <typename T>
std::vector<T> numbers_of(const GgufArray& array) {
  std::vector<T> out(array.count);
  if (!out.empty()) std::memcpy(out.data(), array.numbers.data(), out.size() * sizeof(T));
  return out;
}

}  // namespace

uint64_t GgufTensor::count() const {
  uint64_t product = 1;
  for (uint64_t dim : dims) product *= dim;  // the parser has checked that it fits
  return product;
}

GgufFile GgufFile::open(const std::string& path) {
  GgufFile file;
  uint64_t size = 0;
  file.path_ = path;
  file.fd_ = open_regular_file(path, &size);
  GgufParser(file, size).parse();
  return file;
}

GgufFile::~GgufFile() {
  if (fd_ >= 0) ::close(fd_);
}

GgufFile::GgufFile(GgufFile&& other) noexcept { *this = std::move(other); }

GgufFile& GgufFile::operator=(GgufFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(version_, other.version_);
  std::swap(values_, other.values_);
  std::swap(tensors_, other.tensors_);
  std::swap(tensors_by_name_, other.tensors_by_name_);
  return *this;
}

const GgufValue* GgufFile::find(const std::string& key) const {
  auto before = [](const auto& entry, const std::string& wanted) { return entry.first < wanted; };
  auto at = std::lower_bound(values_.begin(), values_.end(), key, before);
  return at != values_.end() && at->first == key ? &at->second : nullptr;
}

const GgufValue& GgufFile::need(const std::string& key, const char* expected) const {
  const GgufValue* value = find(key);
  if (value == nullptr) throw error(key, "no such key", expected);
  return *value;
}

uint64_t GgufFile::get_uint(const std::string& key) const {
  const GgufValue& value = need(key, "an integer");
  if (!is_integer(value.type)) throw error(key, describe(value), "an integer");
  if (is_signed(value.type) && static_cast<int64_t>(value.bits) < 0) {
    throw error(key, std::to_string(static_cast<int64_t>(value.bits)), "an integer of 0 or more");
  }
  return value.bits;
}

uint64_t GgufFile::get_uint(const std::string& key, uint64_t fallback) const {
  return has(key) ? get_uint(key) : fallback;
}

double GgufFile::get_float(const std::string& key) const {
  const GgufValue& value = need(key, "f32");
  if (value.type == ValueType::kFloat32) {
    uint32_t bits = static_cast<uint32_t>(value.bits);
    float number;
    std::memcpy(&number, &bits, sizeof number);
    return number;
  }
  if (value.type != ValueType::kFloat64) throw error(key, describe(value), "f32");
  double number;
  std::memcpy(&number, &value.bits, sizeof number);
  return number;
}

double GgufFile::get_float(const std::string& key, double fallback) const {
  return has(key) ? get_float(key) : fallback;
}

bool GgufFile::get_bool(const std::string& key, bool fallback) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return fallback;
  if (value->type != ValueType::kBool) throw error(key, describe(*value), "bool");
  return value->bits != 0;
}

std::string GgufFile::get_string(const std::string& key) const {
  const GgufValue& value = need(key, "a string");
  if (value.type != ValueType::kString) throw error(key, describe(value), "string");
  return value.text;
}

std::string GgufFile::get_string(const std::string& key, const std::string& fallback) const {
  return has(key) ? get_string(key) : fallback;
}

const std::vector<std::string>& GgufFile::get_strings(const std::string& key) const {
  return array_of(*this, key, need(key, "array of string"), ValueType::kString).strings;
}

std::vector<float> GgufFile::get_floats(const std::string& key) const {
  return numbers_of<float>(array_of(*this, key, need(key, "array of f32"), ValueType::kFloat32));
}

std::vector<int32_t> GgufFile::get_ints(const std::string& key) const {
  return numbers_of<int32_t>(array_of(*this, key, need(key, "array of i32"), ValueType::kInt32));
}

const GgufTensor* GgufFile::find_tensor(const std::string& name) const {
  auto before = [this](uint32_t index, const std::string& wanted) {
    return tensors_[index].name < wanted;
  };
  auto at = std::lower_bound(tensors_by_name_.begin(), tensors_by_name_.end(), name, before);
  return at != tensors_by_name_.end() && tensors_[*at].name == name ? &tensors_[*at] : nullptr;
}

void GgufFile::read(const GgufTensor& tensor, uint64_t first, uint64_t bytes, void* out) const {
  if (first > tensor.bytes || bytes > tensor.bytes - first) {
    throw error("tensor " + quoted(tensor.name),
                "a read of " + std::to_string(bytes) + " bytes at " + std::to_string(first),
                "a range within its " + std::to_string(tensor.bytes) + " bytes");
  }
  read_exactly(fd_, path_, tensor.offset + first, bytes, out);
}

std::vector<uint8_t> GgufFile::read(const GgufTensor& tensor) const {
  std::vector<uint8_t> data(tensor.bytes);
  read(tensor, 0, tensor.bytes, data.data());
  return data;
}

}  // namespace model

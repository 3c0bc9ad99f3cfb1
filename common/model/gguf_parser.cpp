// Parsing of the header and the metadata. gguf_tensors.cpp goes on with the tensor list.
// Order in the file: header, key-value pairs, tensor list, padding, tensor data.
#include "common/model/gguf_parser.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/model/gguf_types.h"

namespace model {

namespace {

constexpr uint64_t kMaxMetadataBytes = 256u << 20;  // real files need some 20 MB
constexpr uint64_t kMinValueBytes = 8 + 1 + 4 + 1;  // a key of one byte and a u8
constexpr uint64_t kMinTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;
constexpr uint64_t kMaxKeyBytes = 65535;

uint64_t sign_extended(uint64_t bits, ValueType type) {
  switch (type) {
    case ValueType::kInt8:
      return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int8_t>(bits)));
    case ValueType::kInt16:
      return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int16_t>(bits)));
    case ValueType::kInt32:
      return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(bits)));
    default:
      return bits;
  }
}

}  // namespace

GgufParser::GgufParser(GgufFile& file, uint64_t size)
    : file_(file), size_(size), reader_(file.fd_, file.path_, size, kMaxMetadataBytes) {}

void GgufParser::parse() {
  parse_header();
  for (uint64_t i = 0; i < n_values_; ++i) parse_value(i);
  sort_values();
  read_alignment();
  for (uint64_t i = 0; i < n_tensors_; ++i) parse_tensor(i);
  sort_tensors();
  place_tensors();
}

void GgufParser::parse_header() {
  char magic[4];
  if (size_ == 0) throw reader_.error("file", "an empty file", "a GGUF file");
  reader_.read(magic, sizeof magic, "magic");
  if (std::memcmp(magic, "GGUF", 4) != 0) {
    throw reader_.error("magic", quoted(std::string(magic, 4)), "\"GGUF\" (this is no GGUF file)");
  }
  file_.version_ = reader_.u32("version");
  if (file_.version_ != 2 && file_.version_ != 3) {
    uint32_t swapped = __builtin_bswap32(file_.version_);
    bool big_endian = swapped >= 1 && swapped <= 3;
    throw reader_.error("version",
                        std::to_string(file_.version_) + (big_endian ? " (a big-endian file)" : ""),
                        "2 or 3, little-endian");
  }
  n_tensors_ = reader_.u64("tensor count");
  n_values_ = reader_.u64("key count");
  uint64_t left = reader_.remaining();
  if (n_tensors_ > left / kMinTensorBytes) {
    throw reader_.error("tensor count", std::to_string(n_tensors_),
                        "no more than the file's " + std::to_string(size_) + " bytes can hold");
  }
  if (n_values_ > left / kMinValueBytes) {
    throw reader_.error("key count", std::to_string(n_values_),
                        "no more than the file's " + std::to_string(size_) + " bytes can hold");
  }
}

void GgufParser::parse_value(uint64_t index) {
  std::string field = "key " + std::to_string(index);
  std::string key = reader_.string(field + " name", kMaxKeyBytes);
  bool ascii = std::all_of(key.begin(), key.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (key.empty() || !ascii) {
    throw reader_.error(field + " name", quoted(key), "1 to 65535 ASCII bytes");
  }
  GgufValue value = read_value("key " + quoted(key));
  file_.values_.emplace_back(std::move(key), std::move(value));
}

ValueType GgufParser::read_type(const std::string& field) {
  uint32_t type = reader_.u32(field);
  if (type >= kValueTypes) {
    throw reader_.error(field, "value type " + std::to_string(type), "a type from 0 to 12");
  }
  return static_cast<ValueType>(type);
}

GgufValue GgufParser::read_value(const std::string& field) {
  GgufValue value;
  value.type = read_type(field);
  if (value.type == ValueType::kString) {
    value.text = reader_.string(field);
  } else if (value.type == ValueType::kArray) {
    value.array = read_array(field);
  } else {
    reader_.read(&value.bits, value_type_bytes(value.type), field);  // little-endian host
    value.bits = sign_extended(value.bits, value.type);
    if (value.type == ValueType::kBool && value.bits > 1) {
      throw reader_.error(field, "bool " + std::to_string(value.bits), "0 or 1");
    }
  }
  return value;
}

std::unique_ptr<GgufArray> GgufParser::read_array(const std::string& field) {
  auto array = std::make_unique<GgufArray>();
  array->element_type = read_type(field + " elements");
  array->count = reader_.u64(field + " count");
  if (array->element_type == ValueType::kArray) {
    throw reader_.error(field, "an array of arrays", "an array of numbers, bools or strings");
  }
  bool strings = array->element_type == ValueType::kString;
  uint64_t element_bytes = strings ? 8 : value_type_bytes(array->element_type);
  uint64_t bytes;
  if (!checked_multiply(array->count, element_bytes, &bytes) || bytes > reader_.remaining()) {
    throw reader_.error(field, std::to_string(array->count) + " elements",
                        "no more than the " + std::to_string(reader_.remaining()) +
                            " bytes that are left can hold");
  }
  reader_.need(bytes, field);
  if (strings) {
    array->strings.reserve(array->count);
    for (uint64_t i = 0; i < array->count; ++i) array->strings.push_back(reader_.string(field));
    return array;
  }
  array->numbers.resize(bytes);
  reader_.read(array->numbers.data(), bytes, field);
  if (array->element_type == ValueType::kBool) {
    for (unsigned char c : array->numbers) {
      if (c > 1) throw reader_.error(field, "bool " + std::to_string(c), "0 or 1");
    }
  }
  return array;
}

// Sorting finds duplicates in n log n, whatever the keys.
void GgufParser::sort_values() {
  auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::sort(file_.values_.begin(), file_.values_.end(), by_key);
  auto same_key = [](const auto& a, const auto& b) { return a.first == b.first; };
  auto twice = std::adjacent_find(file_.values_.begin(), file_.values_.end(), same_key);
  if (twice != file_.values_.end()) {
    throw reader_.error("key " + quoted(twice->first), "it twice", "each key once");
  }
}

void GgufParser::read_alignment() {
  const GgufValue* value = file_.find("general.alignment");
  if (value == nullptr) return;
  if (value->type != ValueType::kUint32) {
    throw reader_.error("general.alignment", value_type_name(value->type), "u32");
  }
  alignment_ = value->bits;
  if (alignment_ == 0 || (alignment_ & (alignment_ - 1)) != 0) {
    throw reader_.error("general.alignment", std::to_string(alignment_), "a power of two");
  }
}

}  // namespace model

// GGUF parsing. Order in the file: header, key-value pairs, tensor list, padding, tensor data.
#include "common/model/gguf_parser.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <utility>

#include "common/model/gguf_types.h"

namespace model {

namespace {

constexpr uint64_t kMaxMetadataBytes = 256u << 20;  // real files need some 20 MB
constexpr uint64_t kMinValueBytes = 8 + 1 + 4 + 1;  // a key of one byte and a u8
constexpr uint64_t kMinTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;
constexpr uint64_t kMaxKeyBytes = 65535;
constexpr uint64_t kMaxTensorNameBytes = 63;
constexpr uint64_t kMaxSigned = std::numeric_limits<int64_t>::max();

bool multiply(uint64_t a, uint64_t b, uint64_t* product) {
  return !__builtin_mul_overflow(a, b, product);
}

// Rounds up to a multiple of `alignment`; false when that does not fit in 63 bits.
bool align_up(uint64_t value, uint64_t alignment, uint64_t* aligned) {
  if (value > kMaxSigned - (alignment - 1)) return false;
  *aligned = (value + alignment - 1) / alignment * alignment;
  return true;
}

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
    throw reader_.error("magic", quoted(std::string(magic, 4)), "\"GGUF\"");
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
  if (!multiply(array->count, element_bytes, &bytes) || bytes > reader_.remaining()) {
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

void GgufParser::parse_tensor(uint64_t index) {
  std::string field = "tensor " + std::to_string(index);
  GgufTensor tensor;
  tensor.name = reader_.string(field + " name", kMaxTensorNameBytes);
  if (tensor.name.empty()) throw reader_.error(field + " name", "no bytes", "1 to 63 bytes");
  field = "tensor " + quoted(tensor.name);
  read_dims(tensor, field);
  uint32_t type = reader_.u32(field + " type");
  if (!is_supported(type)) {
    throw reader_.error(field + " type",
                        std::to_string(type) + " (" + raw_tensor_type_name(type) + ")",
                        "F32, F16, BF16, Q8_0, Q4_0 or Q4_1");
  }
  tensor.type = static_cast<TensorType>(type);
  uint64_t block = block_values(tensor.type);
  if (tensor.dims[0] % block != 0) {
    throw reader_.error(
        field + " row length", std::to_string(tensor.dims[0]),
        "a multiple of " + std::to_string(block) + " for " + tensor_type_name(tensor.type));
  }
  uint64_t blocks = tensor.count() / block;
  if (!multiply(blocks, block_bytes(tensor.type), &tensor.bytes) || tensor.bytes > kMaxSigned) {
    throw reader_.error(field + " size", std::to_string(blocks) + " blocks",
                        "a byte size below 2^63");
  }
  tensor.offset = reader_.u64(field + " offset");  // place_tensors() adds where the data starts
  file_.tensors_.push_back(std::move(tensor));
}

void GgufParser::read_dims(GgufTensor& tensor, const std::string& field) {
  uint32_t n_dims = reader_.u32(field + " n_dims");
  if (n_dims < 1 || n_dims > 4) {
    throw reader_.error(field + " n_dims", std::to_string(n_dims), "1 to 4");
  }
  uint64_t count = 1;
  for (uint32_t d = 0; d < n_dims; ++d) {
    uint64_t dim = reader_.u64(field + " dimension " + std::to_string(d));
    if (dim == 0 || dim > kMaxSigned) {
      throw reader_.error(field + " dimension " + std::to_string(d), std::to_string(dim),
                          "1 to 2^63-1");
    }
    if (!multiply(count, dim, &count) || count > kMaxSigned) {
      throw reader_.error(field + " dimension " + std::to_string(d), std::to_string(dim),
                          "a product of all dimensions below 2^63");
    }
    tensor.dims.push_back(dim);
  }
}

void GgufParser::sort_tensors() {
  const auto& tensors = file_.tensors_;
  auto& order = file_.tensors_by_name_;
  order.resize(tensors.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return tensors[a].name < tensors[b].name; });
  for (size_t i = 1; i < order.size(); ++i) {
    if (tensors[order[i]].name == tensors[order[i - 1]].name) {
      throw reader_.error("tensor " + quoted(tensors[order[i]].name), "it twice",
                          "each tensor once");
    }
  }
}

// The tensors' data must follow one another in the order of the list, each padded to the
// alignment: so no two overlap, none wraps, and nothing is hidden between them.
void GgufParser::place_tensors() {
  if (file_.tensors_.empty()) return;
  uint64_t data_start;
  if (!align_up(reader_.position(), alignment_, &data_start)) {
    throw reader_.error("general.alignment", std::to_string(alignment_), "a smaller one");
  }
  uint64_t end = 0;  // of the data so far, from data_start
  for (GgufTensor& tensor : file_.tensors_) {
    std::string field = "tensor " + quoted(tensor.name);
    if (tensor.offset != end) {
      const char* fault = tensor.offset % alignment_ != 0 ? " (misaligned)"
                          : tensor.offset < end           ? " (overlaps another tensor)"
                                                          : " (leaves a gap)";
      throw reader_.error(field + " offset", std::to_string(tensor.offset) + fault,
                          std::to_string(end));
    }
    uint64_t padded;
    bool fits = align_up(tensor.bytes, alignment_, &padded) && padded <= kMaxSigned - end &&
                data_start <= size_ && padded + end <= size_ - data_start;
    if (!fits) {
      throw reader_.error(field + " data", "a file of " + std::to_string(size_) + " bytes",
                          std::to_string(tensor.bytes) + " bytes of data, padded to " +
                              std::to_string(alignment_) + ", from byte " +
                              std::to_string(data_start) + " + " + std::to_string(end));
    }
    tensor.offset = data_start + end;
    end += padded;
  }
}

}  // namespace model

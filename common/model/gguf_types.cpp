// Names and sizes of GGUF's value and tensor types.
#include "common/model/gguf_types.h"

#include "common/model/gguf.h"

namespace model {

const char* value_type_name(ValueType type) {
  static const char* const kNames[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                       "bool", "string", "array", "u64", "i64", "f64"};
  uint32_t index = static_cast<uint32_t>(type);
  return index < 13 ? kNames[index] : "unknown";
}

size_t value_type_bytes(ValueType type) {
  static const size_t kBytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return kBytes[static_cast<uint32_t>(type)];
}

const char* tensor_type_name(TensorType type) {
  return raw_tensor_type_name(static_cast<uint32_t>(type));
}

const char* raw_tensor_type_name(uint32_t type) {
  static const char* const kNames[] = {
      "F32",     "F16",    "Q4_0",    "Q4_1",  "Q4_2, removed", "Q4_3, removed", "Q5_0",  "Q5_1",
      "Q8_0",    "Q8_1",   "Q2_K",    "Q3_K",  "Q4_K",          "Q5_K",          "Q6_K",  "Q8_K",
      "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL",        "IQ3_S",         "IQ2_S", "IQ4_XS",
      "I8",      "I16",    "I32",     "I64",   "F64",           "IQ1_M",         "BF16"};
  return type < sizeof kNames / sizeof kNames[0] ? kNames[type] : "unknown";
}

bool is_supported(uint32_t type) {
  switch (static_cast<TensorType>(type)) {
    case TensorType::kF32:
    case TensorType::kF16:
    case TensorType::kBF16:
    case TensorType::kQ4_0:
    case TensorType::kQ4_1:
    case TensorType::kQ8_0:
      return true;
  }
  return false;
}

size_t block_values(TensorType type) {
  bool plain = type == TensorType::kF32 || type == TensorType::kF16 || type == TensorType::kBF16;
  return plain ? 1 : 32;
}

size_t block_bytes(TensorType type) {
  switch (type) {
    case TensorType::kF32:
      return 4;
    case TensorType::kF16:
    case TensorType::kBF16:
      return 2;
    case TensorType::kQ4_0:
      return 2 + 16;  // fp16 d, 32 nibbles
    case TensorType::kQ4_1:
      return 2 + 2 + 16;  // fp16 d, fp16 m, 32 nibbles
    case TensorType::kQ8_0:
      return 2 + 32;  // fp16 d, 32 signed bytes
  }
  return 0;
}

}  // namespace model

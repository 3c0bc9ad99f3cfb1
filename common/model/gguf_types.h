// What the GGUF parser needs to know of types beyond gguf.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/model/gguf.h"

namespace model {

constexpr uint32_t kValueTypes = 13;                     // types 0 to 12 exist
size_t value_type_bytes(ValueType type);                 // 0 for strings and arrays
bool is_supported(uint32_t tensor_type);                 // one of TensorType
const char* raw_tensor_type_name(uint32_t tensor_type);  // also of types that we do not read

// a * b; false when that does not fit in 64 bits.
inline bool checked_multiply(uint64_t a, uint64_t b, uint64_t* product) {
  return !__builtin_mul_overflow(a, b, product);
}

}  // namespace model

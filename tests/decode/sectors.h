// What a warp asks for where a piece of a row does not begin with a sector.
#pragma once

#include <cstdint>

// Bytes of whole sectors that reading `rows` rows asks for, one behind the other in memory from a
// sector's begin on, when each row comes in chunks of up to `chunk_bytes` and each chunk by a
// request (with those of other rows, which share no sector with it).
inline uint64_t asked_bytes(uint64_t rows, uint64_t row_bytes, uint64_t chunk_bytes) {
  constexpr uint64_t kSector = 32;
  uint64_t sectors = 0;
  for (uint64_t row = 0; row < rows; ++row) {
    const uint64_t end = (row + 1) * row_bytes;
    for (uint64_t at = row * row_bytes; at < end; at += chunk_bytes) {
      const uint64_t chunk_end = at + chunk_bytes < end ? at + chunk_bytes : end;
      sectors += (chunk_end - 1) / kSector - at / kSector + 1;
    }
  }
  return kSector * sectors;
}

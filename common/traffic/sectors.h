// Bytes and sectors of one line.
#pragma once

#include <array>
#include <cstdint>

namespace traffic {

constexpr uint32_t kLineBytes = 128;
constexpr uint32_t kSectorBytes = 32;
constexpr unsigned kAllSectors = 0xF;  // the 4 sectors of a line, one bit each

using ByteMask = std::array<uint32_t, 4>;  // bit b of word s: byte b of sector s

// The bytes of the sectors in `mask`.
inline uint64_t sector_bytes(unsigned mask) {
  static constexpr uint8_t kCount[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
  return kCount[mask] * uint64_t{kSectorBytes};
}

// The sectors that bytes [begin, last] of a line touch.
inline unsigned sectors_of(uint32_t begin, uint32_t last) {
  return (kAllSectors << (begin >> 5)) & (kAllSectors >> (3 - (last >> 5)));
}

// Adds bytes [begin, last] of a line to a mask.
inline void mark_bytes(ByteMask& bytes, uint32_t begin, uint32_t last) {
  for (uint32_t s = begin >> 5; s <= last >> 5; ++s) {
    const uint32_t low = s == begin >> 5 ? begin & 31 : 0;
    const uint32_t high = s == last >> 5 ? last & 31 : 31;
    bytes[s] |= (~0u << low) & (~0u >> (31 - high));
  }
}

// Sectors of which a mask has any byte, or all bytes.
inline unsigned touched_sectors(const ByteMask& bytes) {
  return (bytes[0] != 0) | (bytes[1] != 0) << 1 | (bytes[2] != 0) << 2 | (bytes[3] != 0) << 3;
}
inline unsigned whole_sectors(const ByteMask& bytes) {
  return (bytes[0] == ~0u) | (bytes[1] == ~0u) << 1 | (bytes[2] == ~0u) << 2 |
         (bytes[3] == ~0u) << 3;
}

}  // namespace traffic

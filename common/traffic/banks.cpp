// Bank conflicts of any addresses, by looking at each word.
#include "common/traffic/banks.h"

#include <algorithm>
#include <array>

namespace traffic::detail {
namespace {

// The distinct words of some lanes, by bank.
class Banks {
 public:
  void add(uint64_t first_word, uint64_t last_word) {
    for (uint64_t word = first_word; word <= last_word; ++word) add(static_cast<uint32_t>(word));
  }
  uint32_t most() const { return most_; }    // distinct words of the fullest bank
  uint32_t words() const { return words_; }  // distinct words

 private:
  void add(uint32_t word) {
    const uint32_t bank = word & 31;
    uint8_t& count = counts_[bank];
    for (uint32_t i = 0; i < count; ++i) {
      if (lists_[bank][i] == word) return;
    }
    lists_[bank][count++] = word;
    ++words_;
    most_ = std::max<uint32_t>(most_, count);
  }

  // 32 lanes of at most 16 bytes touch at most 5 words each, two of them never in one bank.
  std::array<std::array<uint32_t, 32>, 32> lists_;
  std::array<uint8_t, 32> counts_{};
  uint32_t most_ = 0, words_ = 0;
};

// Aligned accesses of 4, 8 or 16 bytes: each takes one unit of 128 / unit in a row of banks, so a
// part takes as many wavefronts as there are distinct units in its fullest place.
class Units {
 public:
  // Wavefronts of some lanes; `places` units make a row of banks.
  static uint32_t part(const uint64_t* units, int lanes, uint32_t places) {
    uint32_t seen = 0, most = 1;
    int more = 0;
    std::array<uint64_t, 32> first, others;  // by place; those that found their place taken
    std::array<uint8_t, 32> counts;
    for (int i = 0; i < lanes; ++i) {
      const uint32_t place = static_cast<uint32_t>(units[i]) & (places - 1);
      if (!(seen >> place & 1)) {
        seen |= 1u << place;
        first[place] = units[i];
        counts[place] = 1;
      } else if (first[place] != units[i] && std::find(others.begin(), others.begin() + more,
                                                       units[i]) == others.begin() + more) {
        others[static_cast<size_t>(more++)] = units[i];
        most = std::max<uint32_t>(most, ++counts[place]);
      }
    }
    return most;
  }

  // How many of up to 32 units are distinct.
  static uint32_t distinct(const uint64_t* units, int lanes) {
    std::array<uint64_t, 64> slots;
    uint64_t taken = 0;
    uint32_t count = 0;
    for (int i = 0; i < lanes; ++i) {
      uint32_t slot = static_cast<uint32_t>(units[i] & 63);
      while ((taken >> slot & 1) && slots[slot] != units[i]) slot = (slot + 1) & 63;
      if (taken >> slot & 1) continue;
      taken |= uint64_t{1} << slot;
      slots[slot] = units[i];
      ++count;
    }
    return count;
  }
};

Wavefronts aligned(const uint64_t* addresses, int lanes, int unit_bits) {
  std::array<uint64_t, 32> units;
  for (int i = 0; i < lanes; ++i) units[i] = addresses[i] >> unit_bits;
  const int group = 128 >> unit_bits;  // lanes of a part, and places in a row of banks
  Wavefronts result;
  for (int at = 0; at < lanes; at += group) {
    result.count += Units::part(units.data() + at, std::min(group, lanes - at), group);
  }
  result.ideal = 1;
  if (group < 32) {
    const uint32_t distinct = Units::distinct(units.data(), lanes);
    result.ideal = ((distinct << unit_bits) + 127) / 128;
    if (distinct == 1) result.count = 1;
  }
  return result;
}

// Up to 16 bytes a lane, at any address.
Wavefronts unaligned(const uint64_t* addresses, int lanes, uint32_t bytes) {
  const int group = bytes <= 4 ? 32 : bytes <= 8 ? 16 : 8;
  Banks all;
  Wavefronts result;
  bool uniform = true;
  for (int first = 0; first < lanes; first += group) {
    Banks part;
    for (int i = first; i < std::min(lanes, first + group); ++i) {
      const uint64_t low = addresses[i] >> 2, high = (addresses[i] + bytes - 1) >> 2;
      part.add(low, high);
      all.add(low, high);
      uniform &= addresses[i] == addresses[0];
    }
    result.count += part.most();
  }
  // Up to 4 bytes a lane are at most 128 distinct bytes, even if they straddle words.
  result.ideal = bytes <= 4 ? 1 : std::max(1u, (all.words() * 4 + 127) / 128);
  if (uniform) result.count = 1;
  return result;
}

Wavefronts narrow(const uint64_t* addresses, int lanes, uint32_t bytes) {
  uint64_t offsets = 0;  // bits of the addresses within their unit
  bool inside = true;    // of a word
  for (int i = 0; i < lanes; ++i) {
    offsets |= addresses[i];
    inside &= (addresses[i] & 3) + bytes <= 4;
  }
  if (inside) return aligned(addresses, lanes, 2);
  if (bytes == 8 && (offsets & 7) == 0) return aligned(addresses, lanes, 3);
  if (bytes == 16 && (offsets & 15) == 0) return aligned(addresses, lanes, 4);
  return unaligned(addresses, lanes, bytes);
}

}  // namespace

Wavefronts wavefronts_any(const simt::WarpRequest& r) {
  std::array<uint64_t, 32> addresses;
  for (int i = 0; i < r.lanes; ++i) {
    addresses[i] = r.addresses ? r.addresses[i] : r.first + static_cast<uint64_t>(r.stride * i);
  }
  Wavefronts result;
  for (uint32_t done = 0; done < r.bytes; done += 16) {
    const Wavefronts part = narrow(addresses.data(), r.lanes, std::min(16u, r.bytes - done));
    result.count += part.count;
    result.ideal += part.ideal;
    for (int i = 0; i < r.lanes; ++i) addresses[i] += 16;
  }
  return result;
}

}  // namespace traffic::detail

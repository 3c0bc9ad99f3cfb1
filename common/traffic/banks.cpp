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

// Up to 16 bytes a lane.
Wavefronts narrow(const uint64_t* addresses, int lanes, uint32_t bytes) {
  const int group = bytes <= 4 ? 32 : bytes <= 8 ? 16 : 8;
  Banks all;
  Wavefronts result;
  bool uniform = true;
  for (int first = 0; first < lanes; first += group) {
    Banks part;
    for (int i = first; i < std::min(lanes, first + group); ++i) {
      const uint64_t low = addresses[i] >> 2, high = (addresses[i] + bytes - 1) >> 2;
      part.add(low, high);
      if (group < 32) all.add(low, high);
      uniform &= addresses[i] == addresses[0];
    }
    result.count += part.most();
    if (group == 32) all = part;
  }
  result.ideal = std::max(1u, (all.words() * 4 + 127) / 128);
  // Up to 4 bytes a lane are at most 128 distinct bytes, even if they straddle words.
  if (bytes <= 4) result.ideal = 1;
  if (uniform) result.count = 1;
  return result;
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

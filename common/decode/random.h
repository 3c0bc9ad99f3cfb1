// Random numbers that are the same on every target: number i of seed s is a hash of (s, i).
#pragma once

#include <cstdint>

namespace decode {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
// 2014): a counter times an odd constant, mixed. The seed is mixed first, so neighbouring seeds
// give unrelated sequences.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(mix(seed)) {}
  // Uniform in [0, 1), a multiple of 2^-53.
  double next() {
    state_ += 0x9e3779b97f4a7c15u;
    return static_cast<double>(mix(state_) >> 11) * 0x1.0p-53;
  }

 private:
  static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
  uint64_t state_;
};

}  // namespace decode

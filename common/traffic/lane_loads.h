// What a lane has loaded lately, and which of it a value in shared memory is.
//
// A kernel may load much before it stores any of it, so the latest load alone says nothing: the
// bytes decide. Each byte of a load is taken once, in order, before any is taken again; so equal
// values are told apart by the order in which kernels move things.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/traffic/events.h"

namespace traffic {

class LaneLoads {
 public:
  // A load of 1 to 16 bytes, which stand at `value`: they are copied.
  void add(uint32_t id, uint64_t offset, const void* value, uint32_t bytes);

  struct Source {
    WalkStep::Source kind = WalkStep::kNone;
    uint32_t id = 0;
    ByteRange range;
  };
  // Where `bytes` bytes (1 to 16) that this lane has written to shared memory come from. `infer`:
  // when they are no load's, they were computed from the loads that have not been stored; else they
  // were most likely computed from something else, and only 8 and more bytes are believed.
  Source take(const void* written, uint32_t bytes, bool infer = true);
  void clear() {
    begin_ = end_ = 0;
    computed_ = {};
  }

 private:
  static constexpr size_t kMost = 64;  // loads that are remembered
  struct Load {
    uint32_t id, bytes;
    uint64_t offset;
    std::array<unsigned char, 16> value;
    uint32_t taken;  // bit b: byte b has been stored
  };
  Load& at(size_t i) { return loads_[i % kMost]; }
  size_t first_untaken();
  bool take_copy(const unsigned char* written, uint32_t bytes, bool again, Source& source);
  bool take_joined(const unsigned char* written, uint32_t bytes, Source& source);
  bool take_widened(const unsigned char* written, uint32_t bytes, Source& source);
  Source take_all();

  std::array<Load, kMost> loads_;
  size_t begin_ = 0, end_ = 0;  // numbers of the loads that are remembered
  Source computed_;             // what take_all() last gave, until there is another load
};

}  // namespace traffic

// How a block's requests wait for their replay: a list of 8-byte words.
//
// A request is one or more entries; the first one is marked. An entry is a run of consecutive
// bytes: its first line, how many lines, and the first and last byte within the first and last of
// them. So a coalesced request is one word. A store that leaves gaps inside a sector cannot be
// runs: it has one entry a line, followed by two words that say which of the line's 128 bytes it
// writes.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>

#include "common/simt/observer.h"
#include "common/traffic/sectors.h"

namespace traffic {

// Bits of an entry, from the lowest.
constexpr int kKeyBits = 31;  // line within its space (30), then 1 for pinned host memory
constexpr uint32_t kHostKey = 1u << 30;
constexpr int kKindShift = 31;   // 2: simt::AccessKind
constexpr int kFirstShift = 33;  // 1: first entry of a request
constexpr int kGapsShift = 34;   // 1: byte masks follow
constexpr int kLinesShift = 35;  // 10: lines - 1
constexpr int kBeginShift = 45;  // 7: first byte in the first line
constexpr int kLastShift = 52;   // 7: last byte in the last line
constexpr uint64_t kMaxLines = 1024;

static_assert(simt::kSpaceBytes / kLineBytes <= uint64_t{1} << 30, "a line must fit into 30 bits");

struct Entry {
  uint64_t word;

  uint32_t key() const { return static_cast<uint32_t>(word & ((uint64_t{1} << kKeyBits) - 1)); }
  simt::AccessKind kind() const { return static_cast<simt::AccessKind>(word >> kKindShift & 3); }
  bool first() const { return word >> kFirstShift & 1; }
  bool gaps() const { return word >> kGapsShift & 1; }
  uint32_t lines() const { return static_cast<uint32_t>(word >> kLinesShift & 1023) + 1; }
  uint32_t begin() const { return static_cast<uint32_t>(word >> kBeginShift & 127); }
  uint32_t last() const { return static_cast<uint32_t>(word >> kLastShift & 127); }
};

inline bool is_first(uint64_t word) { return word >> kFirstShift & 1; }

// What all entries of a request have in common: kind and space.
inline uint64_t entry_base(simt::AccessKind kind, simt::Space space) {
  return static_cast<uint64_t>(kind) << kKindShift |
         (space == simt::Space::kHost ? uint64_t{kHostKey} : 0);
}

// A growing list of words that never shrinks; memory comes from realloc, which can move big blocks
// without copying.
class WordBuffer {
 public:
  WordBuffer() = default;
  ~WordBuffer() { std::free(data_); }
  WordBuffer(const WordBuffer&) = delete;
  WordBuffer& operator=(const WordBuffer&) = delete;

  const uint64_t* data() const { return data_; }
  uint64_t* data() { return data_; }
  size_t size() const { return size_; }
  void clear() { size_ = 0; }
  // Makes room for `more` words; push needs room.
  void reserve_more(size_t more) {
    if (capacity_ - size_ < more) grow(more);
  }
  void push(uint64_t word) { data_[size_++] = word; }

 private:
  void grow(size_t more) {
    size_t capacity = capacity_ * 2 + 4096;
    if (capacity < size_ + more) capacity = size_ + more;
    void* data = std::realloc(data_, capacity * sizeof(uint64_t));
    if (data == nullptr) throw std::bad_alloc();
    data_ = static_cast<uint64_t*>(data);
    capacity_ = capacity;
  }

  uint64_t* data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

}  // namespace traffic

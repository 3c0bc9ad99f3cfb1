// Comparing bytes.
#include "common/traffic/lane_loads.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace traffic {
namespace {

uint32_t mask_of(uint32_t first, uint32_t bytes) { return ((1u << bytes) - 1) << first; }

float half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float sign = bits & 0x8000 ? -1.0f : 1.0f;
  if (exponent == 31) return sign * (fraction == 0 ? INFINITY : NAN);
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

template <typename T>
T value_at(const unsigned char* bytes, uint32_t index) {
  T value;
  std::memcpy(&value, bytes + index * sizeof(T), sizeof(T));
  return value;
}
float bf16_value(uint16_t bits) {
  const uint32_t wide = uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

// Whether the `count` numbers at `wide` and at `narrow` are the same.
template <typename Wide, typename Narrow, typename ToFloat, typename FromNarrow>
bool same(const unsigned char* wide, const unsigned char* narrow, uint32_t count,
          const ToFloat& to_float, const FromNarrow& from_narrow) {
  for (uint32_t i = 0; i < count; ++i) {
    if (to_float(value_at<Wide>(wide, i)) != from_narrow(value_at<Narrow>(narrow, i))) return false;
  }
  return true;
}

float plain(float value) { return value; }
float of_byte(int8_t value) { return value; }

// Fewer than these are found by chance among what a lane has loaded.
constexpr uint32_t kFewBytes = 4;   // int8 that became wider numbers
constexpr uint32_t kSureBytes = 8;  // of a value that was most likely computed

// The types that are told from each other: bytes a value, before and after.
struct Widening {
  uint32_t narrow, wide;
  bool (*same)(const unsigned char* wide, const unsigned char* narrow, uint32_t count);
};
const Widening kWidenings[] = {
    {2, 4,
     [](auto* w, auto* n, auto c) { return same<float, uint16_t>(w, n, c, plain, bf16_value); }},
    {2, 4,
     [](auto* w, auto* n, auto c) { return same<float, uint16_t>(w, n, c, plain, half_value); }},
    {1, 2,
     [](auto* w, auto* n, auto c) { return same<uint16_t, int8_t>(w, n, c, bf16_value, of_byte); }},
    {1, 4, [](auto* w, auto* n, auto c) { return same<float, int8_t>(w, n, c, plain, of_byte); }},
};

}  // namespace

void LaneLoads::add(uint32_t id, uint64_t offset, const void* value, uint32_t bytes) {
  if (end_ - begin_ == kMost) ++begin_;
  computed_ = {};
  Load& load = at(end_++);
  load.id = id;
  load.bytes = bytes;
  load.offset = offset;
  load.taken = 0;
  std::memcpy(load.value.data(), value, bytes);
}

size_t LaneLoads::first_untaken() {
  size_t i = begin_;
  while (i < end_ && at(i).taken == mask_of(0, at(i).bytes)) ++i;
  return i;
}

// A part of one load. `again`: of what has been taken already, the latest first.
bool LaneLoads::take_copy(const unsigned char* written, uint32_t bytes, bool again,
                          Source& source) {
  for (size_t n = 0, count = end_ - begin_; n < count; ++n) {
    Load& load = at(again ? end_ - 1 - n : begin_ + n);
    for (uint32_t first = 0; first + bytes <= load.bytes; first += bytes) {
      const uint32_t mask = mask_of(first, bytes);
      if (((load.taken & mask) != 0) != again) continue;
      if (std::memcmp(load.value.data() + first, written, bytes) != 0) continue;
      load.taken |= mask;
      source = {WalkStep::kCopied, load.id, {load.offset + first, load.offset + first + bytes}};
      return true;
    }
  }
  return false;
}

// Several loads, one after the other, of one allocation.
bool LaneLoads::take_joined(const unsigned char* written, uint32_t bytes, Source& source) {
  for (size_t i = begin_; i < end_; ++i) {
    uint32_t done = 0;
    size_t next = i;
    ByteRange range{at(i).offset, at(i).offset};
    for (; next < end_ && done < bytes; ++next) {
      const Load& load = at(next);
      if (load.id != at(i).id || load.taken != 0 || load.bytes > bytes - done ||
          std::memcmp(load.value.data(), written + done, load.bytes) != 0) {
        break;
      }
      done += load.bytes;
      range = {std::min(range.begin, load.offset), std::max(range.end, load.offset + load.bytes)};
    }
    if (done != bytes) continue;
    for (size_t k = i; k < next; ++k) at(k).taken = mask_of(0, at(k).bytes);
    source = {WalkStep::kCopied, at(i).id, range};
    return true;
  }
  return false;
}

// Numbers of a narrow type were loaded, the same numbers in a wider one were written.
bool LaneLoads::take_widened(const unsigned char* written, uint32_t bytes, Source& source) {
  for (const Widening& w : kWidenings) {
    if (bytes % w.wide != 0) continue;
    const uint32_t count = bytes / w.wide, narrow = count * w.narrow;
    if (w.narrow == 1 && count < kFewBytes) continue;
    for (size_t i = begin_; i < end_; ++i) {
      Load& load = at(i);
      for (uint32_t first = 0; first + narrow <= load.bytes; first += narrow) {
        if ((load.taken & mask_of(first, narrow)) != 0) continue;
        if (!w.same(written, load.value.data() + first, count)) continue;
        load.taken |= mask_of(first, narrow);
        source = {WalkStep::kCopied, load.id, {load.offset + first, load.offset + first + narrow}};
        return true;
      }
    }
  }
  return false;
}

// Computed from what has been loaded and not been stored: names the allocation that most of it
// comes from.
LaneLoads::Source LaneLoads::take_all() {
  struct Candidate {
    uint32_t id;
    uint64_t bytes;
    ByteRange range;
  };
  std::array<Candidate, 4> candidates;
  size_t count = 0;
  for (size_t i = begin_; i < end_; ++i) {
    Load& load = at(i);
    if (load.taken == mask_of(0, load.bytes)) continue;
    load.taken = mask_of(0, load.bytes);
    const ByteRange range{load.offset, load.offset + load.bytes};
    size_t c = 0;
    while (c < count && candidates[c].id != load.id) ++c;
    if (c == candidates.size()) continue;
    if (c == count) candidates[count++] = {load.id, 0, range};
    candidates[c].bytes += load.bytes;
    candidates[c].range = {std::min(candidates[c].range.begin, range.begin),
                           std::max(candidates[c].range.end, range.end)};
  }
  if (count == 0) return computed_;  // another value from the same loads
  const auto most =
      std::max_element(candidates.begin(), candidates.begin() + static_cast<int64_t>(count),
                       [](const Candidate& a, const Candidate& b) { return a.bytes < b.bytes; });
  computed_ = {WalkStep::kInferred, most->id, most->range};
  return computed_;
}

LaneLoads::Source LaneLoads::take(const void* written, uint32_t bytes, bool infer) {
  if (bytes > 16 || (!infer && bytes < kSureBytes)) return {};
  const auto* value = static_cast<const unsigned char*>(written);
  Source source;
  if (std::all_of(value, value + bytes, [](unsigned char c) { return c == 0; })) {
    // Zeros are everywhere. They are a load's only if that load is the next one to be stored.
    const size_t next = first_untaken();
    if (next == end_) return {};
    Load& load = at(next);
    const auto first = static_cast<uint32_t>(__builtin_ctz(~load.taken));
    if (first + bytes > load.bytes || std::memcmp(load.value.data() + first, written, bytes) != 0) {
      return {};
    }
    load.taken |= mask_of(first, bytes);
    return {WalkStep::kCopied, load.id, {load.offset + first, load.offset + first + bytes}};
  }
  if (take_copy(value, bytes, false, source) || take_joined(value, bytes, source) ||
      take_widened(value, bytes, source) || take_copy(value, bytes, true, source)) {
    return source;
  }
  return infer ? take_all() : Source{};
}

}  // namespace traffic

// The replay. Counts are kept in bytes; a sector is 32 of them.
#include "common/traffic/replay.h"

#include <algorithm>

namespace traffic {
namespace {

constexpr size_t kAhead = 4;  // blocks whose next request is prefetched

}  // namespace

Replay::Replay(const GpuSpec& gpu, const TensorMap& tensors)
    : tensors_(tensors), l1_(gpu.sms), l1_launch_(gpu.sms), l2_(gpu.l2_bytes) {}

MemoryCounts& Replay::touch(uint32_t tensor) {
  if (!touched_flag_[tensor]) {
    touched_flag_[tensor] = 1;
    touched_.push_back(tensor);
  }
  return counts_[tensor];
}

void Replay::know_tensors() {
  if (counts_.size() == tensors_.size()) return;
  counts_.resize(tensors_.size());
  touched_flag_.resize(tensors_.size());
}

void Replay::begin_launch(uint64_t l1_bytes) {
  ++launch_;
  l1_bytes_ = l1_bytes;
}

void Replay::wave(const std::vector<BlockStream>& blocks) {
  know_tensors();
  lanes_.clear();
  for (const BlockStream& b : blocks) {
    if (b.begin == b.end) continue;
    const size_t sm = b.block % l1_.size();
    if (l1_launch_[sm] != launch_) l1_[sm].resize(l1_bytes_);
    l1_launch_[sm] = launch_;
    lanes_.push_back({b.begin, b.end, &l1_[sm]});
  }
  size_t running = lanes_.size();
  while (running > 0) {
    size_t kept = 0;
    for (size_t i = 0; i < running; ++i) {
      if (i + kAhead < running) prefetch(lanes_[i + kAhead]);
      Lane lane = lanes_[i];
      lane.at = request(lane.at, lane.end, *lane.l1);
      if (lane.at != lane.end) lanes_[kept++] = lane;
    }
    running = kept;
  }
}

void Replay::prefetch(const Lane& lane) const {
  const Entry e{*lane.at};
  const bool load = e.kind() == simt::AccessKind::kLoad;
  for (uint32_t i = 0, n = std::min(e.lines(), 4u); i < n; ++i) {
    if (load) lane.l1->prefetch(e.key() + i);
    if (e.key() < kHostKey) l2_.prefetch(e.key() + i);
  }
}

const uint64_t* Replay::request(const uint64_t* at, const uint64_t* end, L1Cache& l1) {
  count_request(Entry{*at});
  do {
    const Entry e{*at++};
    if (e.gaps()) {
      const uint64_t low = *at++, high = *at++;
      store_gaps(e.key(), {static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32),
                           static_cast<uint32_t>(high), static_cast<uint32_t>(high >> 32)});
    } else {
      run(e, l1);
    }
  } while (at != end && !is_first(*at));
  return at;
}

void Replay::count_request(Entry e) {
  MemoryCounts& c = touch(tensors_.of_key(e.key()));
  c.load_requests += e.kind() == simt::AccessKind::kLoad;
  c.store_requests += e.kind() == simt::AccessKind::kStore;
  c.atomic_requests += e.kind() == simt::AccessKind::kAtomic;
}

void Replay::run(Entry e, L1Cache& l1) {
  uint32_t left = e.lines(), begin = e.begin();
  Lines part{e.key(), 0, 0, 0};
  while (left > 0) {
    // Up to the end of the page: one tensor.
    part.count = std::min(left, 32 - (part.key & 31));
    left -= part.count;
    part.begin = begin;
    part.last = left == 0 ? e.last() : kLineBytes - 1;
    begin = 0;
    MemoryCounts& c = touch(tensors_.of_key(part.key));
    switch (e.kind()) {
      case simt::AccessKind::kLoad:
        load(part, c, l1);
        break;
      case simt::AccessKind::kStore:
        store(part, c);
        break;
      case simt::AccessKind::kAtomic:
        atomic(part, c, l1);
        break;
    }
    part.key += part.count;
  }
}

void Replay::load(const Lines& lines, MemoryCounts& c, L1Cache& l1) {
  uint64_t asked = 0, missed = 0, filled = 0;
  for (uint32_t i = 0; i < lines.count; ++i) {
    const unsigned mask = lines.sectors(i);
    const unsigned missing = mask & ~l1.load(lines.key + i, mask);
    asked += sector_bytes(mask);
    missed += sector_bytes(missing);
    if (missing == 0 || lines.key >= kHostKey) continue;
    const L2Result r = l2_.load(lines.key + i, missing);
    filled += sector_bytes(missing & ~r.hit);
    write_back(r);
  }
  c.l1_load_bytes += asked;
  c.l1_hit_bytes += asked - missed;
  if (lines.key >= kHostKey) {
    c.host_read_bytes += missed;
    return;
  }
  c.l2_load_bytes += missed;
  c.l2_hit_bytes += missed - filled;
  c.vram_read_bytes += filled;
}

void Replay::store(const Lines& lines, MemoryCounts& c) {
  uint64_t written = 0;
  for (uint32_t i = 0; i < lines.count; ++i) {
    const unsigned mask = lines.sectors(i);
    written += sector_bytes(mask);
    if (lines.key >= kHostKey) continue;
    const uint32_t begin = lines.first_byte(i), last = lines.last_byte(i);
    if ((begin & 31) == 0 && (last & 31) == 31) {
      write_back(l2_.store(lines.key + i, mask));
      continue;
    }
    ByteMask bytes{};
    mark_bytes(bytes, begin, last);
    write_back(l2_.store_bytes(lines.key + i, bytes));
  }
  count_store(lines.key, written, c);
}

void Replay::store_gaps(uint32_t key, const ByteMask& bytes) {
  count_store(key, sector_bytes(touched_sectors(bytes)), touch(tensors_.of_key(key)));
  if (key < kHostKey) write_back(l2_.store_bytes(key, bytes));
}

void Replay::count_store(uint32_t key, uint64_t bytes, MemoryCounts& c) {
  c.l1_store_bytes += bytes;
  (key >= kHostKey ? c.host_write_bytes : c.l2_store_bytes) += bytes;
}

void Replay::atomic(const Lines& lines, MemoryCounts& c, L1Cache& l1) {
  for (uint32_t i = 0; i < lines.count; ++i) {
    const unsigned mask = lines.sectors(i);
    l1.drop(lines.key + i, mask);
    c.l1_atomic_bytes += sector_bytes(mask);
    if (lines.key >= kHostKey) {
      c.host_read_bytes += sector_bytes(mask);
      c.host_write_bytes += sector_bytes(mask);
      continue;
    }
    const L2Result r = l2_.atomic(lines.key + i, mask);
    c.l2_atomic_bytes += sector_bytes(mask);
    c.l2_hit_bytes += sector_bytes(r.hit);
    c.vram_read_bytes += sector_bytes(mask & ~r.hit);
    write_back(r);
  }
}

void Replay::write_back(const L2Result& r) {
  if (r.written_back == 0) return;
  touch(tensors_.of_key(r.evicted)).vram_write_bytes += sector_bytes(r.written_back);
}

void Replay::flush() {
  know_tensors();
  l2_.flush([this](uint32_t line, unsigned dirty) {
    touch(tensors_.of_key(line)).vram_write_bytes += sector_bytes(dirty);
  });
}

void Replay::cool() {
  ++launch_;  // L1s are emptied when they are used next
  l2_.clear();
}

std::map<uint32_t, MemoryCounts> Replay::drain() {
  std::map<uint32_t, MemoryCounts> result;
  for (uint32_t tensor : touched_) {
    if (counts_[tensor] != MemoryCounts{}) result[tensor] = counts_[tensor];
    counts_[tensor] = {};
    touched_flag_[tensor] = 0;
  }
  touched_.clear();
  return result;
}

}  // namespace traffic

// Merges the lanes' accesses into warp requests. See access_log.h for the idea.
#include "common/simt/access_log.h"

#include <algorithm>

namespace simt {

namespace {

LogEntry end_of_log;  // what the cursor points at while no kernel runs

Space space_of(uint64_t address) {
  uint64_t offset = arena_offset(reinterpret_cast<const void*>(address));
  return offset < 3 * kSpaceBytes ? static_cast<Space>(offset >> kSpaceShift) : Space::kDevice;
}

}  // namespace

__thread LogEntry* log_cursor __attribute__((tls_model("initial-exec"))) = &end_of_log;

__thread AccessLog* this_log __attribute__((tls_model("initial-exec"))) = nullptr;

void open_access_log() {
  if (this_log == nullptr) this_log = new AccessLog;  // lives as long as its OS thread
}

AccessLog::AccessLog() : entries_(kCapacity + 1) {}

void AccessLog::stop() { log_cursor = &end_of_log; }

void AccessLog::discard() {
  stop();
  for (size_t i = 0; i < used_; ++i) entries_[i] = LogEntry{};
  used_ = lists_used_ = 0;
  std::fill(std::begin(length_), std::end(length_), uint16_t{0});
  for (auto& raw : raw_) raw.clear();
  diverged_ = false;
}

// How many lanes, other than `except`, have executed entry `entry`.
unsigned AccessLog::lanes_past(size_t entry, unsigned except) const {
  unsigned count = 0;
  for (unsigned i = 0; i < kWarpSize; ++i) count += length_[i] > entry;
  if (except < kWarpSize) count -= length_[except] > entry;
  return count;
}

uint32_t AccessLog::mask_past(size_t entry) const {
  uint32_t mask = 0;
  for (unsigned i = 0; i < kWarpSize; ++i) mask |= uint32_t{length_[i] > entry} << i;
  return mask;
}

void AccessLog::append(uint64_t address, uint32_t bytes, AccessKind kind, uint64_t pc,
                       Space space) {
  LogEntry& entry = entries_[used_++];
  entry.stride = predicted_stride(pc);
  entry.first = address;
  entry.next = address + static_cast<uint64_t>(entry.stride);
  entry.pc = pc;
  entry.list = 0;
  entry.bytes = bytes;
  entry.kind = kind;
  entry.space = space;
}

// The stride does not hold any more: keeps the addresses so far one by one.
void AccessLog::to_list(LogEntry& entry, unsigned executed) {
  if (lists_used_ == lists_.size()) lists_.resize(lists_.size() * 2 + 16);
  AddressList& list = lists_[lists_used_++];
  for (unsigned i = 0; i < executed; ++i) {
    list.address[i] = entry.first + static_cast<uint64_t>(entry.stride) * i;
  }
  list.count = executed;
  entry.list = static_cast<uint32_t>(lists_used_);
  entry.next = kNever;
}

void AccessLog::access(Worker& worker, uint64_t address, uint32_t bytes, AccessKind kind,
                       uint64_t pc) {
  Space space = space_of(address);
  unsigned lane = worker.current % kWarpSize;
  if (!diverged_ && static_cast<size_t>(log_cursor - entries_.data()) == kCapacity) {
    simt_give_way();  // the warp's other lanes catch up, and the log can be emptied
  }
  if (diverged_) {
    raw_[lane].push_back({pc, address, bytes, kind, space});
    return;
  }
  size_t index = static_cast<size_t>(log_cursor - entries_.data());
  LogEntry& entry = entries_[index];
  if (index == used_) {
    RuntimeScope scope;
    append(address, bytes, kind, pc, space);
    ++log_cursor;
    return;
  }
  if (entry.pc != pc) {
    RuntimeScope scope;
    diverge(lane, index);
    raw_[lane].push_back({pc, address, bytes, kind, space});
    return;
  }
  ++log_cursor;
  if (entry.list != 0) {
    AddressList& list = lists_[entry.list - 1];
    list.address[list.count++] = address;
    return;
  }
  unsigned executed = lanes_past(index, lane);
  if (executed == 1) {  // the second lane: now the stride is known
    entry.stride = static_cast<int64_t>(address - entry.first);
    entry.next = address + static_cast<uint64_t>(entry.stride);
    predicted_stride(pc) = entry.stride;
    return;
  }
  RuntimeScope scope;
  to_list(entry, executed);
  AddressList& list = lists_[entry.list - 1];
  list.address[list.count++] = address;
}

// Lane `lane`, having executed the first `length` entries, goes another way than those before it:
// from here to the next rendezvous every lane's accesses are kept apart.
void AccessLog::diverge(unsigned lane, size_t length) {
  length_[lane] = static_cast<uint16_t>(length);
  for (size_t k = 0; k < used_; ++k) {
    const LogEntry& entry = entries_[k];
    unsigned position = 0;  // among the lanes that executed it
    for (unsigned i = 0; i < kWarpSize; ++i) {
      if (length_[i] <= k) continue;
      uint64_t address = entry.list != 0
                             ? lists_[entry.list - 1].address[position]
                             : entry.first + static_cast<uint64_t>(entry.stride) * position;
      raw_[i].push_back({entry.pc, address, entry.bytes, entry.kind, entry.space});
      ++position;
    }
  }
  for (size_t i = 0; i < used_; ++i) entries_[i] = LogEntry{};
  used_ = lists_used_ = 0;
  std::fill(std::begin(length_), std::end(length_), uint16_t{0});
  log_cursor = entries_.data();
  diverged_ = true;
}

void AccessLog::reset() {
  for (size_t i = 0; i < used_; ++i) {
    entries_[i].pc = 0;
    entries_[i].next = 0;
  }
  used_ = lists_used_ = 0;
  std::fill(std::begin(length_), std::end(length_), uint16_t{0});
  log_cursor = entries_.data();  // of the lane that stopped last, should it be asked again
  if (diverged_) {
    for (auto& raw : raw_) raw.clear();
    diverged_ = false;
  }
}

}  // namespace simt

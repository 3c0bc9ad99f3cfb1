// What comes out of the access log at a rendezvous: requests, their bounds and alignment checked,
// the members of a vector joined, lanes that went different ways merged.
#include <algorithm>
#include <unordered_map>

#include "common/simt/access_log.h"
#include "common/simt/device_variables.h"
#include "common/simt/faults.h"
#include "common/simt/symbolize.h"
#include "common/simt/vector_member.h"

namespace simt {
namespace {

// Bounds of the allocation that an access starts in, as arena offsets; empty if there is none.
struct Bounds {
  uint64_t begin = 1, end = 0;
};

Bounds bounds_of(uint64_t address) {
  if (in_device_variables(address)) {
    return {reinterpret_cast<uint64_t>(__start_simt_device),
            reinterpret_cast<uint64_t>(__stop_simt_device)};
  }
  const Allocation* a = find_allocation(reinterpret_cast<const void*>(address));
  if (a == nullptr || !a->live) return {};
  uint64_t begin = reinterpret_cast<uint64_t>(arena_base) +
                   static_cast<uint64_t>(a->space) * kSpaceBytes + a->offset;
  return {begin, begin + a->bytes};
}

// The address that has offset 0, as the observer counts offsets.
uint64_t origin(const Worker& worker, Space space, uint64_t address) {
  if (space == Space::kShared) return reinterpret_cast<uint64_t>(worker.shared);
  if (in_device_variables(address)) {
    return reinterpret_cast<uint64_t>(__start_simt_device) - device_variables_offset();
  }
  return reinterpret_cast<uint64_t>(arena_base) + static_cast<uint64_t>(space) * kSpaceBytes;
}

const char* verb_of(AccessKind kind) {
  switch (kind) {
    case AccessKind::kLoad:
      return "reads";
    case AccessKind::kStore:
      return "writes";
    default:
      return "updates atomically";
  }
}

}  // namespace

// Checks one request's bounds and alignment, and queues it for the observer.
void AccessLog::emit(Worker& worker, const LogEntry& entry, const uint64_t* addresses,
                     unsigned lanes, uint32_t mask, bool estimated) {
  WarpRequest request;
  request.pc = entry.pc - text_base();
  request.stride = addresses != nullptr ? 0 : entry.stride;
  request.bytes = entry.bytes;
  request.lanes = static_cast<uint8_t>(lanes);
  request.mask = mask;
  request.kind = entry.kind;
  request.space = entry.space;
  request.estimated = estimated;
  uint64_t base = origin(worker, entry.space, entry.first);
  request.first = (addresses != nullptr ? addresses[0] : entry.first) - base;
  if (addresses != nullptr) {
    request_lists_.emplace_back();
    AddressList& list = request_lists_.back();
    for (unsigned i = 0; i < lanes; ++i) list.address[i] = addresses[i] - base;
    list.count =
        static_cast<unsigned>(requests_.size());  // whose it is; pointers are set at the end
  }
  requests_.push_back(request);
}

// `index`: of the entry in the log.
void AccessLog::check(Worker& worker, unsigned warp, const LogEntry& entry,
                      const uint64_t* addresses, unsigned lanes, unsigned index) {
  uint64_t low = entry.first, high = entry.first;
  uint64_t bits = 0;  // of all addresses, for the alignment
  if (addresses != nullptr) {
    low = *std::min_element(addresses, addresses + lanes);
    high = *std::max_element(addresses, addresses + lanes);
    for (unsigned i = 0; i < lanes; ++i) bits |= addresses[i];
  } else {
    uint64_t last = entry.first + static_cast<uint64_t>(entry.stride) * (lanes - 1);
    low = std::min(low, last);
    high = std::max(high, last);
    bits = entry.first | (lanes > 1 ? static_cast<uint64_t>(entry.stride) : 0);
  }
  bool power = (entry.bytes & (entry.bytes - 1)) == 0 && entry.bytes <= 16;
  Range bounds = known_bounds(worker, entry, low);
  bool aligned = !power || (bits & (entry.bytes - 1)) == 0;
  if (aligned && low >= bounds.begin && high + entry.bytes <= bounds.end) return;
  // Find the first lane that is at fault. Lanes that took part are those whose logs are that long.
  unsigned position = 0;
  for (unsigned lane = 0; lane < kWarpSize && position < lanes; ++lane) {
    if (!diverged_ && length_[lane] <= index) continue;
    uint64_t address = addresses != nullptr
                           ? addresses[position]
                           : entry.first + static_cast<uint64_t>(entry.stride) * position;
    ++position;
    Range own = known_bounds(worker, entry, address);
    bool bad = address < own.begin || address + entry.bytes > own.end ||
               (power && address % entry.bytes != 0);
    if (bad) report_access(worker, warp, lane, verb_of(entry.kind), address, entry.bytes, entry.pc);
  }
}

// The bounds that hold for an access of this instruction: remembered, since it is mostly the same
// allocation every time.
AccessLog::Range AccessLog::known_bounds(Worker& worker, const LogEntry& entry, uint64_t address) {
  if (entry.space == Space::kShared) {
    uint64_t begin = reinterpret_cast<uint64_t>(worker.shared);
    return {begin, begin + worker.shared_used};
  }
  Range& range = ranges_[(entry.pc >> 2) % kRanges];
  if (address < range.begin || address + entry.bytes > range.end || range.launch != worker.launch) {
    Bounds bounds = bounds_of(address);
    range = {bounds.begin, bounds.end, worker.launch};
  }
  return range;
}

int AccessLog::member(const Worker& worker, uint64_t pc) {
  auto [it, fresh] = members_.try_emplace(pc, kNoMember);
  if (fresh) {
    struct Question {
      uint64_t pc;
      int answer;
    } question{pc, kNoMember};
    simt_call_on(
        worker.report_stack,
        [](void* argument) {
          auto* asked = static_cast<Question*>(argument);
          asked->answer = vector_member(asked->pc);
        },
        &question);
    it->second = question.answer;
  }
  return it->second;
}

// Whether every lane's access of `next` begins where its access of `entry` ended.
bool AccessLog::follows(const LogEntry& entry, const LogEntry& next) const {
  if (next.first != entry.first + entry.bytes || next.bytes != entry.bytes ||
      next.kind != entry.kind || next.space != entry.space || next.pc == entry.pc) {
    return false;
  }
  if (entry.list == 0 || next.list == 0) {
    return entry.list == next.list && entry.stride == next.stride;
  }
  const AddressList &a = lists_[entry.list - 1], &b = lists_[next.list - 1];
  for (unsigned i = 0; i < a.count; ++i) {
    if (b.address[i] != a.address[i] + entry.bytes) return false;
  }
  return a.count == b.count;
}

// How many entries from `first` on are members of one vector that nvcc accesses at once: 1, 2 or 4.
unsigned AccessLog::joined(const Worker& worker, size_t first) {
  const LogEntry& entry = entries_[first];
  if (entry.bytes > 8 || entry.kind == AccessKind::kAtomic) return 1;
  unsigned lanes = 0, parts = 1;
  for (; parts < 4 && first + parts < used_; ++parts) {
    if (!follows(entries_[first + parts - 1], entries_[first + parts])) break;
    if (lanes == 0) lanes = lanes_past(first, kWarpSize);
    if (lanes_past(first + parts, kWarpSize) != lanes) break;
  }
  for (parts = parts == 4 ? 4 : parts & 2; parts > 1; parts /= 2) {
    const uint64_t total = uint64_t{entry.bytes} * parts;
    uint64_t bits = entry.first | static_cast<uint64_t>(entry.stride);
    if (entry.list != 0) {
      const AddressList& list = lists_[entry.list - 1];
      bits = 0;
      for (unsigned i = 0; i < list.count; ++i) bits |= list.address[i];
    }
    if (total > 16 || bits % total != 0) continue;
    const int start = member(worker, entry.pc);
    bool one = start == kBraces || start == 0 || (start == 2 && parts == 2);
    for (unsigned i = 1; one && i < parts; ++i) {
      one = member(worker, entries_[first + i].pc) ==
            (start == kBraces ? start : start + static_cast<int>(i));
    }
    if (one) return parts;
  }
  return 1;
}

void AccessLog::flush_all(Worker& worker, unsigned warp) {
  RuntimeScope scope;
  requests_.clear();
  request_lists_.clear();
  if (diverged_) {
    merge_raw(worker, warp);
  } else {
    uint16_t shortest =
        *std::min_element(std::begin(length_), std::begin(length_) + lanes_in(worker, warp));
    const unsigned all = lanes_in(worker, warp);
    const uint32_t all_mask = ~0u >> (kWarpSize - all);
    for (size_t k = 0; k < used_; ++k) {
      const LogEntry& entry = entries_[k];
      const uint64_t* addresses = nullptr;
      const uint32_t mask = k < shortest ? all_mask : mask_past(k);
      unsigned lanes = k < shortest ? all : static_cast<unsigned>(__builtin_popcount(mask));
      if (entry.list != 0) {
        addresses = lists_[entry.list - 1].address;
        lanes = lists_[entry.list - 1].count;
      }
      LogEntry whole = entry;
      if (unsigned parts = joined(worker, k); parts > 1) {
        whole.bytes *= parts;
        k += parts - 1;
      }
      check(worker, warp, whole, addresses, lanes, static_cast<unsigned>(&entry - entries_.data()));
      emit(worker, whole, addresses, lanes, mask, false);
    }
  }
  for (const AddressList& list : request_lists_) requests_[list.count].addresses = list.address;
  if (worker.observer != nullptr && !requests_.empty()) {
    worker.observer->warp(warp, requests_.data(), requests_.size());
  }
  reset();
  log_cursor = entries_.data();  // a lane that ends a rendezvous is suspended once more after this
}

// The k-th execution of one instruction, by whichever lanes, is one request. The order is that of
// first appearance, lane by lane. Estimated: a GPU may have run the two sides in another order or
// joined them elsewhere.
void AccessLog::merge_raw(Worker& worker, unsigned warp) {
  struct Merged {
    LogEntry entry;
    uint64_t address[kWarpSize];
    unsigned lanes = 0;
    uint32_t mask = 0;
  };
  std::vector<Merged> merged;
  std::unordered_map<uint64_t, std::vector<size_t>> by_pc;  // its executions, in order
  std::unordered_map<uint64_t, size_t> executed;            // by this lane
  for (unsigned lane = 0; lane < kWarpSize; ++lane) {
    executed.clear();
    for (const RawAccess& raw : raw_[lane]) {
      std::vector<size_t>& executions = by_pc[raw.pc];
      size_t k = executed[raw.pc]++;
      if (k == executions.size()) {
        executions.push_back(merged.size());
        merged.emplace_back();
        LogEntry& entry = merged.back().entry;
        entry.pc = raw.pc;
        entry.first = raw.address;
        entry.bytes = raw.bytes;
        entry.kind = raw.kind;
        entry.space = raw.space;
      }
      Merged& request = merged[executions[k]];
      request.address[request.lanes++] = raw.address;
      request.mask |= 1u << lane;
    }
  }
  for (const Merged& request : merged) {
    check(worker, warp, request.entry, request.address, request.lanes, 0);
    emit(worker, request.entry, request.address, request.lanes, request.mask, true);
  }
}

}  // namespace simt

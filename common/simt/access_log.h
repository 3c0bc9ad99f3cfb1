// The log of one warp between two of its rendezvous: what each lane accessed, merged as it happens.
//
// Lanes run one after the other. The first lane to execute its k-th access appends entry k; each
// later lane's k-th access is compared with it. Equal instruction and the address that the stride
// predicts: one addition, and that is all that most accesses cost. An address off the stride turns
// the entry into a list of addresses; another instruction means that the lanes' paths differ, and
// the segment is kept lane by lane and merged at the end (estimated).
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "common/simt/observer.h"
#include "common/simt/worker.h"

namespace simt {

struct LogEntry {
  uint64_t next =
      0;            // the address at which the next lane is expected; kNever: always compare slowly
  uint64_t pc = 0;  // return address of the hook's caller; 0 ends the log
  int64_t stride = 0;  // from lane to lane
  uint64_t first = 0;  // the first lane's address
  uint32_t list = 0;   // 1 + index of its address list, 0 while the stride holds
  uint32_t bytes = 0;
  AccessKind kind = AccessKind::kLoad;
  Space space = Space::kDevice;
};

constexpr uint64_t kNever = 1;

// The next entry that the running lane will be compared with. Points at an entry with pc 0 when no
// kernel runs.
extern __thread LogEntry* log_cursor __attribute__((tls_model("initial-exec")));

class AccessLog {
 public:
  AccessLog();

  // The running lane's access, when the fast comparison failed. Called by the hooks.
  void access(Worker& worker, uint64_t address, uint32_t bytes, AccessKind kind, uint64_t pc);
  // Lane switches: where the lane that stops has got to, where the one that goes on was.
  void suspend(unsigned lane) {
    length_[lane] = static_cast<uint16_t>(log_cursor - entries_.data());
  }
  void resume(unsigned lane) { log_cursor = entries_.data() + length_[lane]; }
  void stop();  // no lane runs: later accesses are the host's

  // Hands everything to the observer, warp `warp` having reached a rendezvous, and starts anew.
  void flush(Worker& worker, unsigned warp) {
    if (!empty()) flush_all(worker, warp);
  }
  void discard();
  // Where the running lane's latest access was called from; 0 if it has made none since the
  // warp's last rendezvous.
  uint64_t last_pc() const {
    return log_cursor > entries_.data() && log_cursor <= entries_.data() + used_ ? log_cursor[-1].pc
                                                                                 : 0;
  }
  bool empty() const { return used_ == 0 && !diverged_; }

 private:
  struct RawAccess {
    uint64_t pc, address;
    uint32_t bytes;
    AccessKind kind;
    Space space;
  };
  struct AddressList {
    uint64_t address[kWarpSize];
    unsigned count;
  };

  // `except` may be kWarpSize: nobody.
  unsigned lanes_past(size_t entry, unsigned except) const;
  uint32_t mask_past(size_t entry) const;  // the lanes that have executed it
  void append(uint64_t address, uint32_t bytes, AccessKind kind, uint64_t pc, Space space);
  void to_list(LogEntry& entry, unsigned executed);
  void diverge(unsigned lane, size_t length);
  struct Range {
    uint64_t begin = 1, end = 0;
    const LaunchState* launch = nullptr;  // allocations may change between launches
  };
  static unsigned lanes_in(const Worker& worker, unsigned warp) {
    unsigned behind = worker.threads - warp * kWarpSize;
    return behind < kWarpSize ? behind : kWarpSize;
  }

  unsigned joined(const Worker& worker, size_t entry);
  bool follows(const LogEntry& entry, const LogEntry& next) const;
  int member(const Worker& worker, uint64_t pc);
  void flush_all(Worker& worker, unsigned warp);
  void reset();
  Range known_bounds(Worker& worker, const LogEntry& entry, uint64_t address);
  void check(Worker& worker, unsigned warp, const LogEntry& entry, const uint64_t* addresses,
             unsigned lanes, unsigned index);
  void emit(Worker& worker, const LogEntry& entry, const uint64_t* addresses, unsigned lanes,
            uint32_t mask, bool estimated);
  void merge_raw(Worker& worker, unsigned warp);
  int64_t& predicted_stride(uint64_t pc) { return strides_[(pc >> 1) % kStrides].stride_for(pc); }

  struct StrideMemory {
    uint64_t pc = 0;
    int64_t stride = 0;
    int64_t& stride_for(uint64_t p) {
      if (pc != p) {
        pc = p;
        stride = 0;
      }
      return stride;
    }
  };

  static constexpr size_t kCapacity =
      1024;  // entries; a lane that gets here lets the others catch up
  static constexpr size_t kStrides = 256;
  static constexpr size_t kRanges = 64;

  std::vector<LogEntry> entries_;  // kCapacity + 1; the entry behind the last has pc 0
  size_t used_ = 0;
  uint16_t length_[kWarpSize] = {};
  std::vector<AddressList> lists_;
  size_t lists_used_ = 0;
  StrideMemory strides_[kStrides];
  Range ranges_[kRanges];
  std::unordered_map<uint64_t, int> members_;  // by pc: what vector_member said
  bool diverged_ = false;
  std::vector<RawAccess> raw_[kWarpSize];
  std::vector<WarpRequest> requests_;
  std::vector<AddressList> request_lists_;
};

// Each OS thread's log; made when the thread is given its first wave (open_access_log). Traced
// builds only.
extern __thread AccessLog* this_log __attribute__((tls_model("initial-exec")));
void open_access_log();

}  // namespace simt

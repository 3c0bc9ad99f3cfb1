// Watches one block of a launch, step by step: what it loads, where it puts that in shared memory,
// when its threads meet.
//
// Where a value in shared memory comes from is inferred (lane_loads.h). Warps run one after the
// other in the simulator, up to the next barrier; their accesses are joined as if they ran side by
// side. A warp that uses shared memory of its own again and again, without a barrier, makes rounds:
// a round begins when it brings values from memory to where it has read others in this one.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "common/simt/observer.h"
#include "common/traffic/allocation_map.h"
#include "common/traffic/lane_loads.h"
#include "common/traffic/walk_steps.h"

namespace traffic {

constexpr size_t kMaxWalkSteps = 512;

class WalkRecorder {
 public:
  static constexpr uint64_t kNoBlock = std::numeric_limits<uint64_t>::max();

  explicit WalkRecorder(const AllocationMap& allocations) : allocations_(allocations) {}

  // The block of the next launch to watch. One OS thread runs it, and calls what follows.
  void expect(uint64_t block) { expected_ = block; }
  uint64_t expected() const { return expected_; }

  void begin(const simt::SharedMemory& shared);
  void warp(unsigned warp, const simt::WarpRequest* requests, size_t count);
  void barrier();
  void end();
  // What the expected block did; nothing when it has not run.
  std::optional<BlockWalk> take();

 private:
  static constexpr uint64_t kWordBytes = 4;
  struct Label {  // what a word of shared memory was written from
    WalkStep::Source source = WalkStep::kNone;
    uint32_t id = 0;
    bool operator==(const Label&) const = default;
  };
  struct Word {
    uint32_t label = 0;   // index in labels_
    uint32_t reader = 0;  // the warp's mark when it read this
  };
  struct WarpState {
    std::vector<LaneLoads> lanes;
    uint32_t mark = 0;             // differs between all warps and rounds
    uint32_t read_since_load = 0;  // lanes that have read shared memory since their latest load
    uint32_t round = 0;            // since the last barrier
  };
  struct Access {
    uint64_t offset;
    uint32_t bytes;
  };

  void request(WarpState& w, const simt::WarpRequest& r);
  void global(WarpState& w, const simt::WarpRequest& r);
  void shared(WarpState& w, const simt::WarpRequest& r);
  void read(const WarpState& w, const Access& a, uint64_t moved);
  void write(WarpState& w, int lane, const Access& a);
  void begin_round(WarpState& w);
  Word& word(uint64_t offset);
  uint32_t label(const Label& label);
  int array_at(uint64_t offset) const;
  std::string array_name(int array) const;
  void close();

  const AllocationMap& allocations_;
  uint64_t expected_ = kNoBlock;
  const simt::SharedMemory* memory_ = nullptr;  // of the block that runs
  std::vector<WarpState> warps_;
  std::vector<Word> words_;
  std::vector<Label> labels_;
  uint32_t marks_ = 0;
  WalkSteps open_;  // since the last barrier
  std::optional<BlockWalk> walk_;
};

}  // namespace traffic

// Joins the accesses of a block between two barriers into steps, for BlockWalk.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "common/traffic/events.h"

namespace traffic {

// Accesses with equal keys become one step where they touch each other.
struct StepKey {
  uint32_t round = 0;  // steps of a lower one come first
  WalkStep::Kind kind = WalkStep::kLoad;
  WalkStep::Source source = WalkStep::kNone;
  uint32_t id = 0;  // as in WalkStep
  int array = -1;   // number of a shared array
  bool operator==(const StepKey&) const = default;
  auto operator<=>(const StepKey&) const = default;
};

class WalkSteps {
 public:
  // `at`: in the allocation of a load or store, else in shared memory. `from`: of a write to shared
  // memory, in the allocation `key.id`; empty where nothing is known.
  void add(const StepKey& key, const ByteRange& at, const ByteRange& from, uint64_t bytes);
  // Appends what was added since the last call, by round and first access; `name(array)` is that
  // array's name.
  template <typename Name>
  void close_into(std::vector<WalkStep>& steps, const Name& name) {
    for (Made& m : close()) {
      if (m.key.array >= 0) m.step.array = name(m.key.array);
      steps.push_back(std::move(m.step));
    }
  }

 private:
  struct Piece {
    uint64_t end = 0, bytes = 0, order = 0;
    ByteRange from;
  };
  using Pieces = std::map<uint64_t, Piece>;  // by their begin; none touches another
  struct Made {
    StepKey key;
    uint64_t order;
    WalkStep step;
  };
  static void join(Piece& into, const Piece& piece);
  static void close_gaps(Pieces& pieces);
  std::vector<Made> close();

  std::map<StepKey, Pieces> pieces_;
  uint64_t order_ = 0;
};

}  // namespace traffic

// Which lanes of a warp are together at one place of a kernel: __activemask(), coalesced_threads().
//
// Lanes run one after the other, so a lane that gets there first cannot know who follows. It lets
// every thread of the block run on as far as it can; whoever has come to the same place by then is
// together with it.
#include <vector>

#include "common/simt/fiber.h"
#include "common/simt/worker.h"

namespace simt {
namespace {

struct Gathering {
  const LaunchState* launch;
  uint64_t block;
  unsigned warp;
  const void* place;  // in the kernel's code
  uint32_t arriving = 0;
  uint32_t together = 0;   // of those that have gathered
  uint32_t remaining = 0;  // of them, those that have not gone on yet
};

Gathering& gathering_at(const Worker& worker, const void* place) {
  static thread_local std::vector<Gathering> gatherings;
  const unsigned warp = worker.current / kWarpSize;
  for (Gathering& g : gatherings) {
    if (g.place == place && g.warp == warp && g.block == worker.block &&
        g.launch == worker.launch) {
      return g;
    }
  }
  // A block's own are few; those of earlier blocks are over.
  if (!gatherings.empty() &&
      (gatherings[0].block != worker.block || gatherings[0].launch != worker.launch)) {
    gatherings.clear();
  }
  gatherings.push_back({worker.launch, worker.block, warp, place});
  return gatherings.back();
}

}  // namespace

unsigned active_lanes() {
  const void* place = __builtin_return_address(0);
  Worker& worker = *this_worker;
  const uint32_t lane = 1u << worker.current % kWarpSize;
  {
    RuntimeScope scope;
    gathering_at(worker, place).arriving |= lane;
  }
  simt_give_way();
  RuntimeScope scope;
  Gathering& here = gathering_at(worker, place);
  if ((here.remaining & lane) == 0) {  // the first to go on
    here.together = here.remaining = here.arriving;
    here.arriving = 0;
  }
  here.remaining &= ~lane;
  return here.together;
}

}  // namespace simt

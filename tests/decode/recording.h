// A Recorder under the simulator for the time of a test.
#pragma once

#include <string>

#include "common/simt/arena.h"        // allocation
#include "common/simt/observer.h"     // set_observer
#include "common/traffic/recorder.h"  // Recorder

class Recording {
 public:
  // weights_bytes: what classroom is shrunk to.
  explicit Recording(const std::string& gpu = "h100", double weights_bytes = 1e6)
      : recorder(traffic::gpu_spec(gpu, weights_bytes)) {
    // The names of what has been there before.
    for (uint32_t id = 1; id <= simt::allocation_count(); ++id) {
      const simt::Allocation& allocation = simt::allocation(id);
      if (!allocation.live) continue;
      recorder.allocated(allocation);
      recorder.named(allocation);
    }
    simt::set_observer(&recorder);
  }
  ~Recording() { simt::set_observer(nullptr); }

  // Counts what `run` does, from cold caches to everything written back.
  template <typename Run>
  void count(const Run& run) {
    recorder.reset();
    run();
    recorder.finish();
  }

  traffic::MemoryCounts tensor(const std::string& name) const {
    traffic::Filter filter;
    filter.tensor = name;
    return recorder.totals(filter).memory;
  }
  traffic::Totals totals() const { return recorder.totals(); }

  traffic::Recorder recorder;
};

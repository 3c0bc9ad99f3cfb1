// Runs with known numbers, for the tests of the timeline.
#pragma once

#include <string>
#include <vector>

#include "tests/visualizer/stream.h"

namespace viz_test {

inline traffic::CopyEvent copy_in(const std::string& name, uint64_t bytes, double seconds) {
  traffic::CopyEvent e;
  e.counts.copies = 1;
  e.counts.host_to_device_bytes = bytes;
  traffic::TensorTraffic t;
  t.name = name;
  t.counts.host_read_bytes = t.counts.vram_write_bytes = bytes;
  e.tensors = {t};
  e.modelled_seconds = seconds;
  return e;
}

// Loading, a prefill of 9000 bytes, two decode steps of 1000 and 1200, the flush.
inline std::vector<traffic::Event> plain_run() {
  traffic::FlushEvent flush;
  flush.tensors = {tensor("logits", 0, 64)};
  flush.modelled_seconds = 1e-6;
  return {copy_in("rotary_table", 50, 1e-6),
          traffic::PhaseEvent{traffic::Phase::kPrefill, 0},
          launch("matmul", {tensor("weights.a", 8000), tensor("kv_cache.k", 0, 1000)}, 8e-6),
          traffic::TextEvent{0, " It"},
          traffic::PhaseEvent{traffic::Phase::kDecode, 1},
          launch("matmul", {tensor("weights.a", 900)}, 3e-6),
          launch("attention", {tensor("kv_cache.k", 60, 40)}, 1e-6),
          traffic::TextEvent{1, " is"},
          traffic::PhaseEvent{traffic::Phase::kDecode, 2},
          launch("matmul", {tensor("weights.a", 1200)}, 4e-6),
          traffic::TextEvent{2, " a"},
          traffic::PhaseEvent{traffic::Phase::kFlush, -1},
          flush,
          traffic::EndEvent{13}};
}

}  // namespace viz_test

// Synthetic events for the tests of the visualizer: a run with as little in it as a test needs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "visualizer/core/recording.h"

namespace viz_test {

inline traffic::RunEvent run_event(const std::string& chapter = "01_kv_cache-vram") {
  traffic::RunEvent e;
  e.model = "tiny.gguf";
  e.chapter = chapter;
  e.target = "traced";
  e.gpu = traffic::gpu_spec("h100");
  return e;
}

inline traffic::AllocationEvent allocation(uint32_t id, const std::string& name, uint64_t bytes,
                                           std::vector<uint64_t> shape = {}) {
  traffic::AllocationEvent e;
  e.kind = traffic::AllocationEvent::kName;
  e.id = id;
  e.bytes = bytes;
  e.name = name;
  e.shape = std::move(shape);
  return e;
}

// VRAM bytes read and written of one tensor; it moves as much at L2 and L1.
inline traffic::TensorTraffic tensor(const std::string& name, uint64_t read, uint64_t written = 0) {
  traffic::TensorTraffic t;
  t.name = name;
  t.counts.vram_read_bytes = t.counts.l2_load_bytes = t.counts.l1_load_bytes = read;
  t.counts.vram_write_bytes = t.counts.l2_store_bytes = t.counts.l1_store_bytes = written;
  t.counts.load_requests = (read + 127) / 128;
  t.counts.store_requests = (written + 127) / 128;
  return t;
}

inline traffic::LaunchEvent launch(const std::string& kernel,
                                   std::vector<traffic::TensorTraffic> tensors,
                                   double seconds = 1e-6) {
  traffic::LaunchEvent e;
  e.kernel = kernel;
  e.grid = {1, 1, 1};
  e.block = {128, 1, 1};
  e.counts.launches = e.counts.blocks = 1;
  e.tensors = std::move(tensors);
  e.modelled_seconds = seconds;
  e.bound = traffic::Bound::kVram;
  return e;
}

inline viz::Recording recording(std::vector<traffic::Event> events) {
  viz::Recording r;
  r.add(run_event());
  for (traffic::Event& e : events) r.add(std::move(e));
  return r;
}

}  // namespace viz_test

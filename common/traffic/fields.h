// The fields of our structs by name: events, reports and tests use one list.
#pragma once

#include "common/traffic/counts.h"
#include "common/traffic/gpu_spec.h"

namespace traffic {

// Each calls visit(name, member) for every field, in this order. `Counts` may be const.
template <typename Counts, typename Visit>
void for_memory_fields(Counts& c, Visit visit) {
  visit("load_requests", c.load_requests);
  visit("store_requests", c.store_requests);
  visit("atomic_requests", c.atomic_requests);
  visit("l1_load_bytes", c.l1_load_bytes);
  visit("l1_store_bytes", c.l1_store_bytes);
  visit("l1_atomic_bytes", c.l1_atomic_bytes);
  visit("l1_hit_bytes", c.l1_hit_bytes);
  visit("l2_load_bytes", c.l2_load_bytes);
  visit("l2_store_bytes", c.l2_store_bytes);
  visit("l2_atomic_bytes", c.l2_atomic_bytes);
  visit("l2_hit_bytes", c.l2_hit_bytes);
  visit("vram_read_bytes", c.vram_read_bytes);
  visit("vram_write_bytes", c.vram_write_bytes);
  visit("host_read_bytes", c.host_read_bytes);
  visit("host_write_bytes", c.host_write_bytes);
}

template <typename Counts, typename Visit>
void for_kernel_fields(Counts& c, Visit visit) {
  visit("launches", c.launches);
  visit("blocks", c.blocks);
  visit("shared_read_bytes", c.shared_read_bytes);
  visit("shared_write_bytes", c.shared_write_bytes);
  visit("shared_requests", c.shared_requests);
  visit("shared_wavefronts", c.shared_wavefronts);
  visit("shared_ideal_wavefronts", c.shared_ideal_wavefronts);
  visit("estimated_requests", c.estimated_requests);
  visit("lane_bytes", c.lane_bytes);
}

template <typename Counts, typename Visit>
void for_copy_fields(Counts& c, Visit visit) {
  visit("copies", c.copies);
  visit("host_to_device_bytes", c.host_to_device_bytes);
  visit("device_to_host_bytes", c.device_to_host_bytes);
  visit("device_to_device_bytes", c.device_to_device_bytes);
  visit("host_to_host_bytes", c.host_to_host_bytes);
  visit("fill_bytes", c.fill_bytes);
}

template <typename Counts, typename Visit>
void for_library_fields(Counts& c, Visit visit) {
  visit("calls", c.calls);
  visit("launches", c.launches);
  visit("read_bytes", c.read_bytes);
  visit("written_bytes", c.written_bytes);
}

// Numbers only, of types int, uint64_t and double. `Setup` is a RunSetup of events.h.
template <typename Setup, typename Visit>
void for_setup_fields(Setup& s, Visit visit) {
  visit("n_tokens", s.n_tokens);
  visit("temperature", s.temperature);
  visit("top_k", s.top_k);
  visit("top_p", s.top_p);
  visit("seed", s.seed);
  visit("draft_tokens", s.draft_tokens);
  visit("n_layers", s.n_layers);
  visit("n_heads", s.n_heads);
  visit("n_kv_heads", s.n_kv_heads);
  visit("head_dim", s.head_dim);
  visit("dim", s.dim);
  visit("hidden_dim", s.hidden_dim);
  visit("vocab_size", s.vocab_size);
  visit("max_seq_len", s.max_seq_len);
}

// Numbers only, of types uint32_t, uint64_t and double.
template <typename Spec, typename Visit>
void for_gpu_fields(Spec& g, Visit visit) {
  visit("sms", g.sms);
  visit("max_threads_per_sm", g.max_threads_per_sm);
  visit("max_blocks_per_sm", g.max_blocks_per_sm);
  visit("registers_per_sm", g.registers_per_sm);
  visit("l1_shared_bytes_per_sm", g.l1_shared_bytes_per_sm);
  visit("shared_bytes_per_sm", g.shared_bytes_per_sm);
  visit("max_shared_bytes_per_block", g.max_shared_bytes_per_block);
  visit("reserved_shared_per_block", g.reserved_shared_per_block);
  visit("l2_bytes", g.l2_bytes);
  visit("vram_bytes", g.vram_bytes);
  visit("clock_hz", g.clock_hz);
  visit("shared_bandwidth", g.shared_bandwidth);
  visit("l1_bandwidth", g.l1_bandwidth);
  visit("l2_bandwidth", g.l2_bandwidth);
  visit("vram_bandwidth", g.vram_bandwidth);
  visit("pcie_bandwidth", g.pcie_bandwidth);
  visit("fp32_multiply_adds", g.fp32_multiply_adds);
  visit("int8_multiply_adds", g.int8_multiply_adds);
  visit("launch_seconds", g.launch_seconds);
  visit("shrink", g.shrink);
}

}  // namespace traffic

// What the VRAM map shows, as numbers.
#include <nlohmann/json.hpp>

#include "visualizer/panels/vram_draw.h"

namespace viz {

nlohmann::ordered_json vram_json(const Recording& recording, const Playback& playback,
                                 Scope scope) {
  const size_t work = playback.work();
  const WorkRange part = playback.range(scope, recording);
  VramHeat heat;
  heat.update(recording, part);
  nlohmann::ordered_json json{{"scope", scope_name(scope)}};
  nlohmann::ordered_json allocations = nlohmann::ordered_json::array();
  uint64_t vram = 0, host = 0;
  for (size_t i = 0; i < recording.allocations().size(); ++i) {
    const AllocationAt& a = recording.allocations()[i];
    if (a.from > work || a.until <= work) continue;
    (a.space == simt::Space::kHost ? host : vram) += a.bytes;
    const Heat& h = heat.of(i);
    allocations.push_back({{"name", a.name},
                           {"space", a.space == simt::Space::kHost ? "host" : "device"},
                           {"bytes", a.bytes},
                           {"kernels_read_bytes", h.asked_read()},
                           {"kernels_written_bytes", h.asked_written()},
                           {"vram_read_bytes", h.counts.vram_read_bytes},
                           {"vram_write_bytes", h.counts.vram_write_bytes},
                           {"host_read_bytes", h.counts.host_read_bytes},
                           {"host_write_bytes", h.counts.host_write_bytes}});
  }
  json["vram_used_bytes"] = vram;
  json["vram_bytes"] = recording.run().gpu.vram_bytes;
  json["pinned_host_bytes"] = host;
  json["allocations"] = allocations;
  CacheModel cache;
  cache.update(recording, work, part);
  nlohmann::ordered_json grids = nlohmann::ordered_json::array();
  for (const CacheGrid& g : cache.grids()) {
    grids.push_back({{"name", recording.allocations()[g.allocation].name},
                     {"layers", g.shape.layers},
                     {"positions", g.shape.rows},
                     {"rows_filled", g.filled},
                     {"rows_read", g.rows_read},
                     {"rows_written", g.rows_written}});
  }
  json["kv_cache"] = grids;
  return json;
}

}  // namespace viz

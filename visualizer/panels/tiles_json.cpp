// What the panel of tiles shows, as numbers.
#include <nlohmann/json.hpp>

#include "visualizer/panels/tiles_draw.h"

namespace viz {

nlohmann::ordered_json tiles_json(const std::string& label, const Tiles& tiles) {
  nlohmann::ordered_json json{{"label", label}};
  json["kernels"] = nlohmann::ordered_json::array();
  for (const TileSegment& s : tiles.segments) {
    json["kernels"].push_back({{"kernel", s.kernel},
                               {"block", s.block},
                               {"blocks", s.blocks},
                               {"threads", s.threads},
                               {"shared_bytes", s.shared_bytes},
                               {"barriers", s.barriers},
                               {"steps", s.steps},
                               {"cut", s.cut}});
  }
  json["memory"] = nlohmann::ordered_json::array();
  for (const auto* lanes : {&tiles.above, &tiles.below}) {
    for (const TileLane& lane : *lanes) {
      json["memory"].push_back({{"name", lane.name},
                                {"loaded_bytes", lane.loaded_bytes},
                                {"stored_bytes", lane.stored_bytes},
                                {"round_trip", lane.round_trip}});
    }
  }
  json["shared_memory"] = nlohmann::ordered_json::array();
  for (const SharedTile& t : tiles.shared) {
    json["shared_memory"].push_back(
        {{"what", t.label},
         {"known", t.source == traffic::WalkStep::kCopied     ? "copied"
                   : t.source == traffic::WalkStep::kInferred ? "inferred"
                                                              : "no source"},
         {"begin", t.shared.begin},
         {"end", t.shared.end},
         {"from_column", t.begin},
         {"until_column", t.end}});
  }
  return json;
}

}  // namespace viz

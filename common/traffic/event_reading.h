// Parts of events from a stranger's JSON, for the reader in event_reader.cpp. Each is given a whole
// event, takes the member of its name, and throws json_fields::BadField for what is wrong in it. A
// member that is absent, as in the stream of an older program, gives what is the default.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "common/traffic/events.h"

namespace traffic {

RunSetup setup_of(const nlohmann::json& event);
std::vector<TouchedRanges> touched_of(const nlohmann::json& event);
std::optional<BlockWalk> walk_of(const nlohmann::json& event);

}  // namespace traffic

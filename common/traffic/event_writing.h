// Parts of events as JSON, for the writer in events.cpp.
#pragma once

#include "common/traffic/events.h"
#include "common/traffic/json_line.h"

namespace traffic {

// Each adds a member of its name: "setup", "touched", "walk".
void add_setup(JsonLine& line, const RunSetup& setup);
void add_touched(JsonLine& line, const std::vector<TouchedRanges>& touched);
void add_walk(JsonLine& line, const BlockWalk& walk);

}  // namespace traffic

// The launches of a test, as they stand in the event stream.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "common/traffic/events.h"
#include "tests/decode/recording.h"

// Runs `run` with events on, and the block of each launch that `walk_block` names watched.
template <typename Run>
std::vector<traffic::Event> recorded_events(Recording& recording, const std::string& walk_block,
                                            const Run& run) {
  std::stringstream stream;
  traffic::EventWriter writer(stream);
  writer.write(traffic::RunEvent{"model", "chapter", "traced", recording.recorder.gpu(), {}});
  recording.recorder.set_events(&writer);
  recording.recorder.set_walk(traffic::WalkChoice(walk_block));
  run();
  recording.recorder.set_events(nullptr);
  writer.end();
  std::vector<traffic::Event> events;
  traffic::EventReader reader(stream, "events");
  while (auto event = reader.next()) events.push_back(std::move(*event));
  return events;
}

template <typename Run>
std::vector<traffic::LaunchEvent> recorded_launches(Recording& recording,
                                                    const std::string& walk_block, const Run& run) {
  std::vector<traffic::LaunchEvent> launches;
  for (traffic::Event& event : recorded_events(recording, walk_block, run)) {
    if (auto* launch = std::get_if<traffic::LaunchEvent>(&event)) {
      launches.push_back(std::move(*launch));
    }
  }
  return launches;
}

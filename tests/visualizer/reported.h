// The same run twice: as ladder-traced reports it, and as the window runs and records it.
#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/catch.h"
#include "tests/visualizer/source_help.h"
#include "visualizer/core/recording.h"

namespace viz_test {

inline const char* const kShippedModel = LADDER_SOURCE_DIR "/common/models/austen-4m.gguf";

inline viz::RunRequest short_run(const std::string& chapter, const std::string& variant) {
  viz::RunRequest request;
  request.program = LADDER_TRACED;
  request.chapter = chapter;
  request.variant = variant;
  request.model = kShippedModel;
  request.n_tokens = 6;
  return request;
}

// This row of the report that ./ladder run merges into its table. By itself: a row that runs behind
// others finds its memory at other addresses, and so a few other hits in L2.
inline nlohmann::json reported(const viz::RunRequest& request) {
  Folder folder;
  const std::string file = folder / "report.json";
  std::string command = request.program + " run --quiet -n " + std::to_string(request.n_tokens) +
                        " --chapters " + request.row() + " --model " + request.model + " --json " +
                        file;
  if (!request.draft.empty()) command += " --draft " + request.draft;
  REQUIRE(std::system(command.c_str()) == 0);
  const nlohmann::json rows = nlohmann::json::parse(std::ifstream(file)).at("chapters");
  REQUIRE(rows.size() == 1);
  return rows[0];
}

inline viz::Recording recorded(const viz::RunRequest& request) {
  viz::Source source;
  source.start(request);
  viz::Recording recording;
  REQUIRE(wait_until(
      [&] {
        for (traffic::Event& e : source.take(1000)) recording.add(std::move(e));
        return source.state() != viz::Source::State::kRunning;
      },
      std::chrono::minutes(5)));
  REQUIRE(source.message() == "");
  REQUIRE(recording.complete());
  return recording;
}

}  // namespace viz_test

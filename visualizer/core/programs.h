// Where the decoders and the models are.
#pragma once

#include <string>
#include <vector>

namespace viz {

// The folder that the running program lies in, where the decoders lie too; empty when the system
// does not say.
std::string own_folder();

// "FOLDER/ladder-traced" for "traced".
std::string program_path(const std::string& folder, const std::string& target);

// Those of "traced", "native" and "gpu" whose program is there.
std::vector<std::string> targets_in(const std::string& folder);

struct ModelChoice {
  std::string name, title, path;  // "default", "Austen, 3.8 million parameters", GGUF file
};

// The models that are at hand: "default" and "draft", which the repository brings, and "smollm2"
// where ./ladder model smollm2 has fetched it.
std::vector<ModelChoice> known_models();

// The path of the one named "default", which the programs know only in the tree's own folder; empty
// when it is not there.
std::string default_model();

}  // namespace viz

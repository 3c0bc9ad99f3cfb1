// Where tests find SmolLM2-135M, if this machine has it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

// The path of `file` in the folder that LADDER_TEST_MODELS names, else where `./ladder model
// smollm2` puts it; empty when it is in neither.
inline std::string smollm2_path(const std::string& file = "SmolLM2-135M-Instruct.Q4_1.gguf") {
  std::vector<std::string> folders;
  const auto add = [&](const char* variable, const char* below) {
    const char* folder = std::getenv(variable);
    if (folder != nullptr && *folder != '\0') folders.push_back(std::string(folder) + below);
  };
  add("LADDER_TEST_MODELS", "/");
  add("XDG_CACHE_HOME", "/decoder-ladder/");
  add("HOME", "/.cache/decoder-ladder/");
  for (const std::string& folder : folders) {
    if (std::filesystem::exists(folder + file)) return folder + file;
  }
  return "";
}

constexpr const char* kNoSmollm2 =
    "skipped: SmolLM2 is not here (./ladder model smollm2 fetches it)";

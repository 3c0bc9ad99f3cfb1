// What a run is asked for: everything that the window's controls set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace viz {

// Where the started program finds the pipe for its events.
constexpr int kEventsDescriptor = 3;

struct RunRequest {
  std::string program;           // path of ladder-traced, ladder-native or ladder-gpu
  std::string chapter = "03";    // id
  std::string variant = "vram";  // empty: the chapter's only one
  std::string kv;                // "vram" or "host" where no variant says it; empty: not asked for
  std::string model;             // GGUF file; empty: the shipped one
  std::string draft;             // GGUF file or "self"; empty: the program's choice
  std::string prompt = "It is a truth universally acknowledged, that a single man";
  std::string chat;       // the prompt's chat format; empty: plain text
  int n_tokens = 32;      // to generate
  int count_tokens = 0;   // ladder-traced stops after so many; 0: by the model's size
  int context = 0;        // positions that the caches have room for; 0: what the text needs
  int draft_tokens = 0;   // proposed at a time; 0: the program's default
  float temperature = 0;  // 0: the most likely token
  int top_k = 0;          // 0: all
  float top_p = 1;        // 1: all
  uint64_t seed = 1;
  std::string gpu = "classroom";
  std::string walk_block;  // whose walk each launch records; empty: one with the most keys

  // "03:vram", as --chapters takes it.
  std::string row() const { return variant.empty() ? chapter : chapter + ":" + variant; }
  // The command line behind the program's name, with the events to kEventsDescriptor. What is at
  // the program's default is left out where an older program would not know the option.
  std::vector<std::string> arguments() const;

  bool operator==(const RunRequest&) const = default;
};

}  // namespace viz

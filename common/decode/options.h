// The command line of ladder-native, ladder-traced and ladder-gpu.
#pragma once

#include <string>
#include <vector>

#include "common/decode/sampler.h"  // SamplerOptions

namespace decode {

struct Options {
  std::string
      command;  // "run", "bench", "probe", "quality", "study", "info", "help", or a tool's name
  std::string study;  // its name, after the command "study"
  std::string model = "common/models/austen-4m.gguf";
  std::string prompt = "It is a truth universally acknowledged, that a single man";
  std::string chat;      // chat format of the prompt ("smollm2", "llama3"), or empty for plain text
  int n_tokens = 32;     // to generate
  int count_tokens = 0;  // tokens to count where that takes fewer than n_tokens; 0: by the model
  int context = 0;       // positions that caches have room for; 0: prompt and n_tokens
  std::string chapters;  // "00,01:host"; empty is all that run by default
  std::string kv;        // "vram,host"; empty is all that run by default
  std::string draft;     // GGUF file of the draft model; "self"; empty: see draft_path()
  int draft_tokens = 4;  // that the draft proposes at a time
  std::string gpu = "classroom";
  bool gpu_given = false;
  std::string text = "common/models/heldout.txt";  // whose tokens are predicted
  int text_tokens = 2048;                          // of it, from its beginning
  int kv_heads = 0;   // convert-heads: heads of K and V to make; 0: not given
  std::string store;  // convert-heads: F32, F16 or BF16; empty: as the file has it
  std::string out;    // convert-heads: file to write
  SamplerOptions sampler;
  std::string json;                 // file for this target's report; "-" is standard output
  std::string events;               // file or pipe for the event stream
  std::string trace;                // file for the Chrome trace
  std::string walk_block = "last";  // whose steps are in the event stream: see traffic/walk.h
  std::string instructions;         // file for the table of instructions
  bool quiet = false;               // no text on standard output
  bool progress = false;            // a progress line on standard error
};

// Throws DecodeError naming the option, what was found and what was expected.
Options parse_options(const std::vector<std::string>& arguments);

std::string help_text(const std::string& target);

}  // namespace decode

// Probes: kernels that show one level of memory each. A chapter registers them; the command `probe`
// runs them and prints what was counted and what time the model gives.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace decode {

struct Options;

struct Probe {
  std::string level;  // "L2"
  // Allocates what the probe needs; the result launches it once.
  std::function<std::function<void()>()> make;
};

// A namespace-scope object of this type registers its probe. They run in the order of registration.
struct RegisterProbe {
  explicit RegisterProbe(Probe probe);
};

// Runs all probes with cold caches on the GPU of --gpu (h100 unless it is given). Prints a table
// (unless quiet) and returns {format, target, gpu, probes: [{level, counted, modelled}]}.
// Throws DecodeError on a target that counts nothing.
nlohmann::ordered_json probe(const Options& options);

}  // namespace decode

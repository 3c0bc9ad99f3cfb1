// What this program runs on.
#pragma once

#include <string>

namespace decode {

// "native", "traced" or "gpu".
std::string target_name();

// For a reader: the GPU's name, or the CPU's and how many of its threads run blocks.
std::string device_name();

}  // namespace decode

// What this program runs on.
#pragma once

#include <string>

namespace decode {

// "native", "traced" or "gpu".
std::string target_name();

// To be called before the device is used. Throws DecodeError when there is none.
void prepare_device();

// For a reader: the GPU's name, or the CPU's and how many of its threads run blocks.
std::string device_name();

}  // namespace decode

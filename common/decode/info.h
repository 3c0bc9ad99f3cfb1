// The command `info`: what there is to run and to run it on.
#pragma once

#include <nlohmann/json.hpp>

#include "common/decode/options.h"  // Options

namespace decode {

// Prints it, unless the JSON goes to standard output, and returns
// {format, target, device, chapters[], gpus[], model{}}; JSON.md lists the fields.
nlohmann::ordered_json info(const Options& options);

}  // namespace decode

// The command `info`: what there is to run and to run it on.
#pragma once

#include "common/decode/options.h"  // Options

namespace decode {

void print_info(const Options& options);

}  // namespace decode

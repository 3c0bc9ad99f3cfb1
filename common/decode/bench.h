// The command `bench`: how fast this target runs on this machine.
#pragma once

#include <nlohmann/json.hpp>

#include "common/decode/options.h"  // Options

namespace decode {

constexpr int kBenchRuns = 9;  // medians of so many

// Two kernels on one OS thread, the same work as plain loops, and decoding with chapter 01 on all
// threads. Prints a line each (unless quiet) and returns {format, target, device, runs,
// kernels: {gemv_ns_per_fma, matmul_ns_per_fma}, plain: {the same}, decode: {tokens_per_second,
// ...}}.
nlohmann::ordered_json bench(const Options& options);

}  // namespace decode

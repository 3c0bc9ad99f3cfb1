// Merges the reports of several targets: tokens and speed from one, counts from another.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace decode {

// `runs`: what `ladder-<target> run --json` wrote, for any of native, traced and gpu, of the same
// model, prompt and GPU. Returns the documented table (JSON.md):
// {model, draft, prompt, gpu, chapters[]: {id, variant, text, tokens[], prefill, counted, declared,
// modelled, measured, equal_to_previous, ...}, skipped[]}. What no target reported is null.
// Throws DecodeError when the reports are of different runs, or when two targets decoded different
// tokens.
nlohmann::ordered_json merge_runs(const std::vector<nlohmann::ordered_json>& runs);

// The same for `ladder-<target> bench --json`: {machine, runs, counted: {gemv_ns_per_fma,
// matmul_ns_per_fma}, native: {the same}, plain_loop: {the same}, decode:
// {counted_tokens_per_second, native_tokens_per_second}}.
nlohmann::ordered_json merge_benches(const std::vector<nlohmann::ordered_json>& benches);

}  // namespace decode

// The command `run`: every chosen chapter decodes the same prompt; one target's report comes out.
#pragma once

#include <nlohmann/json.hpp>

#include "common/decode/options.h"  // Options

namespace decode {

// Logits of two chapters that sum in different orders lie this close: where tokens first differ and
// the two largest logits are no further apart, the difference is a tie and not an error.
constexpr double kTieBound = 1e-3;

// Streams the text to standard output (unless quiet) and returns the report:
// {format, target, device, model{}, prompt, prompt_tokens, gpu, sampling{}, chapters[]};
// JSON.md lists the fields.
nlohmann::ordered_json run_chapters(const Options& options);

}  // namespace decode

// The command `run`: every chosen chapter decodes the same prompt; one target's report comes out.
#pragma once

#include <nlohmann/json.hpp>

#include "common/decode/options.h"  // Options

namespace decode {

// Streams the text to standard output (unless quiet) and returns the report:
// {format, target, device, model{}, draft{}, prompt, prompt_tokens, gpu, sampling{}, chapters[],
// skipped[]}; JSON.md lists the fields. A chapter that cannot run with the model is skipped, and
// printed with its reason; throws CannotRun when that leaves none.
nlohmann::ordered_json run_chapters(const Options& options);

}  // namespace decode

// The command `quality`: how well chapters predict a text, and how far each is from the first.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "common/decode/options.h"  // Options
#include "common/decode/quality.h"  // Quality

namespace decode {

// {perplexity, loss, divergence, agreement, positions}, units as in quality.h.
nlohmann::ordered_json quality_json(const Quality& quality);

// One line for a reader: a title, then the four numbers.
std::string quality_line(const std::string& title, const Quality& quality);
std::string quality_heading();

// Every decoder of --chapters reads the first --tokens tokens of --text; the first of them is the
// reference for all. Prints a line each (unless quiet) and returns
// {format, target, model, text, window, chapters: [{id, name, variant, quality...}]}.
// A chapter that generates (05) predicts nothing by itself: it is left out.
nlohmann::ordered_json quality_report(const Options& options);

}  // namespace decode

// The blocks that are tables of a report's numbers.
#pragma once

#include <string>

#include "common/lesson/document.h"  // Block
#include "common/lesson/reports.h"   // Json

namespace lesson {

// "chapters REPORT PHASE FIELD...", a line "only CHAPTER..." or none: a row a chapter.
std::string chapters_table(const Block& block, const Json& run);

// "tensors REPORT CHAPTER FIELD...", lines "title = prefix prefix...": a row for each group of
// tensors, a mean decode step. The first group that fits takes a tensor; the last line of the table
// is the rest.
std::string tensors_table(const Block& block, const Json& run);

// "sizes", lines "bytes = FORMULA", "row TITLE | name=value..." and "column TITLE | name=value...".
// The shape of `run`'s model holds where a row does not say otherwise.
std::string sizes_table(const Block& block, const Json& run);

// "printed REPORT": the ladder table as ./ladder prints it, without what was measured.
std::string printed_table(const Json& run);

// "ladder REPORT FILE.svg": bars for each row of the ladder.
std::string ladder_svg(const Json& run);

// "levels REPORT FIELD...": a row for each probe of `ladder-traced probe --json`.
std::string levels_table(const Block& block, const Json& probe);

}  // namespace lesson

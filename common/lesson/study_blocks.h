// The blocks that show a study (common/decode/study.h): as a table of its rows, as a table over two
// of its fields, or as a plot.
#pragma once

#include <functional>
#include <string>

#include "common/lesson/document.h"  // Block
#include "common/lesson/reports.h"   // Json

namespace lesson {

// Formats of numbers: bytes, seconds, count, percent (of 0.12), whole (1,024), plain (1024), .2
// (two digits after the point), text. Throws LessonError.
std::function<std::string(double)> number_format(const std::string& name);

// "rows STUDY", lines "where NAME=VALUE..." and "column NAME FORMAT | TITLE": a row a row.
std::string rows_table(const Block& block, const Json& study);

// "pivot STUDY", lines "where NAME=VALUE...", "row NAME FORMAT | TITLE", "cell NAME FORMAT" and
// "column TITLE | NAME=VALUE...": a row for each value of the row's field, in the study's order; a
// cell is the one row of the study that fits both, "-" when there is none.
std::string pivot_table(const Block& block, const Json& study);

// "plot STUDY FILE.svg", lines "title TEXT", "where NAME=VALUE...", "x NAME FORMAT [log] | TITLE",
// "y NAME FORMAT [log] | TITLE" and "series TITLE | NAME=VALUE...": the SVG.
std::string plot_svg(const Block& block, const Json& study);

}  // namespace lesson

// Lines and words.
#pragma once

#include <string>
#include <vector>

namespace lesson {

std::vector<std::string> lines_of(const std::string& text);        // without their line breaks
std::string join(const std::vector<std::string>& lines);           // each with a line break
std::vector<std::string> words_of(const std::string& text);        // parted by white space
std::vector<std::string> split(const std::string& text, char by);  // parts, trimmed
std::string read_text(const std::string& path);                    // throws LessonError
void write_text(const std::string& path, const std::string& text);

std::string grouped(double value);  // whole: 11806432 -> "11,806,432"

// "| a | b |": rows of cells under the titles; columns after the first are aligned to the right.
std::string markdown_table(const std::vector<std::string>& titles,
                           const std::vector<std::vector<std::string>>& rows);

}  // namespace lesson

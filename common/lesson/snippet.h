// Takes a piece out of a source file that is compiled, so that a lesson shows the code that runs.
#pragma once

#include <string>
#include <vector>

namespace lesson {

// `name` is a function, a kernel or a struct: its definition, from the first line of its
// declaration to its closing brace, without the comment above. Or an anchor in brackets, "[loop]":
// the lines between two lines that hold "// [loop]". Indentation that all lines share is taken off.
// Throws LessonError when it is not there.
std::string snippet(const std::string& source, const std::string& name);

// `arguments`: paths of files below `root` (each has a '/'), each with the names of snippets of it
// behind it. A text for each file: its snippets, parted by an empty line, or all of it when it has
// no names.
std::vector<std::string> sources(const std::string& root,
                                 const std::vector<std::string>& arguments);

}  // namespace lesson

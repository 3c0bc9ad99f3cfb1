// Evaluates the formulas that a lesson states, so that the formula a reader sees is the one that is
// held against the count.
#pragma once

#include <map>
#include <string>

namespace lesson {

using Variables = std::map<std::string, double>;

// Numbers, names of variables, + - * /, parentheses and ceil(...). Throws LessonError naming the
// formula and what was not understood.
double evaluate(const std::string& formula, const Variables& variables);

}  // namespace lesson

// Tools: commands of the program that a chapter brings, beside run, bench and the others. A study
// makes a table for a lesson; a tool does something with a user's files.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "common/decode/options.h"  // Options

namespace decode {

struct Tool {
  std::string name;  // the command
  // Prints what a reader wants to know (unless quiet) and returns it for --json.
  std::function<nlohmann::ordered_json(const Options&)> run;
};

// A namespace-scope object of this type registers its tool.
struct RegisterTool {
  explicit RegisterTool(Tool tool);
};

const Tool* find_tool(const std::string& name);  // null when there is none of that name

}  // namespace decode

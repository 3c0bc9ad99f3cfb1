// The list of tools.
#include "common/decode/tool.h"

#include <utility>
#include <vector>

namespace decode {
namespace {

std::vector<Tool>& list() {
  static std::vector<Tool> tools;
  return tools;
}

}  // namespace

RegisterTool::RegisterTool(Tool tool) { list().push_back(std::move(tool)); }

const Tool* find_tool(const std::string& name) {
  for (const Tool& tool : list()) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

}  // namespace decode

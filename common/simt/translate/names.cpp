// Names that mean something else on a device, and the variables that live there.
#include <algorithm>
#include <array>
#include <utility>

#include "common/simt/translate/passes.h"

namespace simt::translate {
namespace {

// Calls, in device code only: the host's functions of these names stay the host's.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kDeviceCalls = {{
    {"printf", "SIMT_PRINTF"},
    {"assert", "SIMT_ASSERT"},
    {"clock", "::simt::device_clock32"},
    {"memcpy", "::simt::device_memcpy"},
    {"memset", "::simt::device_memset"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kPositions = {{
    {"threadIdx", "thread"},
    {"blockIdx", "block"},
    {"blockDim", "block_dim"},
    {"gridDim", "grid_dim"},
}};

bool is_member(const Tokens& tokens, int i) {
  return is(tokens, i - 1, ".") || is(tokens, i - 1, "->");
}

// Host code likes to call its own variables blockDim and gridDim. Is there one outside device code?
bool is_host_variable(const Pass& pass, const Tokens& tokens, std::string_view name) {
  for (int i = 1; i < static_cast<int>(tokens.size()); ++i) {
    if (!is(tokens, i, name) || is(tokens, i + 1, ".") || is_member(tokens, i)) continue;
    bool declared = is_identifier(tokens, i - 1) || is(tokens, i - 1, ",") ||
                    is(tokens, i - 1, "&") || is(tokens, i - 1, "*");
    if (declared && pass.structure.function_at(i) == nullptr) return true;
  }
  return false;
}

void position(Pass& pass, const Region& region, int i) {
  const Tokens& tokens = region.tokens;
  for (const auto& [name, prefix] : kPositions) {
    if (!is(tokens, i, name) || !is(tokens, i + 1, ".") || is_member(tokens, i) ||
        is(tokens, i - 1, "::")) {
      continue;
    }
    std::string_view axis = i + 2 < static_cast<int>(tokens.size()) ? at(tokens, i + 2).text : "";
    if (axis != "x" && axis != "y" && axis != "z") continue;
    bool may_be_host = region.define == nullptr && (name == "blockDim" || name == "gridDim");
    if (may_be_host && pass.structure.function_at(i) == nullptr &&
        is_host_variable(pass, tokens, name)) {
      continue;
    }
    pass.edits.replace(at(tokens, i).offset, end_of(at(tokens, i + 2)),
                       "::simt::" + std::string(prefix) + "_" + std::string(axis) + "()",
                       region.define != nullptr);
  }
}

void device_call(Pass& pass, const Region& region, const Function& function, int i) {
  const Tokens& tokens = region.tokens;
  if (!is(tokens, i + 1, "(") || is_member(tokens, i)) return;
  for (const auto& [name, replacement] : kDeviceCalls) {
    if (!is(tokens, i, name)) continue;
    // The host's clock() and memcpy() stay where a function may also run there.
    bool only_device = name == "clock" || name == "memcpy" || name == "memset";
    if (only_device && function.host) continue;
    if (name == "clock" && !is(tokens, i + 2, ")")) continue;
    int first = i;
    if (is(tokens, i - 1, "::")) {
      bool standard = is(tokens, i - 2, "std");
      if (!standard && is_identifier(tokens, i - 2)) return;  // another namespace's
      first = standard ? i - 2 : i - 1;
    } else if (is_identifier(tokens, i - 1) && !is(tokens, i - 1, "return") &&
               !is(tokens, i - 1, "else") && !is(tokens, i - 1, "do")) {
      return;  // a declaration
    }
    pass.edits.replace(at(tokens, first).offset, end_of(at(tokens, i)), std::string(replacement));
  }
}

}  // namespace

void translate_names(Pass& pass, const Region& region) {
  const Tokens& tokens = region.tokens;
  for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
    if (!is_identifier(tokens, i)) continue;
    position(pass, region, i);
    if (is(tokens, i, "__noinline__") && !is(tokens, i - 1, "(") && !is(tokens, i - 1, ",")) {
      pass.edits.replace(at(tokens, i).offset, end_of(at(tokens, i)), "SIMT_NOINLINE");
    }
    if (region.define != nullptr) continue;
    const Function* function = pass.structure.function_at(i);
    if (function == nullptr) continue;
    device_call(pass, region, *function, i);
    if (is(tokens, i, "__CUDA_ARCH__") && !function->host) {
      pass.edits.replace(at(tokens, i).offset, end_of(at(tokens, i)), std::string(kArchitecture));
    }
  }
}

void translate_variables(Pass& pass) {
  for (const Variable& variable : pass.structure.variables) {
    const Tokens& tokens = pass.file.code;
    const Token& mark = at(tokens, variable.mark);
    if (scope_of(tokens, variable.mark) != Scope::kNamespace || variable.is_extern) continue;
    std::string text = variable.constant ? "SIMT_CONSTANT_VARIABLE" : "SIMT_DEVICE_VARIABLE";
    if (!variable.has_linkage) text = "static " + text;
    pass.edits.replace(mark.offset, end_of(mark), text);
  }
}

}  // namespace simt::translate

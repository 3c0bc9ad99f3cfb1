// What the simulator cannot run, found by name and said in words.
#include <algorithm>
#include <array>
#include <utility>

#include "common/simt/translate/passes.h"

namespace simt::translate {
namespace {

// Where a name must be for the message to be right.
enum class Where { kAnywhere, kDeviceCode, kBeforeAngle };
struct Unsupported {
  std::string_view name;
  Where where;
  std::string_view what;
};

constexpr std::array<Unsupported, 19> kNames = {{
    {"asm", Where::kDeviceCode, "inline PTX (asm)"},
    {"__asm__", Where::kDeviceCode, "inline PTX (asm)"},
    {"__asm", Where::kDeviceCode, "inline PTX (asm)"},
    {"texture", Where::kBeforeAngle, "texture references"},
    {"surface", Where::kBeforeAngle, "surface references"},
    {"cudaTextureObject_t", Where::kAnywhere, "textures"},
    {"cudaSurfaceObject_t", Where::kAnywhere, "surfaces"},
    {"tex1D", Where::kDeviceCode, "textures"},
    {"tex2D", Where::kDeviceCode, "textures"},
    {"tex3D", Where::kDeviceCode, "textures"},
    {"tex1Dfetch", Where::kDeviceCode, "textures"},
    {"surf2Dread", Where::kDeviceCode, "surfaces"},
    {"surf2Dwrite", Where::kDeviceCode, "surfaces"},
    {"nvcuda", Where::kAnywhere, "tensor cores (nvcuda::wmma)"},
    {"__cluster_dims__", Where::kAnywhere, "thread block clusters"},
    {"cudaLaunchKernelEx", Where::kAnywhere, "launch attributes and clusters (cudaLaunchKernelEx)"},
    {"cudaLaunchCooperativeKernel", Where::kAnywhere, "cooperative launches"},
    {"this_cluster", Where::kAnywhere, "thread block clusters"},
    {"__pipeline_memcpy_async", Where::kAnywhere, "asynchronous copies"},
}};

bool applies(const Pass& pass, const Region& region, int i, Where where) {
  if (where == Where::kAnywhere) return true;
  if (where == Where::kBeforeAngle) return is(region.tokens, i + 1, "<");
  return region.define == nullptr && pass.structure.function_at(i) != nullptr;
}

}  // namespace

void Pass::unsupported(const Region& region, const Token& token, const std::string& what) {
  std::string text = "the simulator does not support " + what;
  if (token.conditional || region.define != nullptr) {
    edits.insert(token.offset, "_Pragma(" + quoted("GCC error " + quoted(text)) + ") ");
  } else {
    error(token, text);
  }
}

void find_unsupported(Pass& pass, const Region& region) {
  for (int i = 0; i < static_cast<int>(region.tokens.size()); ++i) {
    if (!is_identifier(region.tokens, i)) continue;
    for (const Unsupported& entry : kNames) {
      if (is(region.tokens, i, entry.name) && applies(pass, region, i, entry.where)) {
        pass.unsupported(region, at(region.tokens, i), std::string(entry.what));
      }
    }
  }
}

}  // namespace simt::translate

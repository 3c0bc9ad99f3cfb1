// Adding up, and the names of phases and bounds.
#include "common/traffic/counts.h"

#include "common/traffic/fields.h"
#include "common/traffic/gpu_spec.h"  // TrafficError

namespace traffic {
namespace {

// Walks the fields of both in step: the n-th of `from` is added to the n-th of `to`.
template <typename Counts, typename Fields>
void add_fields(Counts& to, const Counts& from, Fields fields) {
  std::array<uint64_t, 16> values{};
  size_t n = 0;
  fields(from, [&](const char*, uint64_t value) { values[n++] = value; });
  n = 0;
  fields(to, [&](const char*, uint64_t& value) { value += values[n++]; });
}

}  // namespace

const char* phase_name(Phase phase) {
  static const char* const names[kPhases] = {"load",  "prefill", "decode",
                                             "draft", "verify",  "flush"};
  const int i = static_cast<int>(phase);
  return i >= 0 && i < kPhases ? names[i] : "unknown";
}

Phase phase_from_name(const std::string& name) {
  for (int i = 0; i < kPhases; ++i) {
    if (name == phase_name(static_cast<Phase>(i))) return static_cast<Phase>(i);
  }
  throw TrafficError("no phase is named '" + name + "'");
}

const char* bound_name(Bound bound) {
  static const char* const names[kBounds] = {"VRAM", "L2",   "L1",   "shared",
                                             "PCIe", "fp32", "int8", "launch"};
  const int i = static_cast<int>(bound);
  return i >= 0 && i < kBounds ? names[i] : "unknown";
}

MemoryCounts& MemoryCounts::operator+=(const MemoryCounts& o) {
  add_fields(*this, o, [](auto& c, auto visit) { for_memory_fields(c, visit); });
  return *this;
}

KernelCounts& KernelCounts::operator+=(const KernelCounts& o) {
  add_fields(*this, o, [](auto& c, auto visit) { for_kernel_fields(c, visit); });
  return *this;
}

DeclaredWork& DeclaredWork::operator+=(const DeclaredWork& o) {
  fp32_multiply_adds += o.fp32_multiply_adds;
  int8_multiply_adds += o.int8_multiply_adds;
  undeclared_launches += o.undeclared_launches;
  return *this;
}

CopyCounts& CopyCounts::operator+=(const CopyCounts& o) {
  add_fields(*this, o, [](auto& c, auto visit) { for_copy_fields(c, visit); });
  return *this;
}

LibraryCounts& LibraryCounts::operator+=(const LibraryCounts& o) {
  add_fields(*this, o, [](auto& c, auto visit) { for_library_fields(c, visit); });
  return *this;
}

ModelledTime& ModelledTime::operator+=(const ModelledTime& o) {
  kernel_seconds += o.kernel_seconds;
  copy_seconds += o.copy_seconds;
  library_seconds += o.library_seconds;
  for (int i = 0; i < kBounds; ++i) seconds_by_bound[i] += o.seconds_by_bound[i];
  return *this;
}

Totals& Totals::operator+=(const Totals& o) {
  memory += o.memory;
  kernels += o.kernels;
  declared += o.declared;
  copies += o.copies;
  libraries += o.libraries;
  modelled += o.modelled;
  return *this;
}

}  // namespace traffic

// Which tensors are in shared memory, as far as a block's walk tells.
#include <algorithm>

#include "visualizer/models/hierarchy_model.h"

namespace viz {
namespace {

// The class of the allocation with this id that came last; by its latest name.
int class_of_id(const Recording& recording, uint32_t id) {
  const auto& all = recording.allocations();
  const auto found =
      std::find_if(all.rbegin(), all.rend(), [id](const AllocationAt& a) { return a.id == id; });
  return static_cast<int>(found == all.rend() ? TensorClass::kOther : class_of(found->name));
}

}  // namespace

SharedShares shared_shares(const Recording& recording, const traffic::BlockWalk& walk) {
  using traffic::WalkStep;
  using Classes = std::array<double, kTensorClasses>;
  struct Array {
    Classes from{};  // bytes written, by class
    double written = 0;
  };
  std::map<std::string, Array> arrays;
  SharedShares shares;
  double written = 0, read = 0;
  for (const WalkStep& step : walk.steps) {
    if (step.kind != WalkStep::kSharedWrite) continue;
    Array& array = arrays[step.array];
    array.written += double(step.bytes);
    written += double(step.bytes);
    // What was computed is not what was loaded.
    if (step.source != WalkStep::kCopied) continue;
    const int c = class_of_id(recording, step.id);
    array.from[c] += double(step.bytes);
    shares.written[c] += double(step.bytes);
  }
  // What is read from an array is what was written to it.
  for (const WalkStep& step : walk.steps) {
    if (step.kind != WalkStep::kSharedRead) continue;
    read += double(step.bytes);
    const Array& array = arrays[step.array];
    if (array.written == 0) continue;
    for (int c = 0; c < kTensorClasses; ++c) {
      shares.read[c] += double(step.bytes) * array.from[c] / array.written;
    }
  }
  for (int c = 0; c < kTensorClasses; ++c) {
    if (written > 0) shares.written[c] /= written;
    if (read > 0) shares.read[c] /= read;
  }
  return shares;
}

}  // namespace viz

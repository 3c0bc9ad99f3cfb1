// Where each allocation stands on the map of a memory, and how large.
#pragma once

#include <string>
#include <vector>

#include "visualizer/core/recording.h"
#include "visualizer/models/vram_treemap.h"

namespace viz {

struct LayoutSizes {
  float class_header = 18;  // pixels above the areas of a class, for its name
  float layer_header = 14;
  float gap = 3;        // between groups
  float min_side = 12;  // what would be smaller than a square of this side is gathered
};

// One allocation, or several that are too small to be seen by themselves.
struct VramArea {
  Box box;
  std::vector<size_t> allocations;  // indices into Recording::allocations()
  TensorClass kind = TensorClass::kOther;
  std::string label;  // "attn_q", "3 small ones"
  uint64_t bytes = 0;
  bool gathered() const { return allocations.size() > 1; }
};

// A class, or a layer inside a class.
struct VramGroup {
  Box box, header;  // the header has no height where there is no room for it
  TensorClass kind = TensorClass::kOther;
  std::string label;  // "weights", "layer 3"
  uint64_t bytes = 0;
  bool is_class = false;
};

struct VramLayout {
  std::vector<VramGroup> groups;
  std::vector<VramArea> areas;
  uint64_t bytes = 0;      // of all allocations
  size_t allocations = 0;  // how many

  const VramArea* at(float x, float y) const;
};

// 3 for "weights.blk.3.attn_q", -1 for a tensor of no layer.
int layer_of(const std::string& tensor);
// What is left of a name inside its class and layer: "attn_q".
std::string short_name(const std::string& tensor);

// All allocations of that space that live while `work` is done, grouped by class and then by layer.
// It depends on nothing else: it stands still while the run goes on. Areas are by bytes, except
// that a group or area that would be too small to see gets the least that can be seen.
VramLayout vram_layout(const Recording& recording, size_t work, simt::Space space, const Box& whole,
                       const LayoutSizes& sizes);

}  // namespace viz

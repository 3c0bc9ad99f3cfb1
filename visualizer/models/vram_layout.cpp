// Classes, in them layers, in them allocations: a treemap in a treemap.
#include "visualizer/models/vram_layout.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace viz {
namespace {

constexpr const char* kLayerMark = "blk.";

// What stands side by side in one rectangle.
struct Node {
  double bytes = 0;
  int layer = -1;                   // of a layer's group
  std::vector<size_t> allocations;  // of one area: one, or the gathered ones
  bool group = false;
};

// Nodes in the order in which they are laid out: large first, then as they were allocated.
void by_size(std::vector<Node>& nodes) {
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const Node& a, const Node& b) { return a.bytes > b.bytes; });
}

// Weights for squarified(): bytes, but enough for `least` pixels of area each.
std::vector<double> visible_weights(const std::vector<Node>& nodes, double area, double least) {
  double bytes = 0;
  for (const Node& n : nodes) bytes += n.bytes;
  std::vector<double> weights;
  for (const Node& n : nodes) {
    weights.push_back(std::max(bytes > 0 ? n.bytes / bytes * area : 0, least));
  }
  return weights;
}

// Moves the areas that would be smaller than `least` pixels into one.
void gather(std::vector<Node>& nodes, double area, double least) {
  double bytes = 0;
  for (const Node& n : nodes) bytes += n.bytes;
  std::vector<Node> kept;
  Node small;
  size_t gathered = 0;
  for (Node& n : nodes) {
    if (n.group || n.bytes * area >= least * bytes) {
      kept.push_back(std::move(n));
      continue;
    }
    small.bytes += n.bytes;
    small.allocations.insert(small.allocations.end(), n.allocations.begin(), n.allocations.end());
    ++gathered;
  }
  if (gathered > 0) kept.push_back(std::move(small));
  nodes = std::move(kept);
}

class Layouter {
 public:
  Layouter(const Recording& recording, const LayoutSizes& sizes)
      : recording_(recording), sizes_(sizes) {}

  void lay_class(TensorClass kind, std::vector<size_t> allocations, const Box& box) {
    const Box inside = add_group(kind, class_name(kind), allocations, box, true);
    std::map<int, std::vector<size_t>> layers;
    std::vector<Node> nodes;
    for (size_t a : allocations) {
      const int layer = layer_of(recording_.allocations()[a].name);
      if (layer >= 0) {
        layers[layer].push_back(a);
      } else {
        nodes.push_back({double(recording_.allocations()[a].bytes), -1, {a}, false});
      }
    }
    for (const auto& [layer, of_layer] : layers) {
      nodes.push_back({bytes_of(of_layer), layer, of_layer, true});
    }
    lay_nodes(kind, std::move(nodes), inside);
  }

  double bytes_of(const std::vector<size_t>& allocations) const {
    double bytes = 0;
    for (size_t a : allocations) bytes += double(recording_.allocations()[a].bytes);
    return bytes;
  }

  VramLayout result;

 private:
  double least() const { return double(sizes_.min_side) * sizes_.min_side; }

  // Returns the room for what is in it.
  Box add_group(TensorClass kind, std::string label, const std::vector<size_t>& allocations,
                const Box& box, bool is_class) {
    VramGroup group{box.inset(sizes_.gap / 2), {}, kind, std::move(label), 0, is_class};
    group.bytes = uint64_t(bytes_of(allocations));
    const float header = is_class ? sizes_.class_header : sizes_.layer_header;
    Box inside = group.box;
    if (inside.height > 2.5f * header && inside.width > 2 * header) {
      group.header = {inside.x, inside.y, inside.width, header};
      inside.y += header, inside.height -= header;
    }
    result.groups.push_back(std::move(group));
    return inside;
  }

  void lay_nodes(TensorClass kind, std::vector<Node> nodes, const Box& box) {
    by_size(nodes);
    gather(nodes, box.area(), least());
    const auto boxes = squarified(visible_weights(nodes, box.area(), least()), box);
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].group) {
        lay_layer(kind, nodes[i], boxes[i]);
      } else {
        add_area(kind, nodes[i], boxes[i]);
      }
    }
  }

  void lay_layer(TensorClass kind, const Node& node, const Box& box) {
    const Box inside =
        add_group(kind, "layer " + std::to_string(node.layer), node.allocations, box, false);
    std::vector<Node> nodes;
    for (size_t a : node.allocations) {
      nodes.push_back({double(recording_.allocations()[a].bytes), -1, {a}, false});
    }
    lay_nodes(kind, std::move(nodes), inside);
  }

  void add_area(TensorClass kind, const Node& node, const Box& box) {
    VramArea area{box, node.allocations, kind, "", uint64_t(node.bytes)};
    area.label = area.gathered() ? std::to_string(area.allocations.size()) + " small ones"
                                 : short_name(recording_.allocations()[area.allocations[0]].name);
    result.areas.push_back(std::move(area));
  }

  const Recording& recording_;
  const LayoutSizes& sizes_;
};

}  // namespace

int layer_of(const std::string& tensor) {
  const size_t mark = tensor.find(kLayerMark);
  if (mark == std::string::npos || (mark > 0 && tensor[mark - 1] != '.')) return -1;
  size_t at = mark + 4;
  int layer = 0;
  const size_t first = at;
  for (; at < tensor.size() && std::isdigit(static_cast<unsigned char>(tensor[at])); ++at) {
    if (layer > 100000) return -1;
    layer = layer * 10 + (tensor[at] - '0');
  }
  return at > first ? layer : -1;
}

std::string short_name(const std::string& tensor) {
  std::string name = tensor;
  for (const char* prefix : {"weights.", "draft_weights."}) {
    if (name.rfind(prefix, 0) == 0) name.erase(0, std::string(prefix).size());
  }
  if (layer_of(name) < 0) return name;
  const size_t mark = name.find(kLayerMark);
  const size_t end = name.find('.', mark + 4);
  return end == std::string::npos ? name : name.substr(0, mark) + name.substr(end + 1);
}

const VramArea* VramLayout::at(float x, float y) const {
  for (const VramArea& area : areas) {
    if (area.box.contains(x, y)) return &area;
  }
  return nullptr;
}

VramLayout vram_layout(const Recording& recording, size_t work, simt::Space space, const Box& whole,
                       const LayoutSizes& sizes) {
  Layouter layouter(recording, sizes);
  std::vector<Node> classes(kTensorClasses);
  for (int i = 0; i < kTensorClasses; ++i) classes[i].layer = i, classes[i].group = true;
  for (size_t a = 0; a < recording.allocations().size(); ++a) {
    const AllocationAt& allocation = recording.allocations()[a];
    if (allocation.space != space || allocation.from > work || allocation.until <= work) continue;
    Node& node = classes[static_cast<int>(class_of(allocation.name))];
    node.bytes += double(allocation.bytes);
    node.allocations.push_back(a);
    layouter.result.bytes += allocation.bytes;
    ++layouter.result.allocations;
  }
  std::erase_if(classes, [](const Node& n) { return n.allocations.empty(); });
  by_size(classes);
  // A class can always be found and read, if there is room for it at all.
  const double least = std::min(6.0 * sizes.class_header * 3 * sizes.class_header,
                                double(whole.area()) / (2 * kTensorClasses));
  const auto boxes = squarified(visible_weights(classes, whole.area(), least), whole);
  for (size_t i = 0; i < classes.size(); ++i) {
    layouter.lay_class(static_cast<TensorClass>(classes[i].layer), classes[i].allocations,
                       boxes[i]);
  }
  return std::move(layouter.result);
}

}  // namespace viz

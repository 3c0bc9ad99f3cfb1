// Areas of allocations, lit by what was read of them, with a bright edge where they were written.
#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"  // bytes_text
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/vram_draw.h"

namespace viz {
namespace {

using traffic::ByteRange;
using traffic::bytes_text;

ImVec2 corner(const Box& b) { return {b.x, b.y}; }
ImVec2 far_corner(const Box& b) { return {b.right(), b.bottom()}; }

float brightness(ImU32 color) {
  return 0.3f * float(color & 255) + 0.59f * float(color >> 8 & 255) +
         0.11f * float(color >> 16 & 255);
}

// The text colour that stands out more.
ImU32 text_on(const Theme& theme, ImU32 color) {
  const float b = brightness(color);
  const bool text_wins =
      std::abs(brightness(theme.text) - b) > std::abs(brightness(theme.background) - b);
  return text_wins ? theme.text : theme.background;
}

// Calls draw(from, to) with parts of [0, 1) for ranges, those closer than a pixel joined.
template <typename Draw>
void each_band(const std::vector<ByteRange>& ranges, uint64_t bytes, float pixels, Draw draw) {
  if (bytes == 0) return;
  float from = -1, to = -1;
  for (const ByteRange& r : ranges) {
    const float begin = float(double(r.begin) / double(bytes));
    if (begin >= 1) break;
    const float end =
        std::max(float(double(r.end) / double(bytes)), begin + 1 / std::max(1.f, pixels));
    if (from >= 0 && (begin - to) * pixels < 0.35f) {
      to = std::max(to, end);
      continue;
    }
    if (from >= 0) draw(from, std::min(1.f, to));
    from = begin, to = end;
  }
  if (from >= 0) draw(from, std::min(1.f, to));
}

struct Lit {
  double read = 0, written = 0;  // bytes
};
Lit lit(const Heat& heat, HeatOf of) {
  if (of == HeatOf::kAsked) return {double(heat.asked_read()), double(heat.asked_written())};
  return {double(heat.far_read()), double(heat.far_written())};
}

// 0.5 for what is read once, 0.95 from 16 times on.
float strength(double bytes, double size) {
  const double times = size > 0 ? bytes / size : 0;
  return 0.38f + 0.57f * float(std::min(1.0, std::log2(1 + times) / std::log2(17.0)));
}

class AreaPainter {
 public:
  AreaPainter(const Context& context, const VramHeat& heat, const MapLook& look, ImDrawList* list)
      : context_(context), theme_(context.theme), heat_(heat), look_(look), list_(list) {}

  void paint(const VramArea& area) {
    const Box box = area.box.inset(area.box.width > 8 && area.box.height > 8 ? 1.f : 0.5f);
    const ImU32 color = theme_.tensor(area.kind);
    const ImU32 ground = mix(theme_.surface, color, 0.2f);
    // Fills of the software renderer cost time: what will be covered is not drawn.
    if (!covered(area)) list_->AddRectFilled(corner(box), far_corner(box), ground);
    ImU32 under_label = ground;
    if (area.gathered()) {
      gathered(area, box, color, under_label);
    } else {
      single(area.allocations[0], area, box, color, under_label);
    }
    label(area, box, under_label);
    for (size_t a : area.allocations) {
      if (context_.selection.tensor.empty()) break;
      if (context_.run.recording.allocations()[a].name != context_.selection.tensor) continue;
      list_->AddRect(corner(box), far_corner(box), theme_.accent, 0, 0, theme_.px(2));
    }
  }

 private:
  void single(size_t allocation, const VramArea& area, const Box& box, ImU32 color,
              ImU32& under_label) {
    const Heat& heat = heat_.of(allocation);
    const Lit amount = lit(heat, look_.of);
    if (amount.read > 0) {
      const ImU32 fill = mix(theme_.surface, color, strength(amount.read, double(area.bytes)));
      bands(heat.read, area.bytes, box, fill, &under_label);
    }
    if (amount.written > 0) {
      Box edge = box;
      edge.height = std::clamp(box.height * 0.14f, 2.f, theme_.px(7));
      edge.y = box.bottom() - edge.height;
      bands(heat.written, area.bytes, edge, written_color(theme_), nullptr);
    }
  }

  // Whether reads light all of an area.
  bool covered(const VramArea& area) const {
    if (area.gathered()) return false;
    const Heat& heat = heat_.of(area.allocations[0]);
    return lit(heat, look_.of).read > 0 &&
           (heat.read.empty() || (heat.read[0].begin == 0 && heat.read[0].end >= area.bytes));
  }

  void gathered(const VramArea& area, const Box& box, ImU32 color, ImU32& under_label) {
    Lit amount;
    for (size_t a : area.allocations) {
      const Lit one = lit(heat_.of(a), look_.of);
      amount.read += one.read, amount.written += one.written;
    }
    if (amount.read > 0) {
      under_label = mix(theme_.surface, color, strength(amount.read, double(area.bytes)));
      list_->AddRectFilled(corner(box), far_corner(box), under_label);
    }
    if (amount.written > 0) {
      list_->AddRectFilled({box.x, box.bottom() - theme_.px(2)}, far_corner(box),
                           written_color(theme_));
    }
  }

  // The parts of a box that ranges of an allocation are, from left to right; all of it when the
  // stream does not say.
  void bands(const std::vector<ByteRange>& ranges, uint64_t bytes, const Box& box, ImU32 fill,
             ImU32* under_label) {
    const std::vector<ByteRange> all{{0, bytes}};
    const float middle = 0.5f;
    each_band(ranges.empty() ? all : ranges, bytes, box.width, [&](float from, float to) {
      list_->AddRectFilled({box.x + from * box.width, box.y},
                           {box.x + to * box.width, box.bottom()}, fill);
      if (under_label != nullptr && from <= middle && middle <= to) *under_label = fill;
    });
  }

  void label(const VramArea& area, const Box& box, ImU32 under) {
    const float height = theme_.small->FontSize;
    if (box.height < height + 2 || box.width < theme_.px(26)) return;
    const float room = box.width - theme_.px(6);
    const float wide = text_size(theme_.small, area.label).x;
    if (wide > room && room < theme_.px(40)) return;
    const bool two = box.height > 2.4f * height;
    const float y = box.y + (box.height - (two ? 2 : 1) * height) / 2;
    const float x = box.x + box.width / 2;
    const ImU32 color = text_on(theme_, under);
    put_text(list_, theme_.small, {x, y}, color, area.label, Align::kCenter, room);
    if (!two) return;
    const std::string bytes = bytes_text(double(area.bytes));
    if (text_size(theme_.small, bytes).x > room) return;
    put_text(list_, theme_.small, {x, y + height}, with_alpha(color, 0.75f), bytes, Align::kCenter);
  }

  const Context& context_;
  const Theme& theme_;
  const VramHeat& heat_;
  const MapLook& look_;
  ImDrawList* list_;
};

void draw_group(const Theme& theme, ImDrawList* list, const VramGroup& group) {
  const ImU32 color = theme.tensor(group.kind);
  if (group.is_class) {
    list->AddRectFilled(corner(group.header), far_corner(group.header),
                        mix(theme.surface, color, 0.1f), theme.px(3));
  }
  if (group.header.height <= 0) return;
  ImFont* font = theme.small;
  const float room = group.header.width - theme.px(8);
  const float y = group.header.y + (group.header.height - font->FontSize) / 2;
  const std::string bytes = bytes_text(double(group.bytes));
  const float need = text_size(font, group.label).x + text_size(font, bytes).x + theme.px(10);
  put_text(list, font, {group.header.x + theme.px(4), y}, group.is_class ? color : theme.muted,
           group.label, Align::kLeft, room);
  if (need > room) return;
  put_text(list, font, {group.header.right() - theme.px(4), y}, theme.muted, bytes, Align::kRight);
}

std::string times_text(double bytes, double size) {
  return size > 0 ? ", " + ratio_text(bytes / size) + " its size" : "";
}

}  // namespace

const VramArea* draw_map(Context& context, const VramLayout& layout, const VramHeat& heat,
                         const MapLook& look, ImVec2 mouse) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (const VramGroup& group : layout.groups) draw_group(context.theme, list, group);
  AreaPainter painter(context, heat, look, list);
  for (const VramArea& area : layout.areas) painter.paint(area);
  const VramArea* over = layout.at(mouse.x, mouse.y);
  if (over != nullptr) {
    list->AddRect(corner(over->box), far_corner(over->box), context.theme.accent, 0, 0,
                  context.theme.px(1.5f));
  }
  return over;
}

void area_tooltip(const Context& context, const VramArea& area, const VramHeat& heat,
                  const MapLook& look) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto& allocations = context.run.recording.allocations();
  if (area.gathered()) {
    rows.push_back({"together", exact_bytes(area.bytes)});
    for (size_t i = 0; i < std::min<size_t>(area.allocations.size(), 12); ++i) {
      const size_t a = area.allocations[i];
      rows.push_back({allocations[a].name, exact_bytes(allocations[a].bytes) + ", read " +
                                               exact_bytes(heat.of(a).asked_read()) + ", written " +
                                               exact_bytes(heat.of(a).asked_written())});
    }
    if (area.allocations.size() > 12) {
      rows.push_back({"and more", std::to_string(area.allocations.size() - 12)});
    }
    value_tooltip(context.theme, area.label + " (counted " + look.when + ")", rows);
    return;
  }
  const AllocationAt& a = allocations[area.allocations[0]];
  const Heat& h = heat.of(area.allocations[0]);
  const double size = double(a.bytes);
  rows.push_back({"size", exact_bytes(a.bytes) + " in " +
                              (a.space == simt::Space::kHost ? "pinned host RAM" : "VRAM")});
  if (!a.shape.empty()) rows.push_back({"shape", shape_text(a)});
  rows.push_back(
      {"kernels read", exact_bytes(h.asked_read()) + times_text(double(h.asked_read()), size)});
  rows.push_back({"kernels wrote", exact_bytes(h.asked_written())});
  if (!h.read.empty()) {
    rows.push_back({"part read", percent_text(double(range_bytes(h.read)) / size) +
                                     (h.coarse ? " at most" : "")});
  }
  if (!h.written.empty()) {
    rows.push_back({"part written", percent_text(double(range_bytes(h.written)) / size) +
                                        (h.coarse ? " at most" : "")});
  }
  if (a.space == simt::Space::kHost) {
    rows.push_back({"PCIe, to the GPU", exact_bytes(h.counts.host_read_bytes)});
    rows.push_back({"PCIe, from the GPU", exact_bytes(h.counts.host_write_bytes)});
  } else {
    rows.push_back({"read from VRAM", exact_bytes(h.counts.vram_read_bytes)});
    rows.push_back({"written to VRAM", exact_bytes(h.counts.vram_write_bytes)});
  }
  if (h.shared_name) rows.push_back({"note", "counts are of all memory with this name"});
  value_tooltip(context.theme, a.name + " (counted " + look.when + ")", rows);
}

std::string exact_bytes(uint64_t bytes) {
  std::string digits = std::to_string(bytes);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits + " B";
}

}  // namespace viz

// The pyramid's places, and what its levels are.
#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"
#include "visualizer/panels/hierarchy_parts.h"

namespace viz {

HierarchyLayout lay_out_hierarchy(const Theme& theme, Box area) {
  HierarchyLayout at;
  const float w = area.width(), h = area.height();
  const auto x = [&](float part) { return std::round(area.min.x + part * w); };
  at.compact = h < theme.px(430);
  const float title = theme.px(at.compact ? 16 : 20), pad = theme.px(at.compact ? 5 : 8);
  // Five rows of boxes; the four gaps between them share what is left.
  const float box =
      std::round(std::clamp((h - 2 * title - 2 * pad) * 0.118f, theme.px(32), theme.px(58)));
  const float gap = std::max(theme.px(20), (h - 2 * title - 2 * pad - 5 * box) / 4);

  float y = area.min.y + 2 * title;
  const auto place = [&](Level level, float from, float to) {
    at.levels[int(level)] = {{x(from), std::round(y)}, {x(to), std::round(y + box)}};
  };
  place(Level::kCompute, 0.20f, 0.64f);
  y += box + gap;
  place(Level::kShared, 0.075f, 0.41f);
  place(Level::kL1, 0.43f, 0.765f);
  y += box;
  const float sm_end = y + pad;
  y += gap + pad;
  place(Level::kL2, 0.05f, 0.79f);
  y += box + gap;
  place(Level::kVram, 0.02f, 0.82f);
  y += box;
  const float gpu_end = y + pad;
  y += gap + pad;
  place(Level::kHost, 0.f, 1.f);

  at.sm = {{x(0.05f), area.min.y + title}, {x(0.79f), sm_end}};
  at.gpu = {{x(0.f), area.min.y}, {x(1.f), gpu_end}};
  at.lane = std::clamp(w * 0.066f, theme.px(14), theme.px(60));

  const auto& level = at.levels;
  const auto vertical = [&](Link link, float part, Level far, Level near, bool left, float room) {
    LinkPlace& p = at.links[int(link)];
    const float from = level[int(far)].min.y, to = level[int(near)].max.y;
    p.line = {{x(part), from}, {x(part), to}};
    p.text = {x(part) + (left ? -1.f : 1.f) * (at.lane + theme.px(8)), (from + to) / 2};
    p.text_left = left;
    p.text_width = room * w - at.lane - theme.px(10);
    p.room = from - to;
  };
  vertical(Link::kShared, 0.325f, Level::kShared, Level::kCompute, true, 0.25f);
  vertical(Link::kL1, 0.515f, Level::kL1, Level::kCompute, false, 0.25f);
  vertical(Link::kL2, 0.585f, Level::kL2, Level::kL1, false, 0.33f);
  vertical(Link::kVram, 0.42f, Level::kVram, Level::kL2, false, 0.40f);
  vertical(Link::kCopies, 0.30f, Level::kHost, Level::kVram, false, 0.28f);

  LinkPlace& pinned = at.links[int(Link::kPinned)];
  const Box l1 = at.level(Level::kL1), host = at.level(Level::kHost);
  const float middle = std::round((l1.min.y + l1.max.y) / 2), right = x(0.905f);
  pinned.line = {{right, host.min.y}, {right, middle}, {l1.max.x, middle}};
  pinned.text = {right - at.lane - theme.px(8), (gpu_end + host.min.y) / 2};
  pinned.text_left = true;
  pinned.room = host.min.y - gpu_end + pad;
  pinned.text_width = 0.30f * w - at.lane - theme.px(10);
  at.pcie = {x(0.f) + theme.px(4), (gpu_end + host.min.y) / 2};
  at.pcie_width = 0.30f * w - at.lane - theme.px(14);
  return at;
}

const char* level_name(Level level) {
  static const char* const names[] = {"Compute, registers", "Shared memory", "L1 cache",
                                      "L2 cache",           "VRAM",          "Host RAM"};
  return names[int(level)];
}

const char* level_meaning(Level level) {
  static const char* const meanings[] = {
      "Where multiply-adds happen. Each thread has registers of its own.",
      "SRAM of an SM that the kernel fills itself. All threads of a block see it.",
      "A cache for loads, one an SM, in the SRAM that shared memory leaves over. Empty at each "
      "launch.",
      "One cache for the whole chip. It keeps what it has from kernel to kernel.",
      "Large and off the chip: weights, KV cache, activations.",
      "The computer's own memory. Everything to and from it goes over PCIe."};
  return meanings[int(level)];
}

std::string level_size(Level level, const traffic::GpuSpec& gpu) {
  const auto text = [](uint64_t bytes) { return traffic::bytes_text(double(bytes)); };
  switch (level) {
    case Level::kCompute:
      return text(uint64_t{gpu.registers_per_sm} * 4) + " an SM";
    case Level::kShared:
      return "up to " + text(gpu.shared_bytes_per_sm) + " an SM";
    case Level::kL1:
      return "up to " + text(gpu.l1_shared_bytes_per_sm) + " an SM";
    case Level::kL2:
      return text(gpu.l2_bytes);
    case Level::kVram:
      return text(gpu.vram_bytes);
    case Level::kHost:
      return "";
  }
  return "";
}

std::string level_bandwidth(Level level, const traffic::GpuSpec& gpu) {
  const auto text = [](double bytes) { return traffic::bytes_text(bytes) + "/s"; };
  switch (level) {
    case Level::kCompute:
      return traffic::count_text(gpu.fp32_multiply_adds) + " mul-adds/s";
    case Level::kShared:
      return text(gpu.shared_bandwidth);
    case Level::kL1:
      return text(gpu.l1_bandwidth);
    case Level::kL2:
      return text(gpu.l2_bandwidth);
    case Level::kVram:
      return text(gpu.vram_bandwidth);
    case Level::kHost:
      return text(gpu.pcie_bandwidth);
  }
  return "";
}

LevelBound level_bound(Level level, const HierarchyView& view) {
  using traffic::Bound;
  static constexpr Bound kBoundOf[] = {Bound::kFp32, Bound::kShared, Bound::kL1,
                                       Bound::kL2,   Bound::kVram,   Bound::kPcie};
  const Bound bound = kBoundOf[int(level)];
  double seconds = view.seconds_by_bound[int(bound)];
  if (level == Level::kCompute) seconds += view.seconds_by_bound[int(Bound::kInt8)];
  return {bound, view.seconds > 0 ? seconds / view.seconds : 0};
}

}  // namespace viz

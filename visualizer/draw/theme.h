// Colours and fonts, light and dark. A tensor class has the same colour in every panel.
#pragma once

#include <imgui.h>

#include <array>

#include "common/traffic/counts.h"
#include "visualizer/core/tensor_class.h"

namespace viz {

struct Theme {
  bool dark = true;
  float scale = 1;  // of the display: sizes in pixels are multiplied by it

  ImU32 background, surface, raised;  // window, panel, card
  ImU32 text, muted, faint;           // faint: lines and grids
  ImU32 accent, on_accent;            // what can be clicked or is current; text on it
  ImU32 good, bad, warning;
  std::array<ImU32, kTensorClasses> tensors;
  std::array<ImU32, traffic::kPhases> phases;
  std::array<ImU32, traffic::kBounds> bounds;  // what a modelled time is spent on

  ImFont* body = nullptr;   // 15 px at scale 1
  ImFont* small = nullptr;  // 12.5 px
  ImFont* large = nullptr;  // 20 px

  ImU32 tensor(TensorClass c) const { return tensors[static_cast<int>(c)]; }
  ImU32 phase(traffic::Phase p) const { return phases[static_cast<int>(p)]; }
  ImU32 bound(traffic::Bound b) const { return bounds[static_cast<int>(b)]; }
  float px(float at_scale_1) const { return at_scale_1 * scale; }
};

// The colours; fonts are set by fonts.h.
Theme make_theme(bool dark, float scale);
// The same for ImGui's own widgets.
void apply_style(const Theme& theme);

ImU32 with_alpha(ImU32 color, float alpha);    // alpha 0 to 1, times its own
ImU32 mix(ImU32 a, ImU32 b, float part_of_b);  // 0 to 1

}  // namespace viz

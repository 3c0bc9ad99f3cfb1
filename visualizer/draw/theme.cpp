// The two palettes. Tensor colours are apart for people with colour blindness too (after Okabe and
// Ito, "Color Universal Design", 2008, tuned for both backgrounds).
#include "visualizer/draw/theme.h"

#include <algorithm>

namespace viz {
namespace {

constexpr ImU32 rgb(unsigned hex) {
  return IM_COL32(hex >> 16 & 255, hex >> 8 & 255, hex & 255, 255);
}

void dark_colors(Theme& t) {
  t.background = rgb(0x14171c), t.surface = rgb(0x1b1f26), t.raised = rgb(0x252a33);
  t.text = rgb(0xe6e9ee), t.muted = rgb(0x9aa3b2), t.faint = rgb(0x343b47);
  t.accent = rgb(0x6aa9ff), t.on_accent = rgb(0x0d1420);
  t.good = rgb(0x4cc38a), t.bad = rgb(0xff6b6b), t.warning = rgb(0xf5c451);
  t.tensors = {rgb(0x5b9bd5), rgb(0xf2a33a), rgb(0x43b58f),
               rgb(0xe0646f), rgb(0xb98be0), rgb(0x8a94a3)};
  t.phases = {rgb(0x4a5361), rgb(0x3f6ea8), rgb(0x37796a),
              rgb(0x7a5a9e), rgb(0x9a6b2f), rgb(0x4a5361)};
  // From far to near: PCIe and VRAM strong, what is on the chip paler, launching grey.
  t.bounds = {rgb(0x5566c9), rgb(0x3f9fb0), rgb(0x74bcc0), rgb(0xa3cfc4),
              rgb(0xc94f7c), rgb(0xc9a24b), rgb(0x9c7fb8), rgb(0x6b7380)};
}

void light_colors(Theme& t) {
  t.background = rgb(0xf3f4f6), t.surface = rgb(0xffffff), t.raised = rgb(0xeceff3);
  t.text = rgb(0x1d232c), t.muted = rgb(0x5f6b7a), t.faint = rgb(0xd5dae1);
  t.accent = rgb(0x1f6feb), t.on_accent = rgb(0xffffff);
  t.good = rgb(0x1a7f55), t.bad = rgb(0xc93a40), t.warning = rgb(0x9a6700);
  t.tensors = {rgb(0x2f78bd), rgb(0xd9821b), rgb(0x1f9d77),
               rgb(0xcc4450), rgb(0x8e5bc4), rgb(0x7b8694)};
  t.phases = {rgb(0xc5ccd6), rgb(0xa9c8f0), rgb(0xa8dccb),
              rgb(0xd6c2ec), rgb(0xf2d6ab), rgb(0xc5ccd6)};
  t.bounds = {rgb(0x4355b8), rgb(0x2a8a9c), rgb(0x64adb3), rgb(0x9ac6ba),
              rgb(0xb73a69), rgb(0xb98a25), rgb(0x8565a6), rgb(0x9aa3b0)};
}

}  // namespace

ImU32 with_alpha(ImU32 color, float alpha) {
  const unsigned a = (color >> IM_COL32_A_SHIFT) & 255;
  const unsigned scaled = unsigned(float(a) * std::clamp(alpha, 0.f, 1.f) + 0.5f);
  return (color & ~IM_COL32_A_MASK) | scaled << IM_COL32_A_SHIFT;
}

ImU32 mix(ImU32 a, ImU32 b, float part_of_b) {
  const float p = std::clamp(part_of_b, 0.f, 1.f);
  ImU32 result = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    const float x = float(a >> shift & 255), y = float(b >> shift & 255);
    result |= ImU32(x + (y - x) * p + 0.5f) << shift;
  }
  return result;
}

Theme make_theme(bool dark, float scale) {
  Theme theme{};
  theme.dark = dark;
  theme.scale = scale;
  dark ? dark_colors(theme) : light_colors(theme);
  return theme;
}

void apply_style(const Theme& t) {
  ImGuiStyle& s = ImGui::GetStyle();
  s = ImGuiStyle();
  s.WindowRounding = s.ChildRounding = s.PopupRounding = 6;
  s.FrameRounding = s.GrabRounding = s.TabRounding = s.ScrollbarRounding = 4;
  s.WindowBorderSize = 0;
  s.FramePadding = {8, 4};
  s.ItemSpacing = {8, 6};
  s.WindowPadding = {12, 10};
  s.CellPadding = {8, 3};
  s.ScaleAllSizes(t.scale);
  const auto set = [&s](ImGuiCol which, ImU32 color) {
    s.Colors[which] = ImGui::ColorConvertU32ToFloat4(color);
  };
  set(ImGuiCol_WindowBg, t.background), set(ImGuiCol_ChildBg, with_alpha(t.surface, 0));
  set(ImGuiCol_PopupBg, t.raised), set(ImGuiCol_Border, t.faint);
  set(ImGuiCol_Text, t.text), set(ImGuiCol_TextDisabled, t.muted);
  set(ImGuiCol_FrameBg, t.raised), set(ImGuiCol_FrameBgHovered, mix(t.raised, t.accent, 0.15f));
  set(ImGuiCol_FrameBgActive, mix(t.raised, t.accent, 0.3f));
  set(ImGuiCol_Button, t.raised), set(ImGuiCol_ButtonHovered, mix(t.raised, t.accent, 0.25f));
  set(ImGuiCol_ButtonActive, mix(t.raised, t.accent, 0.45f));
  set(ImGuiCol_Header, mix(t.surface, t.accent, 0.2f));
  set(ImGuiCol_HeaderHovered, mix(t.surface, t.accent, 0.3f));
  set(ImGuiCol_HeaderActive, mix(t.surface, t.accent, 0.4f));
  set(ImGuiCol_Tab, t.background), set(ImGuiCol_TabHovered, mix(t.surface, t.accent, 0.3f));
  set(ImGuiCol_TabActive, mix(t.surface, t.accent, 0.22f));
  set(ImGuiCol_CheckMark, t.accent), set(ImGuiCol_SliderGrab, t.accent);
  set(ImGuiCol_SliderGrabActive, t.accent), set(ImGuiCol_Separator, t.faint);
  set(ImGuiCol_TableHeaderBg, t.raised), set(ImGuiCol_TableBorderLight, t.faint);
  set(ImGuiCol_TableBorderStrong, t.faint), set(ImGuiCol_TableRowBgAlt, with_alpha(t.raised, 0.4f));
  set(ImGuiCol_TableRowBg, with_alpha(t.surface, 0.f));
  set(ImGuiCol_ScrollbarBg, with_alpha(t.surface, 0.f)), set(ImGuiCol_ScrollbarGrab, t.faint);
  set(ImGuiCol_ScrollbarGrabHovered, t.muted), set(ImGuiCol_ScrollbarGrabActive, t.muted);
  set(ImGuiCol_TextSelectedBg, with_alpha(t.accent, 0.35f));
  set(ImGuiCol_PlotHistogram, t.accent), set(ImGuiCol_NavHighlight, t.accent);
}

}  // namespace viz

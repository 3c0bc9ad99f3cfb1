// Text, bars, legends and tooltips.
#include "visualizer/draw/shapes.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace viz {
namespace {

// The longest beginning of `text` that fits with "…" behind it, cut between characters.
std::string fitted(ImFont* font, const std::string& text, float width) {
  if (text_size(font, text).x <= width) return text;
  std::string cut = text;
  while (!cut.empty()) {
    do {
      cut.pop_back();
    } while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xC0) == 0x80);
    // A lead byte whose rest is gone goes too.
    if (!cut.empty() && static_cast<unsigned char>(cut.back()) >= 0xC0) cut.pop_back();
    if (text_size(font, cut + "…").x <= width) return cut + "…";
  }
  return cut;
}

ImVec2 whole(ImVec2 p) { return {std::round(p.x), std::round(p.y)}; }

// A quarter of a disc around `middle`; `twelfth`: where its arc begins, in twelfths of the circle.
void quarter(ImDrawList* list, ImVec2 middle, float r, int twelfth, ImU32 color) {
  list->PathLineTo(middle);
  list->PathArcToFast(middle, r, twelfth, twelfth + 3);
  list->PathFillConvex(color);
}

}  // namespace

void outside_corner(ImDrawList* list, ImVec2 at, float r, float x, float y, ImU32 color) {
  constexpr float kArc[][2] = {
      {0, 1}, {0.076f, 0.617f}, {0.293f, 0.293f}, {0.617f, 0.076f}, {1, 0}};
  for (int i = 0; i < 4; ++i) {
    list->AddTriangleFilled(at, {at.x + x * r * kArc[i][0], at.y + y * r * kArc[i][1]},
                            {at.x + x * r * kArc[i + 1][0], at.y + y * r * kArc[i + 1][1]}, color);
  }
}

void fill_rounded(ImDrawList* list, ImVec2 min, ImVec2 max, ImU32 color, float rounding) {
  min = whole(min), max = whole(max);
  const float r = std::round(std::min({rounding, (max.x - min.x) / 2, (max.y - min.y) / 2}));
  if (r < 1) return list->AddRectFilled(min, max, color);
  list->AddRectFilled({min.x, min.y + r}, {max.x, max.y - r}, color);
  list->AddRectFilled({min.x + r, min.y}, {max.x - r, min.y + r}, color);
  list->AddRectFilled({min.x + r, max.y - r}, {max.x - r, max.y}, color);
  quarter(list, {min.x + r, min.y + r}, r, 6, color);
  quarter(list, {max.x - r, min.y + r}, r, 9, color);
  quarter(list, {max.x - r, max.y - r}, r, 0, color);
  quarter(list, {min.x + r, max.y - r}, r, 3, color);
}

void fill_around(ImDrawList* list, ImVec2 min, ImVec2 max, ImVec2 hole_min, ImVec2 hole_max,
                 ImU32 color, float rounding, float hole_rounding) {
  min = whole(min), max = whole(max), hole_min = whole(hole_min), hole_max = whole(hole_max);
  list->AddRectFilled(min, {max.x, hole_min.y}, color, rounding, ImDrawFlags_RoundCornersTop);
  list->AddRectFilled({min.x, hole_min.y}, {hole_min.x, hole_max.y}, color);
  list->AddRectFilled({hole_max.x, hole_min.y}, {max.x, hole_max.y}, color);
  list->AddRectFilled({min.x, hole_max.y}, max, color, rounding, ImDrawFlags_RoundCornersBottom);
  const float r = hole_rounding;
  outside_corner(list, hole_min, r, 1, 1, color);
  outside_corner(list, {hole_max.x, hole_min.y}, r, -1, 1, color);
  outside_corner(list, {hole_min.x, hole_max.y}, r, 1, -1, color);
  outside_corner(list, hole_max, r, -1, -1, color);
}

ImVec2 text_size(ImFont* font, const std::string& text) {
  return font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, text.data(), text.data() + text.size());
}

float put_text(ImDrawList* list, ImFont* font, ImVec2 at, ImU32 color, const std::string& text,
               Align align, float max_width) {
  const std::string shown = max_width > 0 ? fitted(font, text, max_width) : text;
  const float width = text_size(font, shown).x;
  if (align == Align::kCenter) at.x -= width / 2;
  if (align == Align::kRight) at.x -= width;
  at = {std::round(at.x), std::round(at.y)};
  list->AddText(font, font->FontSize, at, color, shown.data(), shown.data() + shown.size());
  return width;
}

void horizontal_bar(ImDrawList* list, ImVec2 min, ImVec2 max, const std::vector<BarPart>& parts,
                    double full, float rounding) {
  if (full <= 0 || max.x <= min.x) return;
  double sum = 0;
  for (const BarPart& part : parts) {
    const float from = min.x + float(sum / full) * (max.x - min.x);
    sum += part.value;
    const float to = min.x + float(std::min(sum, full) / full) * (max.x - min.x);
    if (to > from) list->AddRectFilled({from, min.y}, {to, max.y}, part.color, rounding);
  }
}

void vertical_bar(ImDrawList* list, ImVec2 min, ImVec2 max, const std::vector<BarPart>& parts,
                  double full) {
  if (full <= 0 || max.y <= min.y) return;
  double sum = 0;
  for (const BarPart& part : parts) {
    const float from = max.y - float(sum / full) * (max.y - min.y);
    sum += part.value;
    const float to = max.y - float(std::min(sum, full) / full) * (max.y - min.y);
    if (from > to) list->AddRectFilled({min.x, to}, {max.x, from}, part.color);
  }
}

float tensor_legend(ImDrawList* list, const Theme& theme, ImVec2 at, float width,
                    const std::array<bool, kTensorClasses>& show) {
  const float square = theme.px(10), gap = theme.px(16), line = theme.px(18);
  float x = at.x, y = at.y;
  for (int i = 0; i < kTensorClasses; ++i) {
    if (!show[i]) continue;
    const std::string name = class_name(static_cast<TensorClass>(i));
    const float need = square + theme.px(6) + text_size(theme.small, name).x;
    if (x > at.x && x + need > at.x + width) x = at.x, y += line;
    list->AddRectFilled({x, y + theme.px(3)}, {x + square, y + theme.px(3) + square},
                        theme.tensors[i], theme.px(2));
    put_text(list, theme.small, {x + square + theme.px(6), y}, theme.muted, name);
    x += need + gap;
  }
  return y - at.y + line;
}

void kind_label(ImDrawList* list, const Theme& theme, ImVec2 at, const char* kind, Align align) {
  put_text(list, theme.small, at, theme.muted, kind, align);
}

void value_tooltip(const Theme& theme, const std::string& title,
                   const std::vector<std::pair<std::string, std::string>>& rows) {
  ImGui::BeginTooltip();
  ImGui::TextUnformatted(title.c_str());
  if (!rows.empty() && ImGui::BeginTable("values", 2, ImGuiTableFlags_SizingFixedFit)) {
    for (const auto& [name, value] : rows) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
      ImGui::TextUnformatted(name.c_str());
      ImGui::PopStyleColor();
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(value.c_str());
    }
    ImGui::EndTable();
  }
  ImGui::EndTooltip();
}

std::string exact_bytes_text(uint64_t bytes) {
  std::string text = std::to_string(bytes);
  for (int i = int(text.size()) - 3; i > 0; i -= 3) text.insert(size_t(i), ",");
  return text + " B";
}

std::string percent_text(double share) {
  if (!std::isfinite(share)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, share < 0.0995 ? "%.2f%%" : "%.1f%%", 100 * share);
  return text;
}

std::string ratio_text(double ratio) {
  if (!std::isfinite(ratio)) return "-";
  char text[32];
  std::snprintf(text, sizeof text,
                ratio < 9.995   ? "%.2fx"
                : ratio < 99.95 ? "%.1fx"
                                : "%.0fx",
                ratio);
  return text;
}

double grid_step(double most, int lines) {
  if (!(most > 0) || lines < 1) return 1;
  const double rough = most / lines;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double step : {1.0, 2.0, 5.0, 10.0}) {
    if (step * power >= rough * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

}  // namespace viz

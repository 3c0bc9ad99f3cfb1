// Bars that face each other, and who is better in words.
#include "visualizer/panels/compare_draw.h"

#include <algorithm>
#include <cmath>

#include "visualizer/draw/shapes.h"

namespace viz {
namespace {

// Parts from the middle outwards, to the left or to the right.
void facing_bar(ImDrawList* list, float middle, float y, float height, float longest, double full,
                const std::vector<BarPart>& parts, bool left) {
  if (full <= 0) return;
  double sum = 0;
  for (const BarPart& part : parts) {
    const float from = float(sum / full) * longest;
    sum += part.value;
    const float to = float(std::min(sum, full) / full) * longest;
    if (to <= from) continue;
    // What is there is seen, however little it is.
    const float shown = std::max(to, from + 1);
    list->AddRectFilled({left ? middle - shown : middle + from, y},
                        {left ? middle - from : middle + shown, y + height}, part.color);
  }
}

std::vector<BarPart> parts_of(const Theme& theme, const ComparedRow& row, bool of_a) {
  const double value = of_a ? row.a : row.b;
  if (std::isnan(value)) return {};
  if (!row.by_class) return {{value, with_alpha(theme.muted, 0.75f)}};
  std::vector<BarPart> parts;
  for (int i = 0; i < kTensorClasses; ++i) {
    parts.push_back({of_a ? row.a_class[i] : row.b_class[i], theme.tensors[i]});
  }
  return parts;
}

struct Verdict {
  std::string text;
  ImU32 color;
};

Verdict verdict_of(const Theme& theme, const ComparedRow& row, const Compared& c) {
  if (std::isnan(row.a) || std::isnan(row.b)) return {"not recorded", theme.muted};
  if (row.a == row.b) return {"equal", theme.muted};
  if (row.better == nullptr) return {"", theme.muted};
  const int winner = row.winner();
  if (winner == 0) return {"nearly equal", theme.muted};
  const bool first = winner < 0;
  const double less = first ? row.a : row.b, more = first ? row.b : row.a;
  // "moves less" becomes "moves 2.06x less".
  std::string words = row.better;
  if (less > 0 && row.unit != Unit::kRatio) {
    words.insert(words.rfind(' '), " " + ratio_text(more / less));
  }
  // Of the first run, at which one looks: green says that it is better, red that it is worse.
  return {(first ? c.a.name : c.b.name) + " " + words, first ? theme.good : theme.bad};
}

void put_value(const Theme& theme, float x, float y, Align align, Unit unit, double value,
               bool better) {
  put_text(ImGui::GetWindowDrawList(), theme.body, {x, y},
           std::isnan(value) ? theme.muted
           : better          ? theme.text
                             : mix(theme.text, theme.muted, 0.6f),
           value_text(unit, value), align);
}

void put_numbers(const Theme& theme, const CompareColumns& at, float y, float height,
                 const ComparedRow& row, const Compared& c) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float text_y = y + (height - theme.body->FontSize) / 2;
  const int winner = row.winner();
  put_value(theme, at.value_a, text_y, Align::kRight, row.unit, row.a, winner < 0);
  put_value(theme, at.value_b, text_y, Align::kRight, row.unit, row.b, winner > 0);
  const Verdict verdict = verdict_of(theme, row, c);
  put_text(list, theme.body, {at.ratio, text_y}, winner == 0 ? theme.muted : verdict.color,
           ratio_text(row.ratio()), Align::kRight);
  put_text(list, theme.body, {at.words, text_y}, verdict.color, verdict.text, Align::kLeft,
           at.right - at.words);
}

}  // namespace

CompareColumns::CompareColumns(const Theme& theme, float left, float width) {
  const float number = theme.px(72), gap = theme.px(10);
  label = left + theme.px(8);
  right = left + width - theme.px(6);
  words = right - (width > theme.px(760) ? theme.px(196) : theme.px(150));
  ratio = words - gap;
  value_b = ratio - theme.px(64);
  const float bars_end = value_b - number;
  value_a = label + (width > theme.px(760) ? theme.px(180) : theme.px(128)) + number;
  const float bars_begin = value_a + gap;
  bar = std::max(theme.px(16), (bars_end - bars_begin) / 2);
  middle = bars_begin + bar;
}

float draw_compared_sides(const Theme& theme, const Compared& c, ImVec2 at, float width,
                          bool compact) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float gap = theme.px(12), box = (width - gap) / 2, height = theme.px(compact ? 34 : 58);
  const char* const order[] = {"first run", "second run"};
  for (int i = 0; i < 2; ++i) {
    const ComparedSide& side = i == 0 ? c.a : c.b;
    const float x = at.x + float(i) * (box + gap);
    list->AddRectFilled({x, at.y}, {x + box, at.y + height}, theme.raised, theme.px(6));
    const float right = x + box - theme.px(12);
    const float order_width = text_size(theme.small, order[i]).x;
    put_text(list, theme.small, {right, at.y + theme.px(10)}, theme.muted, order[i], Align::kRight);
    put_text(list, theme.large, {x + theme.px(12), at.y + theme.px(6)}, theme.text, side.title,
             Align::kLeft, box - theme.px(36) - order_width);
    if (compact) continue;
    std::string below = side.model + ", " + side.gpu;
    if (side.columns > 0) {
      const bool rounds = side.columns != side.tokens && c.part != Part::kPrefill;
      below = c.part == Part::kPrefill ? "the prompt"
              : side.tokens == 1       ? "1 token"
                                       : "mean of " + std::to_string(side.tokens) + " tokens";
      if (rounds) {
        below += " in " + std::to_string(side.columns) + (side.columns == 1 ? " round" : " rounds");
      }
      below += ", " + side.model + ", " + side.gpu;
    }
    put_text(list, theme.small, {x + theme.px(12), at.y + theme.px(34)}, theme.muted, below,
             Align::kLeft, box - theme.px(24));
  }
  return height;
}

float draw_compared_heading(const Theme& theme, const CompareColumns& at, float y, const char* text,
                            bool titles, const Compared& c) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float height = theme.px(26), text_y = y + theme.px(8);
  put_text(list, theme.small, {at.label, text_y}, theme.muted, text, Align::kLeft,
           at.value_a - at.label - (titles ? theme.px(60) : 0));
  if (titles) {
    put_text(list, theme.small, {at.value_a, text_y}, theme.muted, c.a.name, Align::kRight);
    put_text(list, theme.small, {at.value_b, text_y}, theme.muted, c.b.name, Align::kRight);
    put_text(list, theme.small, {at.ratio, text_y}, theme.muted, c.a.name + " / " + c.b.name,
             Align::kRight, theme.px(80));
  }
  list->AddLine({at.label, y + height - 1}, {at.right, y + height - 1}, theme.faint);
  return height + theme.px(2);
}

void draw_compared_row(const Theme& theme, const CompareColumns& at, float y, float height,
                       const ComparedRow& row, const Compared& c, bool picked, bool hovered) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (picked || hovered) {
    list->AddRectFilled({at.label - theme.px(8), y}, {at.right + theme.px(6), y + height},
                        with_alpha(theme.raised, picked ? 0.9f : 0.5f), theme.px(3));
  }
  if (picked) {
    list->AddRectFilled({at.label - theme.px(8), y + theme.px(3)},
                        {at.label - theme.px(5), y + height - theme.px(3)}, theme.accent);
  }
  const float text_y = y + (height - theme.body->FontSize) / 2;
  const float room = at.value_a - theme.px(72) - at.label;
  const float label =
      put_text(list, theme.body, {at.label, text_y}, theme.text, row.title, Align::kLeft, room);
  if (label + theme.px(70) < room) {
    kind_label(list, theme, {at.label + label + theme.px(6), text_y + theme.px(2)}, row.kind);
  }
  const bool rate = row.unit == Unit::kPercent;
  const double full =
      rate ? 1 : std::max(std::isnan(row.a) ? 0 : row.a, std::isnan(row.b) ? 0 : row.b);
  const float bar_y = y + height * 0.24f, bar_height = height * 0.52f;
  facing_bar(list, at.middle - 1, bar_y, bar_height, at.bar - 1, full, parts_of(theme, row, true),
             true);
  facing_bar(list, at.middle + 1, bar_y, bar_height, at.bar - 1, full, parts_of(theme, row, false),
             false);
  list->AddLine({at.middle, y}, {at.middle, y + height}, theme.faint);
  put_numbers(theme, at, y, height, row, c);
}

void draw_compared_class(const Theme& theme, const CompareColumns& at, float y, float height,
                         const ComparedRow& row, TensorClass tensor, const Compared& c,
                         double full) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  ComparedRow one = row;
  const int i = static_cast<int>(tensor);
  one.a = row.a_class[i], one.b = row.b_class[i];
  const float square = theme.px(10), middle_y = y + height / 2;
  list->AddRectFilled({at.label, middle_y - square / 2}, {at.label + square, middle_y + square / 2},
                      theme.tensor(tensor), theme.px(2));
  put_text(list, theme.body, {at.label + theme.px(16), y + (height - theme.body->FontSize) / 2},
           theme.text, class_name(tensor), Align::kLeft, at.value_a - theme.px(88) - at.label);
  const float bar_y = y + height * 0.24f, bar_height = height * 0.52f;
  facing_bar(list, at.middle - 1, bar_y, bar_height, at.bar - 1, full,
             {{one.a, theme.tensor(tensor)}}, true);
  facing_bar(list, at.middle + 1, bar_y, bar_height, at.bar - 1, full,
             {{one.b, theme.tensor(tensor)}}, false);
  list->AddLine({at.middle, y}, {at.middle, y + height}, theme.faint);
  put_numbers(theme, at, y, height, one, c);
}

}  // namespace viz

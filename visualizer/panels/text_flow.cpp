// Lays out and draws tokens.
#include "visualizer/panels/text_flow.h"

#include <algorithm>
#include <cmath>

namespace viz {
namespace {

// What stands for a piece. Spaces are dots, so that one sees them without their shouting.
std::string glyphs(const TextPiece& piece) {
  switch (piece.kind) {
    case TextPiece::kSpaces: {
      std::string dots;
      for (size_t i = 0; i < piece.text.size(); ++i) dots += "·";
      return dots;
    }
    case TextPiece::kTab:
      return "→";
    case TextPiece::kNewline:
      return "↵";
    default:
      return piece.text;
  }
}

ImFont* font_of(const Theme& theme, const TextPiece& piece) {
  return piece.kind == TextPiece::kByte ? theme.small : theme.body;
}

float piece_width(const Theme& theme, const TextPiece& piece) {
  const float width = text_size(font_of(theme, piece), glyphs(piece)).x;
  return piece.kind == TextPiece::kByte ? width + theme.px(4) : width;
}

float edge(const Theme& theme) { return theme.px(2); }

}  // namespace

float token_height(const Theme& theme) { return text_size(theme.body, "0").y + theme.px(6); }

float token_width(const Theme& theme, const std::vector<TextPiece>& pieces) {
  float width = 2 * edge(theme);
  for (const TextPiece& piece : pieces) width += piece_width(theme, piece);
  return std::max(width, theme.px(10));
}

void draw_token(ImDrawList* list, const Theme& theme, ImVec2 min, ImVec2 max,
                const std::vector<TextPiece>& pieces, const TokenLook& look) {
  const float round = theme.px(3);
  if (look.box != 0) list->AddRectFilled(min, max, look.box, round);
  if (look.outline != 0) list->AddRect(min, max, look.outline, round, 0, theme.px(1.5f));
  const bool cut = token_width(theme, pieces) > max.x - min.x + 1;
  if (cut) list->PushClipRect(min, max, true);
  float x = min.x + edge(theme);
  for (const TextPiece& piece : pieces) {
    const bool visible = piece.kind == TextPiece::kVisible;
    const float width = piece_width(theme, piece), y = min.y + theme.px(3);
    if (piece.kind == TextPiece::kByte) {
      list->AddRect({x, y}, {x + width, max.y - theme.px(3)}, look.mark, theme.px(2));
      put_text(list, theme.small, {x + theme.px(2), y + theme.px(1)}, look.mark, piece.text);
    } else {
      put_text(list, theme.body, {x, y}, visible ? look.text : look.mark, glyphs(piece));
    }
    x += width;
  }
  if (pieces.empty()) {  // a token without text of its own
    put_text(list, theme.body, {(min.x + max.x) / 2, min.y + theme.px(3)}, look.mark, "·",
             Align::kCenter);
  }
  if (look.struck) {
    const float y = std::round((min.y + max.y) / 2) + theme.px(1);
    list->AddRectFilled({min.x + 1, y}, {max.x - 1, y + std::max(1.f, theme.px(1.5f))}, look.text);
  }
  if (cut) list->PopClipRect();
}

ImU32 origin_color(const Theme& theme, TokenOrigin origin) {
  switch (origin) {
    case TokenOrigin::kAccepted:
      return theme.good;
    case TokenOrigin::kCorrection:
      return theme.accent;
    case TokenOrigin::kBonus:
      return theme.warning;
    default:
      return theme.muted;
  }
}

void TextFlow::lay_out(const Theme& theme, const std::vector<TextToken>& tokens, int generation,
                       float width) {
  if (tokens_ == &tokens && generation_ == generation && width_ == width &&
      font_size_ == theme.body->FontSize) {
    return;
  }
  tokens_ = &tokens;
  generation_ = generation, width_ = width, font_size_ = theme.body->FontSize;
  boxes_.clear();
  const float line = token_height(theme), step = line + theme.px(4);
  float x = 0, y = 0;
  for (const TextToken& token : tokens) {
    const float need = std::min(token_width(theme, token.pieces), width);
    if (x > 0 && x + need > width) x = 0, y += step;
    boxes_.push_back({{x, y}, {x + need, y + line}});
    x += need + theme.px(1);
    const bool ends = !token.pieces.empty() && token.pieces.back().kind == TextPiece::kNewline;
    if (ends) x = 0, y += step;
  }
  height_ = boxes_.empty() ? 0 : boxes_.back().max.y;
}

int TextFlow::at(ImVec2 position) const {
  // Boxes ascend by line, and by x in a line.
  for (size_t i = 0; i < boxes_.size(); ++i) {
    const Box& box = boxes_[i];
    if (position.y < box.min.y) return -1;
    if (position.x >= box.min.x && position.x < box.max.x && position.y < box.max.y) return int(i);
  }
  return -1;
}

}  // namespace viz

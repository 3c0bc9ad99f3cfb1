// Tokens in a running text: where each stands, and how it is drawn.
#pragma once

#include <imgui.h>

#include <string>
#include <vector>

#include "visualizer/draw/shapes.h"
#include "visualizer/models/text_model.h"

namespace viz {

// A token is as wide as its text; a line break in it ends the line behind its mark.
class TextFlow {
 public:
  // Positions of the tokens in a column of `width` pixels; made anew only when something changed.
  void lay_out(const Theme& theme, const std::vector<TextToken>& tokens, int generation,
               float width);

  float height() const { return height_; }
  size_t size() const { return boxes_.size(); }
  // Index of the token at a position from the flow's corner; -1: none.
  int at(ImVec2 position) const;
  // From the flow's corner.
  ImVec2 min(size_t index) const { return boxes_[index].min; }
  ImVec2 max(size_t index) const { return boxes_[index].max; }

 private:
  struct Box {
    ImVec2 min, max;
  };
  std::vector<Box> boxes_;
  const std::vector<TextToken>* tokens_ = nullptr;
  int generation_ = -1;
  float width_ = 0, font_size_ = 0, height_ = 0;
};

// How a token is drawn.
struct TokenLook {
  ImU32 box = 0;             // 0: none
  ImU32 outline = 0;         // 0: none
  ImU32 text = 0, mark = 0;  // marks are white space and bytes
  bool struck = false;
};

// Height of a line of tokens.
float token_height(const Theme& theme);
// Width of a token with its box.
float token_width(const Theme& theme, const std::vector<TextPiece>& pieces);
// Draws it in its box, cut at the box's right end.
void draw_token(ImDrawList* list, const Theme& theme, ImVec2 min, ImVec2 max,
                const std::vector<TextPiece>& pieces, const TokenLook& look);

// Look by where a token is from.
ImU32 origin_color(const Theme& theme, TokenOrigin origin);

}  // namespace viz

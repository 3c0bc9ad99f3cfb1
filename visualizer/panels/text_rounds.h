// Speculative decoding round by round, and how the proposals fared.
#pragma once

#include <imgui.h>

#include <vector>

#include "visualizer/models/text_model.h"
#include "visualizer/panels/panel.h"
#include "visualizer/panels/text_flow.h"

namespace viz {

// One line a round: what the draft proposed, what the target said. Fills the current window.
class TextRounds {
 public:
  void draw(Context& context, const TextModel& model, const TextProgress& progress);

 private:
  struct Line {
    float top, height;
    std::vector<ImVec2> min, max;  // of the proposed tokens, then of the target's own
  };
  void lay_out(const Theme& theme, const TextModel& model, float width);
  void draw_line(Context& context, const TextRound& round, const Line& line, size_t index,
                 ImVec2 at, bool judged, bool current) const;

  std::vector<Line> lines_;
  int generation_ = -1;
  float width_ = 0, font_size_ = 0, height_ = 0;
  int shown_ = -1;  // the round that was last scrolled to
};

// Bars of acceptance by position, tokens a pass and the formula. Draws at the cursor.
void draw_acceptance(const Theme& theme, const Acceptance& acceptance, bool has_verdicts);
// The colours of the rounds.
float draw_origin_legend(ImDrawList* list, const Theme& theme, ImVec2 at, float width);

}  // namespace viz

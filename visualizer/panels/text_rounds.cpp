// Rounds: proposals and verdicts.
#include "visualizer/panels/text_rounds.h"

#include <algorithm>
#include <cmath>

namespace viz {
namespace {

float number_width(const Theme& theme) { return text_size(theme.small, "000").x + theme.px(8); }
float result_width(const Theme& theme) {
  return text_size(theme.small, "00 of 00 stand, +00").x + theme.px(10);
}
float arrow_width(const Theme& theme) { return text_size(theme.body, "→").x + theme.px(10); }

TokenLook look_of(const Theme& t, TextRound::Fate fate, bool dropped) {
  TokenLook look;
  if (fate == TextRound::kStands) {
    look = {with_alpha(t.good, 0.25f), 0, t.text, with_alpha(t.text, 0.4f), false};
  } else if (fate == TextRound::kRefused) {
    look = {with_alpha(t.bad, 0.22f), 0, t.bad, with_alpha(t.bad, 0.5f), true};
  } else {
    look = {with_alpha(t.muted, 0.12f), 0, t.muted, with_alpha(t.muted, 0.5f), true};
  }
  if (dropped) look.text = with_alpha(look.text, 0.35f), look.box = with_alpha(look.box, 0.4f);
  return look;
}

void fade(TokenLook& look, float alpha) {
  for (ImU32* color : {&look.box, &look.text, &look.mark}) *color = with_alpha(*color, alpha);
}

}  // namespace

float draw_origin_legend(ImDrawList* list, const Theme& t, ImVec2 at, float width) {
  const std::pair<ImU32, const char*> items[] = {{t.good, "the draft's, stands"},
                                                 {t.bad, "refused"},
                                                 {t.muted, "not looked at"},
                                                 {t.accent, "the target's correction"},
                                                 {t.warning, "the target's bonus"}};
  const float line = text_size(t.small, "0").y + t.px(3), square = t.px(10);
  float x = at.x, y = at.y;
  for (const auto& [color, name] : items) {
    const float need = square + t.px(5) + text_size(t.small, name).x;
    if (x > at.x && x + need > at.x + width) x = at.x, y += line;
    list->AddRectFilled({x, y + t.px(2)}, {x + square, y + t.px(2) + square},
                        with_alpha(color, 0.7f), t.px(2));
    put_text(list, t.small, {x + square + t.px(5), y}, t.muted, name);
    x += need + t.px(14);
  }
  return y - at.y + line;
}

void TextRounds::lay_out(const Theme& t, const TextModel& model, float width) {
  if (generation_ == model.generation() && width_ == width && font_size_ == t.body->FontSize) {
    return;
  }
  generation_ = model.generation(), width_ = width, font_size_ = t.body->FontSize;
  lines_.clear();
  const float line = token_height(t), left = number_width(t);
  const float right = std::max(width - result_width(t), left + t.px(80));
  float y = 0;
  for (const TextRound& round : model.rounds()) {
    Line l{y, 0, {}, {}};
    float x = left, row = t.px(3);
    const auto put = [&](const std::vector<TextPiece>& pieces, float before) {
      const float need = std::min(token_width(t, pieces), right - left - before);
      if (x > left && x + before + need > right) x = left, row += line + t.px(2);
      x += before;
      l.min.push_back({x, row});
      l.max.push_back({x + need, row + line});
      x += need + t.px(2);
    };
    for (const TextRound::Proposed& p : round.proposed) put(p.pieces, 0);
    put(round.next_pieces, arrow_width(t));
    l.height = row + line + t.px(3);
    y += l.height;
    lines_.push_back(std::move(l));
  }
  height_ = y;
}

void TextRounds::draw(Context& context, const TextModel& model, const TextProgress& progress) {
  const Theme& t = context.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  lay_out(t, model, ImGui::GetContentRegionAvail().x);
  const auto& rounds = model.rounds();
  int current = -1;
  for (int i = 0; i < int(rounds.size()); ++i) {
    if (rounds[size_t(i)].column == progress.column) current = i;
  }
  if (current >= 0 && current != shown_) {
    const Line& line = lines_[size_t(current)];
    const float seen = ImGui::GetWindowHeight(), scroll = ImGui::GetScrollY();
    if (line.top < scroll || line.top + 2 * line.height > scroll + seen) {
      ImGui::SetScrollY(std::max(0.f, line.top - seen / 2));
    }
    shown_ = current;
  }
  ImGui::Dummy({1, height_});
  const float top = ImGui::GetWindowPos().y, bottom = top + ImGui::GetWindowHeight();
  const bool inside = ImGui::IsWindowHovered() && !context.still;
  for (size_t i = 0; i < lines_.size(); ++i) {
    const ImVec2 corner = {at.x, at.y + lines_[i].top};
    if (corner.y + lines_[i].height < top || corner.y > bottom) continue;
    const float mouse = ImGui::GetIO().MousePos.y;
    const bool hovered = inside && corner.y <= mouse && mouse < corner.y + lines_[i].height;
    if (hovered) {
      ImGui::GetWindowDrawList()->AddRectFilled(corner,
                                                {corner.x + width_, corner.y + lines_[i].height},
                                                with_alpha(t.text, 0.06f), t.px(4));
    }
    if (hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Left) && rounds[i].column >= 0) {
      context.run.playback.go_to_column(rounds[i].column, context.run.recording);
    }
    draw_line(context, rounds[i], lines_[i], i, corner, rounds[i].work <= progress.works_done,
              int(i) == current);
  }
}

void TextRounds::draw_line(Context& context, const TextRound& round, const Line& line, size_t index,
                           ImVec2 at, bool judged, bool current) const {
  const Theme& t = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float alpha = judged || current ? 1 : 0.35f;
  if (current) {
    list->AddRectFilled(at, {at.x + width_, at.y + line.height}, with_alpha(t.accent, 0.13f),
                        t.px(4));
  }
  const float drop = t.px(3) + (token_height(t) - text_size(t.small, "0").y) / 2;
  put_text(list, t.small, {at.x + number_width(t) - t.px(8), at.y + drop},
           with_alpha(current ? t.accent : t.muted, alpha), std::to_string(index + 1),
           Align::kRight);
  const auto put = [&](size_t i, const std::vector<TextPiece>& pieces, TokenLook look) {
    // A round that goes on has proposals, but no verdict yet.
    if (!judged) look.struck = false, look.text = t.text, look.box = with_alpha(t.muted, 0.15f);
    fade(look, alpha);
    draw_token(list, t, {at.x + line.min[i].x, at.y + line.min[i].y},
               {at.x + line.max[i].x, at.y + line.max[i].y}, pieces, look);
  };
  const size_t n = round.proposed.size();
  for (size_t i = 0; i < n; ++i) {
    put(i, round.proposed[i].pieces, look_of(t, round.proposed[i].fate, round.proposed[i].dropped));
  }
  if (!judged) return;
  const ImU32 own = round.bonus ? t.warning : t.accent;
  put_text(list, t.body,
           {at.x + line.min[n].x - arrow_width(t) + t.px(4), at.y + line.min[n].y + t.px(3)},
           t.muted, "→");
  TokenLook look{with_alpha(own, 0.28f), 0, t.text, with_alpha(t.text, 0.4f), false};
  if (round.next_dropped) fade(look, 0.35f);
  put(n, round.next_pieces, look);
  const std::string result = std::to_string(round.accepted) + " of " + std::to_string(n) +
                             " stand, +" + std::to_string(round.brought);
  put_text(list, t.small, {at.x + width_ - t.px(6), at.y + drop}, t.muted, result, Align::kRight);
}

void draw_acceptance(const Theme& t, const Acceptance& a, bool has_verdicts) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, line = text_size(t.small, "0").y;
  float y = at.y;
  put_text(list, t.body, {at.x, y}, t.text, "Accepted, by position");
  y += text_size(t.body, "0").y;
  put_text(list, t.small, {at.x, y}, t.muted, "of those that were looked at, counted", Align::kLeft,
           width);
  y += line + t.px(5);
  const auto bar = [&](const std::string& name, double share, ImU32 color,
                       const std::string& value) {
    const float left = at.x + t.px(54), right = at.x + width - t.px(92), mid = y + line / 2;
    put_text(list, t.small, {at.x, y}, t.muted, name);
    list->AddRectFilled({left, mid - t.px(5)}, {right, mid + t.px(5)}, t.raised, t.px(2));
    if (share > 0) {
      list->AddRectFilled({left, mid - t.px(5)},
                          {left + (right - left) * float(std::min(share, 1.0)), mid + t.px(5)},
                          color, t.px(2));
    }
    put_text(list, t.small, {at.x + width, y}, t.text, value, Align::kRight);
    y += line + t.px(4);
  };
  for (size_t i = 0; i < a.positions.size(); ++i) {
    const Acceptance::Position& p = a.positions[i];
    const double share = p.looked_at > 0 ? double(p.accepted) / double(p.looked_at) : NAN;
    bar(std::to_string(i + 1), share, t.good,
        std::to_string(p.accepted) + " of " + std::to_string(p.looked_at) + "  " +
            (p.looked_at > 0 ? percent_text(share) : std::string("-")));
  }
  if (!has_verdicts) {
    put_text(list, t.small, {at.x, y}, t.muted, "not in this file", Align::kLeft, width);
    y += line + t.px(4);
  }
  y += t.px(8);
  put_text(list, t.body, {at.x, y}, t.text, "Tokens a pass of the target");
  y += text_size(t.body, "0").y;
  put_text(list, t.small, {at.x, y}, t.muted,
           std::to_string(a.draft_tokens + 1) + " at most: " + std::to_string(a.draft_tokens) +
               " proposed and its own",
           Align::kLeft, width);
  y += line + t.px(5);
  const auto two = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return std::isfinite(value) ? std::string(text) : std::string("-");
  };
  const double most = a.draft_tokens + 1;
  bar("came", a.tokens_a_pass() / most, t.accent, two(a.tokens_a_pass()) + " counted");
  bar("formula", a.expected() / most, t.muted, two(a.expected()));
  const std::string k = std::to_string(a.draft_tokens + 1);
  for (const std::string& text :
       {"formula: (1 - a^" + k + ") / (1 - a) with a = " +
            (std::isfinite(a.rate()) ? percent_text(a.rate()) : std::string("-")),
        std::to_string(a.accepted) + " accepted of " + std::to_string(a.looked_at) +
            " looked at; " + std::to_string(a.tokens) + " tokens in " + std::to_string(a.passes) +
            (a.passes == 1 ? " pass" : " passes")}) {
    ImGui::SetCursorScreenPos({at.x, y});
    ImGui::PushFont(t.small);
    ImGui::PushStyleColor(ImGuiCol_Text, t.muted);
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
    ImGui::TextUnformatted(text.c_str());
    y += ImGui::GetItemRectSize().y + t.px(3);
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    ImGui::PopFont();
  }
  ImGui::SetCursorScreenPos({at.x, y});
}

}  // namespace viz

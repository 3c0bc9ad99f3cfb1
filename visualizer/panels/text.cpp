// Text: the prompt, the tokens that came, and in speculative decoding what became of proposals.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/traffic/units.h"
#include "visualizer/panels/text_rounds.h"

namespace viz {
namespace {

using nlohmann::ordered_json;

class TextPanel : public Panel {
 public:
  const char* id() const override { return "text"; }
  const char* title() const override { return "Text"; }
  const char* hint() const override {
    return "The prompt and the tokens that came. Click a token to go to the moment when it was "
           "made.";
  }
  void draw(Context& context) override;
  ordered_json seen(const Context& context) const override;

 private:
  void draw_text(Context& context, const TextProgress& progress);
  void draw_flow(Context& context, TextFlow& flow, const std::vector<TextToken>& tokens,
                 const TextProgress& progress);
  void draw_token_at(Context& context, const TextToken& token, ImVec2 min, ImVec2 max,
                     const TextProgress& progress) const;
  void draw_facts(Context& context, const TextProgress& progress);
  void scroll_to(const Context& context, const TextProgress& progress, float top);

  TextModel model_;
  TextFlow prompt_, text_;
  TextRounds rounds_;
  int shown_ = -1;  // tokens that had come when the text was last scrolled
};

// "Prompt", and muted behind it what there is to say. Moves the cursor below.
void head(const Theme& t, const std::string& name, const std::string& more) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, line = text_size(t.body, "0").y;
  const float used = put_text(list, t.body, at, t.text, name) + t.px(8);
  put_text(list, t.small, {at.x + used, at.y + line - text_size(t.small, "0").y - 1}, t.muted, more,
           Align::kLeft, std::max(1.f, width - used));
  ImGui::SetCursorScreenPos({at.x, at.y + line + t.px(6)});
}

std::string rate_text(double per_second) {
  return std::isfinite(per_second) ? traffic::count_text(per_second) : "-";
}

void token_tooltip(const Theme& theme, const TextToken& token) {
  const bool prompt = token.origin == TokenOrigin::kPrompt;
  std::vector<std::pair<std::string, std::string>> rows = {
      {prompt ? "place in the prompt" : "token", std::to_string(token.number)},
      {"bytes", std::to_string(token.text.size())}};
  static const char* const from[] = {"the prompt", "the model", "the draft, accepted",
                                     "the target, a correction", "the target, a bonus"};
  rows.push_back({"from", from[static_cast<int>(token.origin)]});
  if (token.text.find("\xEF\xBF\xBD") != std::string::npos) {
    rows.push_back({"note", "not a whole character"});
  }
  const std::string text = one_line(token.text);
  value_tooltip(theme, token.text.empty() ? "no text of its own" : "\"" + text + "\"", rows);
}

void TextPanel::draw(Context& context) {
  const Theme& t = context.theme;
  model_.update(context.run.recording);
  const TextProgress progress = model_.progress(context.run.recording, context.run.playback);
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float side = room.x > t.px(520) ? std::min(t.px(270), 0.38f * room.x) : 0;
  const float gap = t.px(14), main = room.x - (side > 0 ? side + gap : 0);
  const bool rounds = !model_.rounds().empty() && room.y > t.px(220);
  // With rounds below, the text takes what it needs, and half of the height at most.
  const float whole = room.y - (side > 0 ? 0 : t.px(90));
  const float need = prompt_.height() + text_.height() + 2 * text_size(t.body, "0").y + t.px(44);
  const float text = rounds ? std::round(std::clamp(need, t.px(110), 0.5f * whole)) : whole;
  ImGui::BeginGroup();
  ImGui::BeginChild("text", {main, text}, false);
  draw_text(context, progress);
  ImGui::EndChild();
  if (rounds) {
    head(t, "Round by round", "what the draft proposed → what the target added");
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float legend = draw_origin_legend(ImGui::GetWindowDrawList(), t, at, main);
    ImGui::SetCursorScreenPos({at.x, at.y + legend + t.px(4)});
    const float left =
        side > 0 ? ImGui::GetContentRegionAvail().y : ImGui::GetContentRegionAvail().y - t.px(90);
    ImGui::BeginChild("rounds", {main, std::max(left, t.px(30))}, false);
    rounds_.draw(context, model_, progress);
    ImGui::EndChild();
  }
  ImGui::EndGroup();
  if (side > 0) ImGui::SameLine(0, gap);
  ImGui::BeginChild("facts", {side > 0 ? side : main, 0}, false);
  draw_facts(context, progress);
  ImGui::EndChild();
}

void TextPanel::draw_text(Context& context, const TextProgress& progress) {
  const Theme& t = context.theme;
  const float width = ImGui::GetContentRegionAvail().x - t.px(4);
  const size_t n = model_.prompt().size();
  head(t, "Prompt",
       !context.run.recording.started() ? "is shown once the decoder has read it"
       : n == 0                         ? "not in this file"
       : model_.prompt_has_tokens()     ? std::to_string(n) + (n == 1 ? " token" : " tokens")
                                        : "its tokens are not in this file");
  prompt_.lay_out(t, model_.prompt(), model_.generation(), width);
  draw_flow(context, prompt_, model_.prompt(), progress);
  ImGui::Dummy({1, t.px(8)});
  std::string more = std::to_string(progress.came) + (progress.came == 1 ? " token" : " tokens");
  if (model_.asked() > 0) more += " of " + std::to_string(model_.asked()) + " asked for";
  head(t, "What came", more);
  text_.lay_out(t, model_.tokens(), model_.generation(), width);
  scroll_to(context, progress, ImGui::GetCursorPosY());
  draw_flow(context, text_, model_.tokens(), progress);
}

// The text goes on with the playback; where the reader has scrolled to stays while it stands.
void TextPanel::scroll_to(const Context& context, const TextProgress& progress, float top) {
  if (progress.came == shown_ || text_.size() == 0) return;
  shown_ = progress.came;
  const size_t token = size_t(std::clamp(progress.came - 1, 0, int(text_.size()) - 1));
  const float seen = ImGui::GetWindowHeight(), scroll = ImGui::GetScrollY();
  const float from = top + text_.min(token).y, to = top + text_.max(token).y;
  const float ahead = context.theme.px(30);
  if (from < scroll || to + ahead > scroll + seen) {
    ImGui::SetScrollY(std::max(0.f, to + ahead - seen));
  }
}

void TextPanel::draw_flow(Context& context, TextFlow& flow, const std::vector<TextToken>& tokens,
                          const TextProgress& progress) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float top = ImGui::GetWindowPos().y, bottom = top + ImGui::GetWindowHeight();
  for (size_t i = 0; i < flow.size(); ++i) {
    const ImVec2 min = {at.x + flow.min(i).x, at.y + flow.min(i).y};
    const ImVec2 max = {at.x + flow.max(i).x, at.y + flow.max(i).y};
    if (max.y < top) continue;
    if (min.y > bottom) break;
    draw_token_at(context, tokens[i], min, max, progress);
  }
  if (ImGui::IsWindowHovered() && !context.still) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const int index = flow.at({mouse.x - at.x, mouse.y - at.y});
    if (index >= 0) {
      const TextToken& token = tokens[size_t(index)];
      token_tooltip(context.theme, token);
      // The prompt's tokens are read together, in the prefill.
      const int column =
          token.column >= 0 ? token.column : context.run.recording.column_of_token(0);
      if (ImGui::IsMouseClicked(ImGuiMouseButton_Left) && column >= 0) {
        context.run.playback.go_to_column(column, context.run.recording);
      }
    }
  }
  ImGui::Dummy({1, flow.height()});
}

void TextPanel::draw_token_at(Context& context, const TextToken& token, ImVec2 min, ImVec2 max,
                              const TextProgress& progress) const {
  const Theme& t = context.theme;
  const bool prompt = token.origin == TokenOrigin::kPrompt;
  const bool came = prompt || token.number < progress.came;
  const bool current = !prompt && token.column == progress.column && progress.column >= 0;
  const bool odd = token.number % 2 != 0;
  TokenLook look;
  look.text = came ? t.text : with_alpha(t.muted, 0.45f);
  look.mark = with_alpha(t.muted, came ? 0.8f : 0.35f);
  if (prompt) {
    if (model_.prompt_has_tokens()) look.box = with_alpha(t.raised, odd ? 0.55f : 1);
    look.text = mix(t.text, t.muted, 0.5f);
  } else if (came) {
    const ImU32 color = model_.speculative() ? origin_color(t, token.origin) : t.accent;
    look.box = with_alpha(color, odd ? 0.17f : 0.24f);
  }
  if (current) look.outline = t.accent;
  draw_token(ImGui::GetWindowDrawList(), t, min, max, token.pieces, look);
}

void TextPanel::draw_facts(Context& context, const TextProgress& progress) {
  const Theme& t = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, line = text_size(t.small, "0").y;
  float y = at.y;
  const auto fact = [&](const std::string& value, const std::string& name) {
    const float big = text_size(t.large, value).y;
    const float used = put_text(list, t.large, {at.x, y}, t.text, value);
    put_text(list, t.small, {at.x + used + t.px(8), y + big - line - t.px(2)}, t.muted, name,
             Align::kLeft, std::max(1.f, width - used - t.px(8)));
    y += big + t.px(4);
  };
  fact(std::to_string(progress.came), progress.came == 1 ? "token so far" : "tokens so far");
  if (progress.seconds > 0) {
    fact(traffic::seconds_text(progress.seconds), "modelled, so far");
    fact(rate_text(progress.modelled_tokens_a_second()), "tokens a modelled second");
  }
  if (progress.measured_seconds > 0) {
    fact(rate_text(progress.measured_tokens_a_second()), "tokens a second, measured");
  }
  ImGui::SetCursorScreenPos({at.x, y + t.px(10)});
  if (!model_.speculative()) return;
  draw_acceptance(t, model_.acceptance(progress), !context.run.recording.verdicts().empty());
}

ordered_json TextPanel::seen(const Context& context) const {
  TextModel model;
  model.update(context.run.recording);
  const TextProgress p = model.progress(context.run.recording, context.run.playback);
  ordered_json json;
  const auto finite = [](double value) {
    return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
  };
  json["prompt_tokens"] =
      model.prompt_has_tokens() ? ordered_json(model.prompt().size()) : ordered_json(nullptr);
  json["tokens"] = ordered_json::array();
  for (const TextToken& token : model.tokens()) {
    if (token.number >= p.came) break;
    json["tokens"].push_back({{"text", token.text}, {"from", origin_name(token.origin)}});
  }
  json["modelled"] = {{"seconds", p.seconds},
                      {"tokens_per_second", finite(p.modelled_tokens_a_second())}};
  if (p.measured_seconds > 0) {
    json["measured"] = {{"tokens_per_second", finite(p.measured_tokens_a_second())}};
  }
  if (!model.speculative()) return json;
  const Acceptance a = model.acceptance(p);
  ordered_json counted = {{"looked_at", a.looked_at},
                          {"accepted", a.accepted},
                          {"target_passes", a.passes},
                          {"tokens_per_pass", finite(a.tokens_a_pass())},
                          {"acceptance", finite(a.rate())}};
  counted["by_position"] = ordered_json::array();
  for (const Acceptance::Position& position : a.positions) {
    counted["by_position"].push_back(
        {{"looked_at", position.looked_at}, {"accepted", position.accepted}});
  }
  json["counted"] = counted;
  json["formula"] = {{"tokens_per_pass", finite(a.expected())}};
  return json;
}

}  // namespace

std::unique_ptr<Panel> make_text_panel() { return std::make_unique<TextPanel>(); }

}  // namespace viz

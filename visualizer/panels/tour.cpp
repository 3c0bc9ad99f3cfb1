// The tour's own panel: all cards, by chapter.
#include "visualizer/panels/tour.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/panels/tour_parts.h"

namespace viz {
namespace {

class TourPanel : public Panel {
 public:
  const char* id() const override { return "tour"; }
  const char* title() const override { return "Tour"; }
  const char* hint() const override {
    return "Cards that lead through each chapter. Click one: it shows a panel and says what to "
           "look at.";
  }
  void draw(Context& context) override;
  nlohmann::ordered_json seen(const Context& context) const override;

 private:
  const std::string& title_of(const std::string& panel);
  void draw_head(Context& context, Tour& tour);
  void draw_file(Context& context, Tour& tour, const TourFile& file, size_t first, int columns);
  void draw_tile(Context& context, Tour& tour, size_t index, int number, ImVec2 size);

  std::map<std::string, std::string> titles_;  // of panels, by id
};

const std::string& TourPanel::title_of(const std::string& panel) {
  if (titles_.empty()) {
    for (const auto& p : make_panels()) titles_[p->id()] = p->title();
  }
  return titles_.try_emplace(panel, panel).first->second;
}

void TourPanel::draw_head(Context& context, Tour& tour) {
  const Theme& theme = context.theme;
  if (tour.size() > 0) {
    const char* label = tour.on() ? "Go on" : "Start the tour";
    if (main_button(theme, label, {theme.px(130), 0})) go_to_card(context, tour, tour.index());
    mark(context, "tour:start");
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
    ImGui::TextWrapped("%s",
                       "Each card shows one thing. It stays above the panel that it speaks of.");
    ImGui::PopStyleColor();
  }
  for (const std::string& problem : tour.problems()) {
    ImGui::PushStyleColor(ImGuiCol_Text, theme.warning);
    ImGui::TextWrapped("%s", problem.c_str());
    ImGui::PopStyleColor();
  }
}

void TourPanel::draw_tile(Context& context, Tour& tour, size_t index, int number, ImVec2 size) {
  const Theme& theme = context.theme;
  const TourCard& card = tour.card_at(index);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos(), end = {at.x + size.x, at.y + size.y};
  ImGui::PushID(int(index));
  if (ImGui::InvisibleButton("card", size)) go_to_card(context, tour, index);
  mark(context, "tour:" + tour.file_of(index).chapter + "." + std::to_string(number));
  const bool hovered = !context.still && ImGui::IsItemHovered();
  const bool current = tour.on() && tour.index() == index;
  ImGui::PopID();
  list->AddRectFilled(at, end, hovered ? mix(theme.raised, theme.accent, 0.15f) : theme.raised,
                      theme.px(6));
  if (current) list->AddRect(at, end, theme.accent, theme.px(6), 0, theme.px(2));
  const float pad = theme.px(10), text_x = at.x + pad + theme.px(22);
  put_text(list, theme.large, {at.x + pad, at.y + pad - theme.px(2)}, theme.accent,
           std::to_string(number));
  list->PushClipRect(at, {end.x - pad / 2, end.y - pad}, true);
  list->AddText(theme.body, theme.body->FontSize, {text_x, at.y + pad}, theme.text,
                card.title.data(), card.title.data() + card.title.size(), end.x - pad - text_x);
  list->PopClipRect();
  put_text(list, theme.small, {text_x, end.y - pad - theme.small->FontSize}, theme.muted,
           title_of(card.panel), Align::kLeft, end.x - pad - text_x);
}

void TourPanel::draw_file(Context& context, Tour& tour, const TourFile& file, size_t first,
                          int columns) {
  const Theme& theme = context.theme;
  ImGui::Dummy({0, theme.px(4)});
  ImGui::PushFont(theme.large);
  ImGui::TextUnformatted(file.title.c_str());
  ImGui::PopFont();
  const float gap = theme.px(10), all = ImGui::GetContentRegionAvail().x;
  const ImVec2 size = {(all - gap * float(columns - 1)) / float(columns), theme.px(82)};
  const ImVec2 at = ImGui::GetCursorScreenPos();
  float bottom = at.y;
  for (size_t i = 0; i < file.cards.size(); ++i) {
    const int column = int(i) % columns, row = int(i) / columns;
    const ImVec2 to = {at.x + float(column) * (size.x + gap), at.y + float(row) * (size.y + gap)};
    ImGui::SetCursorScreenPos(to);
    draw_tile(context, tour, first + i, int(i) + 1, size);
    bottom = to.y + size.y;
  }
  ImGui::SetCursorScreenPos({at.x, bottom});
  ImGui::Dummy({0, theme.px(6)});
}

void TourPanel::draw(Context& context) {
  if (context.tour == nullptr) {
    ImGui::TextUnformatted("There is no tour here.");
    return;
  }
  Tour& tour = *context.tour;
  draw_head(context, tour);
  ImGui::BeginChild("cards");
  const float width = ImGui::GetContentRegionAvail().x;
  const int columns = std::clamp(int(width / context.theme.px(182)), 1, 6);
  size_t first = 0;
  for (const TourFile& file : tour.files()) {
    draw_file(context, tour, file, first, columns);
    first += file.cards.size();
  }
  ImGui::EndChild();
}

nlohmann::ordered_json TourPanel::seen(const Context& context) const {
  nlohmann::ordered_json json = {{"card", nullptr}, {"cards", nlohmann::ordered_json::array()}};
  if (context.tour == nullptr) return json;
  const Tour& tour = *context.tour;
  const Recording* other = context.other == nullptr ? nullptr : &context.other->recording;
  if (tour.on()) json["card"] = tour.index();
  for (size_t i = 0; i < tour.size(); ++i) {
    const TourCard& card = tour.card_at(i);
    nlohmann::ordered_json one = {{"title", card.title},
                                  {"chapter", card.row()},
                                  {"panel", card.panel},
                                  {"text", nlohmann::ordered_json::array()}};
    for (const std::string& sentence : card.sentences) {
      one["text"].push_back(filled(sentence, card, context.run.recording, other));
    }
    const Predicted predicted = tour.predicted(card, context.run.recording);
    for (const PredictedRow& row : predicted.rows) {
      one["predicted"].push_back({{"kernel", row.title},
                                  {"unit", row.operations ? "multiply-adds" : "bytes"},
                                  {"predicted", row.predicted},
                                  {"recorded", row.recorded}});
    }
    json["cards"].push_back(std::move(one));
  }
  return json;
}

}  // namespace

std::unique_ptr<Panel> make_tour_panel() { return std::make_unique<TourPanel>(); }

}  // namespace viz

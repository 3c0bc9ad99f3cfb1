// The card of the tour above the panel that it speaks of.
#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"  // bytes_text, count_text
#include "visualizer/core/chapter_label.h"
#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/models/compare_model.h"  // request_beside, whole_columns
#include "visualizer/panels/tour.h"
#include "visualizer/panels/tour_parts.h"

namespace viz {
namespace {

const Recording* other_of(const Context& context) {
  return context.other == nullptr ? nullptr : &context.other->recording;
}

// "01:host" as a request beside the present one.
RunRequest request_of_row(const Context& context, const std::string& row) {
  ChapterInfo chapter;
  const size_t colon = row.find(':');
  chapter.id = row.substr(0, colon);
  if (colon != std::string::npos) chapter.variant = row.substr(colon + 1);
  return request_beside(context.run.request, context.run.recording.run(), chapter);
}

// "01 kv_cache vram" when the catalog knows it, else "01:vram".
std::string row_title(const Context& context, const std::string& row) {
  if (context.catalog == nullptr) return row;
  for (const ChapterInfo& c : context.catalog->chapters) {
    if (c.row() == row) return c.title();
  }
  return row;
}

// Goes to the card's place once its run has got there.
void settle(Context& context, Tour& tour) {
  if (!tour.on_its_way()) return;
  const TourCard& card = tour.card();
  const Recording& recording = context.run.recording;
  const auto work = work_of(card, recording);
  if (!work || size_t(recording.column_of(*work)) >= whole_columns(recording)) return;
  Playback& playback = context.run.playback;
  playback.play(card.play);
  playback.go_to_work(*work, recording);
  if (card.speed > 0) playback.set_speed(card.speed);
  tour.arrived();
}

std::string number_text(const PredictedRow& row, double value) {
  return row.operations ? traffic::count_text(value) : traffic::bytes_text(value);
}

// How far the record is from the formula.
std::string deviation_text(const PredictedRow& row) {
  if (row.predicted == row.recorded) return "equal";
  if (row.predicted == 0) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f%%", 100 * (row.recorded / row.predicted - 1));
  return text;
}

class CardPicture {
 public:
  CardPicture(Context& context, Tour& tour)
      : context_(context), tour_(tour), theme_(context.theme), card_(tour.card()) {}

  void draw() {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x, pad = theme_.px(12);
    list->ChannelsSplit(2);
    list->ChannelsSetCurrent(1);
    ImGui::PushID("tour card");
    draw_buttons(at.x + width - pad, at.y + theme_.px(8));
    const float bottom =
        draw_text({at.x + pad + theme_.px(4), at.y + theme_.px(8)}, width - 2 * pad - theme_.px(4));
    ImGui::PopID();
    list->ChannelsSetCurrent(0);
    list->AddRectFilled(at, {at.x + width, bottom}, theme_.raised, theme_.px(6));
    list->AddRectFilled(at, {at.x + theme_.px(4), bottom}, theme_.accent, theme_.px(2));
    list->ChannelsMerge();
    ImGui::SetCursorScreenPos({at.x, bottom});
    ImGui::Dummy({width, theme_.px(4)});
  }

 private:
  // To the right: back, next, end. Their left edge is where the title ends.
  void draw_buttons(float right, float y) {
    const float gap = theme_.px(4), wide = theme_.px(58), end = theme_.px(78);
    const bool last = tour_.index() + 1 >= tour_.size(), first = tour_.index() == 0;
    title_end_ = right - 2 * wide - end - 3 * gap;
    ImGui::SetCursorScreenPos({title_end_ + gap, y});
    if (ImGui::Button("Back", {wide, 0}) && !first) go_to_card(context_, tour_, tour_.index() - 1);
    mark(context_, "tour:back");
    ImGui::SetCursorScreenPos({title_end_ + 2 * gap + wide, y});
    if (last ? ImGui::Button("Next", {wide, 0}) : main_button(theme_, "Next", {wide, 0})) {
      if (!last) go_to_card(context_, tour_, tour_.index() + 1);
    }
    mark(context_, "tour:next");
    ImGui::SetCursorScreenPos({right - end, y});
    if (ImGui::Button("End tour", {end, 0})) tour_.stop();
    mark(context_, "tour:end");
  }

  // Returns the lower edge of the card.
  float draw_text(ImVec2 at, float width) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const std::string place = card_place(tour_, tour_.index());
    put_text(list, theme_.small, at, theme_.muted, place, Align::kLeft, title_end_ - at.x);
    at.y += theme_.small->FontSize + theme_.px(2);
    put_text(list, theme_.large, at, theme_.text, card_.title, Align::kLeft, title_end_ - at.x);
    at.y += theme_.large->FontSize + theme_.px(8);
    const Predicted& predicted = tour_.predicted_now(context_.run.recording);
    const bool beside = !card_.predictions.empty() && width > theme_.px(800);
    const float side = theme_.px(384), gap = theme_.px(24);
    const float text_width = beside ? width - side - gap : width;
    float bottom = draw_sentences(at, text_width);
    if (!card_.predictions.empty()) {
      const ImVec2 to = beside ? ImVec2{at.x + width - side, at.y} : ImVec2{at.x, bottom};
      bottom = std::max(bottom, draw_predictions(to, beside ? side : width, predicted));
    }
    return draw_wishes({at.x, bottom + theme_.px(2)}) + theme_.px(8);
  }

  float draw_sentences(ImVec2 at, float width) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (const std::string& sentence : card_.sentences) {
      const std::string text = filled(sentence, card_, context_.run.recording, other_of(context_));
      const char *begin = text.data(), *end = begin + text.size();
      const ImVec2 size =
          theme_.body->CalcTextSizeA(theme_.body->FontSize, FLT_MAX, width, begin, end);
      list->AddText(theme_.body, theme_.body->FontSize, at, theme_.text, begin, end, width);
      at.y += size.y + theme_.px(3);
    }
    return at.y;
  }

  float draw_predictions(ImVec2 at, float width, const Predicted& predicted) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float line = theme_.small->FontSize + theme_.px(5);
    if (!predicted.problem.empty()) {
      const char *begin = predicted.problem.data(), *end = begin + predicted.problem.size();
      list->AddText(theme_.small, theme_.small->FontSize, at, theme_.muted, begin, end, width);
      return at.y +
             theme_.small->CalcTextSizeA(theme_.small->FontSize, FLT_MAX, width, begin, end).y +
             theme_.px(3);
    }
    const float end = at.x + std::min(width, theme_.px(430));
    const float recorded = end - theme_.px(52), foreseen = recorded - theme_.px(70);
    put_text(list, theme_.small, {foreseen, at.y}, theme_.muted, "the lesson predicts",
             Align::kRight);
    put_text(list, theme_.small, {recorded, at.y}, theme_.muted, "recorded", Align::kRight);
    at.y += line;
    for (const PredictedRow& row : predicted.rows) {
      draw_row(row, at, foreseen, recorded, end);
      explain(row, at, {end, at.y + line});
      at.y += line;
    }
    return at.y;
  }

  // The kernel and what is predicted of it; both numbers; how far they are from each other.
  void draw_row(const PredictedRow& row, ImVec2 at, float foreseen, float recorded, float end) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const char* what = row.operations ? "mul-adds" : row.over_pcie ? "VRAM+PCIe" : "VRAM";
    const float room = foreseen - theme_.px(56) - at.x;
    const float name = put_text(list, theme_.small, at, theme_.text, row.title, Align::kLeft,
                                room - text_size(theme_.small, what).x - theme_.px(6));
    put_text(list, theme_.small, {at.x + name + theme_.px(6), at.y}, theme_.muted, what);
    put_text(list, theme_.small, {foreseen, at.y}, theme_.text, number_text(row, row.predicted),
             Align::kRight);
    put_text(list, theme_.small, {recorded, at.y}, theme_.text, number_text(row, row.recorded),
             Align::kRight);
    put_text(list, theme_.small, {end, at.y},
             row.predicted == row.recorded ? theme_.good : theme_.muted, deviation_text(row),
             Align::kRight);
  }

  void explain(const PredictedRow& row, ImVec2 min, ImVec2 max) {
    if (context_.still || !ImGui::IsWindowHovered() || !ImGui::IsMouseHoveringRect(min, max)) {
      return;
    }
    const Unit unit = row.operations ? Unit::kCount : Unit::kBytes;
    std::vector<std::pair<std::string, std::string>> lines = {
        {"predicted", exact_text(unit, row.predicted)},
        {row.operations ? "declared" : "counted", exact_text(unit, row.recorded)}};
    if (!row.formula.empty()) lines.emplace_back("formula", row.formula);
    if (!row.operations) lines.emplace_back("", "The formula of the lesson knows no cache.");
    value_tooltip(theme_, row.title, lines);
  }

  // What the card still needs, as buttons. Returns their lower edge.
  float draw_wishes(ImVec2 at) {
    const std::string& row = card_.row();
    const bool missing = !is_run_of(card_, context_.run.recording);
    const Recording* other = other_of(context_);
    const bool alone =
        !card_.compare.empty() &&
        (other == nullptr || chapter_label(other->run().chapter).row() != card_.compare);
    if (!missing && !alone) return draw_waiting(at);
    ImGui::SetCursorScreenPos({at.x, at.y + theme_.px(4)});
    if (missing) {
      if (main_button(theme_, ("Decode with " + row_title(context_, row)).c_str(), {0, 0})) {
        context_.wishes.run = request_for(card_, request_of_row(context_, row));
      }
      mark(context_, "tour:decode");
      say(card_.prompt.empty()
              ? "The numbers of this card come from that run."
              : "The card has its own prompt, and its numbers come from that run.");
    } else {
      if (main_button(theme_, ("Run " + row_title(context_, card_.compare) + " beside it").c_str(),
                      {0, 0})) {
        context_.wishes.compare = request_of_row(context_, card_.compare);
      }
      mark(context_, "tour:compare");
      say("This card compares two runs.");
    }
    return at.y + theme_.px(4) + ImGui::GetFrameHeight();
  }

  // Why there are no numbers yet, though the right run is shown.
  float draw_waiting(ImVec2 at) {
    if (!tour_.on_its_way()) return at.y;
    const std::string token = "token " + std::to_string(card_.token);
    const std::string text = context_.run.recording.complete()
                                 ? "This run ends before " + token + ": decode more tokens."
                                 : "Waiting for " + token + "…";
    put_text(ImGui::GetWindowDrawList(), theme_.body, at, theme_.warning, text);
    return at.y + theme_.body->FontSize + theme_.px(3);
  }

  void say(const char* text) {
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    ImGui::PushStyleColor(ImGuiCol_Text, theme_.muted);
    ImGui::TextUnformatted(text);
    ImGui::PopStyleColor();
  }

  Context& context_;
  Tour& tour_;
  const Theme& theme_;
  const TourCard card_;  // a copy: Next moves on while this one is drawn
  float title_end_ = 0;
};

}  // namespace

std::string card_place(const Tour& tour, size_t index) {
  const TourFile& file = tour.file_of(index);
  size_t first = 0;
  while (&tour.file_of(first) != &file) ++first;
  return "Tour, " + file.title.substr(0, file.title.find(':')) + ", card " +
         std::to_string(index - first + 1) + " of " + std::to_string(file.cards.size());
}

void mark(const Context& context, const std::string& name) {
  if (context.mark) context.mark(name);
}

void go_to_card(Context& context, Tour& tour, size_t index) {
  tour.show(index);
  if (!tour.on()) return;
  const TourCard& card = tour.card();
  context.wishes.panel = card.panel;
  context.selection.scope = card.scope;
  context.selection.kernel = card.kernel;
  context.selection.tensor = card.tensor;
  settle(context, tour);
}

void draw_tour_card(Context& context, Tour& tour) {
  if (!tour.on()) return;
  settle(context, tour);
  CardPicture(context, tour).draw();
}

}  // namespace viz

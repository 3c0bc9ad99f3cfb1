// The comparison: two runs of the same prompt, number by number.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/models/compare_model.h"
#include "visualizer/panels/compare_draw.h"
#include "visualizer/panels/compare_json.h"
#include "visualizer/panels/panel.h"

namespace viz {
namespace {

constexpr const char* kPartNames[] = {"a token, on average", "the prompt", "this token"};
// Rows before which a heading stands.
struct Heading {
  const char* before;
  const char* text;
};
constexpr Heading kHeadings[] = {{"vram_bytes", "Bytes"},
                                 {"launches", "Work and time"},
                                 {"wavefronts", "How well memory is used"}};

int current_token(const Context& context) {
  const Recording& r = context.run.recording;
  const int column = context.run.playback.column(r);
  return column < 0 ? -1 : r.columns()[size_t(column)].token;
}

class ComparePanel : public Panel {
 public:
  const char* id() const override { return "compare"; }
  const char* title() const override { return "Compare"; }
  const char* hint() const override {
    return "Two runs of the same prompt side by side. Bars of one row share a scale. Click VRAM, "
           "L2, L1 or PCIe to see its tensors.";
  }
  void draw(Context& context) override;
  nlohmann::ordered_json seen(const Context& context) const override;

 private:
  void refresh(const Context& context);
  void draw_offer(Context& context);
  void draw_pairs(Context& context, float width);
  void draw_head(Context& context);
  void draw_numbers(const Context& context);
  void draw_row(const Context& context, const CompareColumns& columns, const ComparedRow& row);
  void draw_classes(const Context& context, const CompareColumns& columns);
  void note(const Theme& theme, ImU32 color, const char* mark, const std::string& text) const;

  int part_ = 0;
  std::string level_ = "vram_bytes";  // whose tensors are shown
  Compared compared_;
  // What compared_ was made from.
  const Recording *a_ = nullptr, *b_ = nullptr;
  size_t events_a_ = 0, events_b_ = 0;
  int token_ = -2, made_part_ = -1;
};

void ComparePanel::refresh(const Context& context) {
  const Recording &a = context.run.recording, &b = context.other->recording;
  const int token = part_ == int(Part::kHere) ? current_token(context) : -1;
  if (a_ == &a && b_ == &b && events_a_ == a.events().size() && events_b_ == b.events().size() &&
      token_ == token && made_part_ == part_) {
    return;
  }
  a_ = &a, b_ = &b, events_a_ = a.events().size(), events_b_ = b.events().size();
  token_ = token, made_part_ = part_;
  compared_ = compare(a, b, static_cast<Part>(part_), token);
}

// Buttons for the second run; a sentence when it is not known what there is.
void ComparePanel::draw_pairs(Context& context, float width) {
  const Theme& theme = context.theme;
  const traffic::RunEvent& run = context.run.recording.run();
  const auto pairs = context.catalog == nullptr ? std::vector<NaturalPair>()
                                                : natural_pairs(*context.catalog, run.chapter);
  for (const NaturalPair& pair : pairs) {
    const std::string label = pair.chapter.title();
    if (ImGui::Button(label.c_str(), {std::min(width, theme.px(230)), 0})) {
      context.wishes.compare = request_beside(context.run.request, run, pair.chapter);
      ImGui::CloseCurrentPopup();
    }
    if (width > theme.px(420)) ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
    ImGui::TextUnformatted(pair.why.c_str());
    ImGui::PopStyleColor();
  }
  if (!pairs.empty()) return;
  ImGui::TextWrapped("%s",
                     "Which chapters there are is not known here. Start with a second run: "
                     "./ladder viz --compare 02 (a chapter, or a recorded event file).");
}

void ComparePanel::draw_offer(Context& context) {
  const Theme& theme = context.theme;
  const float width = std::min(ImGui::GetContentRegionAvail().x, theme.px(640));
  ImGui::Dummy({0, theme.px(8)});
  ImGui::PushFont(theme.large);
  ImGui::TextUnformatted("Compare this run with another one");
  ImGui::PopFont();
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
  if (!context.run.recording.started()) {
    ImGui::TextUnformatted("First decode something: choose a chapter on the left.");
    ImGui::PopTextWrapPos();
    return;
  }
  ImGui::TextUnformatted(
      "A second run decodes the same prompt in another way. Then each number of both stands here "
      "side by side: bytes at each level of memory, launches, operations, time.");
  ImGui::PopTextWrapPos();
  ImGui::Dummy({0, theme.px(6)});
  field_label(theme, "Second run");
  draw_pairs(context, width);
}

void ComparePanel::note(const Theme& theme, ImU32 color, const char* mark,
                        const std::string& text) const {
  ImGui::PushFont(theme.small);
  ImGui::PushStyleColor(ImGuiCol_Text, color);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted((mark + text).c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void ComparePanel::draw_head(Context& context) {
  const Theme& theme = context.theme;
  segmented(theme, "part", {kPartNames[0], kPartNames[1], kPartNames[2]}, &part_);
  ImGui::SameLine();
  if (ImGui::Button("other run…")) ImGui::OpenPopup("pairs");
  item_tooltip("Compare with another chapter or setting.");
  if (ImGui::BeginPopup("pairs")) {
    draw_pairs(context, theme.px(600));
    ImGui::EndPopup();
  }
  refresh(context);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const bool compact = ImGui::GetContentRegionAvail().y < theme.px(380);
  ImGui::Dummy({width, draw_compared_sides(theme, compared_, at, width, compact)});
  for (const std::string& warning : compared_.warnings) {
    note(theme, theme.warning, "Careful: ", warning);
  }
  std::string line = compared_.text_note;
  if (compared_.part == Part::kHere && compared_.problem.empty()) {
    const int first = compared_.first_token, last = compared_.last_token;
    line = (first == last ? "Token " + std::to_string(first)
                          : "Tokens " + std::to_string(first) + " to " + std::to_string(last) +
                                ", those of whole rounds") +
           ". " + line;
  }
  if (!line.empty()) note(theme, theme.muted, "", line);
}

void ComparePanel::draw_row(const Context& context, const CompareColumns& columns,
                            const ComparedRow& row) {
  const Theme& theme = context.theme;
  const float height = theme.px(24);
  const float y = ImGui::GetCursorScreenPos().y;
  ImGui::PushID(row.id);
  const float width = columns.right - columns.label + theme.px(14);
  if (ImGui::InvisibleButton("row", {std::max(1.f, width), height}) && row.by_class) {
    level_ = row.id;
  }
  const bool hovered = !context.still && ImGui::IsItemHovered();
  draw_compared_row(theme, columns, y, height, row, compared_, row.by_class && level_ == row.id,
                    hovered && row.by_class);
  if (hovered) {
    value_tooltip(theme, std::string(row.title) + ", " + row.kind,
                  {{compared_.a.name, exact_text(row.unit, row.a)},
                   {compared_.b.name, exact_text(row.unit, row.b)},
                   {"", row.help}});
  }
  ImGui::PopID();
}

void ComparePanel::draw_classes(const Context& context, const CompareColumns& columns) {
  const Theme& theme = context.theme;
  const ComparedRow* row = compared_.row(level_);
  if (row == nullptr) return;
  double full = 0;
  for (int i = 0; i < kTensorClasses; ++i) {
    full = std::max({full, row->a_class[i], row->b_class[i]});
  }
  const std::string text = std::string(row->title) + " by tensor, on one scale";
  float y = ImGui::GetCursorScreenPos().y;
  ImGui::Dummy({1, draw_compared_heading(theme, columns, y, text.c_str(), false, compared_)});
  for (int i = 0; i < kTensorClasses; ++i) {
    if (row->a_class[i] == 0 && row->b_class[i] == 0) continue;
    y = ImGui::GetCursorScreenPos().y;
    ImGui::Dummy({columns.right - columns.label, theme.px(24)});
    draw_compared_class(theme, columns, y, theme.px(24), *row, static_cast<TensorClass>(i),
                        compared_, full);
    if (context.still || !ImGui::IsItemHovered()) continue;
    value_tooltip(theme, std::string(row->title) + ", " + class_name(static_cast<TensorClass>(i)),
                  {{compared_.a.name, exact_text(row->unit, row->a_class[i])},
                   {compared_.b.name, exact_text(row->unit, row->b_class[i])}});
  }
}

void ComparePanel::draw_numbers(const Context& context) {
  const Theme& theme = context.theme;
  ImGui::BeginChild("numbers");
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const CompareColumns columns(theme, at.x, ImGui::GetContentRegionAvail().x);
  bool first = true;
  for (const ComparedRow& row : compared_.rows) {
    for (const Heading& heading : kHeadings) {
      if (std::string(heading.before) != row.id) continue;
      const float y = ImGui::GetCursorScreenPos().y;
      ImGui::Dummy({1, draw_compared_heading(theme, columns, y, heading.text, first, compared_)});
      first = false;
    }
    draw_row(context, columns, row);
  }
  draw_classes(context, columns);
  ImGui::PopStyleVar();
  ImGui::EndChild();
}

void ComparePanel::draw(Context& context) {
  if (context.other == nullptr) {
    draw_offer(context);
    return;
  }
  draw_head(context);
  if (compared_.problem.empty()) {
    draw_numbers(context);
  } else {
    ImGui::Dummy({0, context.theme.px(12)});
    ImGui::TextWrapped("%s", compared_.problem.c_str());
  }
}

nlohmann::ordered_json ComparePanel::seen(const Context& context) const {
  const Part part = static_cast<Part>(part_);
  if (context.other == nullptr) return {{"part", part_id(part)}, {"second", nullptr}};
  return compared_json(
      compare(context.run.recording, context.other->recording, part, current_token(context)));
}

}  // namespace

std::unique_ptr<Panel> make_compare_panel() { return std::make_unique<ComparePanel>(); }

}  // namespace viz

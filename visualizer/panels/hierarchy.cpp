// Levels of memory as a pyramid, and what flows between them.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "visualizer/draw/shapes.h"
#include "visualizer/panels/hierarchy_picture.h"
#include "visualizer/panels/hierarchy_text.h"
#include "visualizer/panels/panel.h"

namespace viz {

namespace {

class HierarchyPanel : public Panel {
 public:
  const char* id() const override { return "hierarchy"; }
  const char* title() const override { return "Hierarchy"; }
  const char* hint() const override {
    return "How many bytes go from one memory to the next. Click a link to see which tensors they "
           "belong to.";
  }
  void draw(Context& context) override;
  nlohmann::ordered_json seen(const Context& context) const override;

 private:
  void move(const Context& context);
  uint64_t full_width(const Context& context) const;
  Link shown_link() const;
  std::optional<Link> link_at(const HierarchyPicture& f, ImVec2 mouse) const;

  void draw_list(Context& context, Box area);
  void point_at(HierarchyPicture& f, ImVec2 mouse);

  HierarchyModel model_;
  std::array<float, 2 * kLinks> phases_{};  // pixels at scale 1 that each direction has moved
  double clock_ = -1;
  std::optional<Link> link_;  // whose tensors are listed; none: that of what bounds the time
};

// Flows move while time goes on: faster where a link is nearer to its bandwidth.
void HierarchyPanel::move(const Context& context) {
  const double seconds = clock_ < 0 ? 0 : std::clamp(context.clock - clock_, 0.0, 0.1);
  clock_ = context.clock;
  if (context.still || seconds == 0) return;
  const Playback& playback = context.run.playback;
  const bool goes_on = playback.following()
                           ? !context.run.recording.complete()
                           : playback.playing() && !playback.at_end(context.run.recording);
  if (!goes_on) return;
  const double pace = std::clamp(std::sqrt(playback.speed()), 0.3, 2.5);
  for (int i = 0; i < kLinks; ++i) {
    const LinkView& link = model_.view().links[i];
    if (link.all.bytes() == 0 || model_.view().seconds <= 0) continue;
    const double busy = std::min(1.0, link.seconds / model_.view().seconds);
    const float by = float(seconds * pace * (12 + 110 * std::sqrt(busy)));
    phases_[2 * i] = std::fmod(phases_[2 * i] + by, 18.f);
    phases_[2 * i + 1] = std::fmod(phases_[2 * i + 1] + by, 18.f);
  }
}

uint64_t HierarchyPanel::full_width(const Context& context) const {
  if (context.selection.scope == Scope::kKernel) return model_.most_in_work();
  if (context.selection.scope == Scope::kToken) return model_.most_in_column();
  uint64_t most = 0;
  for (const LinkView& l : model_.view().links) most = std::max({most, l.all.toward, l.all.away});
  return most;
}

Link HierarchyPanel::shown_link() const {
  if (link_) return *link_;
  switch (model_.view().bound()) {
    case traffic::Bound::kPcie: {
      const HierarchyView& v = model_.view();
      return v.link(Link::kPinned).seconds >= v.link(Link::kCopies).seconds ? Link::kPinned
                                                                            : Link::kCopies;
    }
    case traffic::Bound::kL2:
      return Link::kL2;
    case traffic::Bound::kL1:
      return Link::kL1;
    default:
      break;
  }
  return Link::kVram;
}

void HierarchyPanel::draw(Context& context) {
  const Recording& recording = context.run.recording;
  model_.look(recording, context.run.playback.range(context.selection.scope, recording));
  move(context);

  const Theme& theme = context.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  if (room.x < theme.px(120) || room.y < theme.px(120)) return;
  const bool with_list = room.x >= theme.px(700);
  const float list_width = with_list ? std::clamp(room.x * 0.27f, theme.px(210), theme.px(310)) : 0;
  const float width = room.x - (with_list ? list_width + theme.px(16) : 0);

  const float header = draw_hierarchy_header(context, model_.view(), at, room.x);
  const float footer = theme.px(room.y < theme.px(420) ? 20 : 40);
  const Box area{{at.x, at.y + header}, {at.x + width, at.y + room.y - footer}};
  HierarchyPicture f{context, ImGui::GetWindowDrawList(), model_, lay_out_hierarchy(theme, area),
                     phases_, full_width(context),        link_,  std::nullopt};

  ImGui::SetCursorScreenPos(area.min);
  ImGui::InvisibleButton("hierarchy", {area.width(), area.height()});
  const bool hovered = ImGui::IsItemHovered() && !context.still;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  if (hovered) f.hovered = link_at(f, mouse);

  draw_levels(f);
  draw_links(f);
  draw_hierarchy_footer(f, {at.x, area.max.y + theme.px(4)}, width);
  if (with_list) {
    draw_list(context, {{at.x + room.x - list_width, area.min.y}, {at.x + room.x, at.y + room.y}});
  }
  if (hovered) point_at(f, mouse);
}

std::optional<Link> HierarchyPanel::link_at(const HierarchyPicture& f, ImVec2 mouse) const {
  for (const Link link : kAllLinks) {
    const LinkPlace& place = f.layout.link(link);
    if (distance_to(place.line, mouse) <= f.layout.lane) return link;
    const float line = text_size(f.theme().small, "X").y;
    const float from = place.text_left ? place.text.x - place.text_width : place.text.x;
    const Box text{{from, place.text.y - line}, {from + place.text_width, place.text.y + line}};
    if (f.view().link(link).all.bytes() > 0 && text.contains(mouse)) return link;
  }
  return std::nullopt;
}

void HierarchyPanel::point_at(HierarchyPicture& f, ImVec2 mouse) {
  if (const std::optional<Link> link = f.hovered) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    link_tooltip(f.theme(), model_, *link);
    if (ImGui::IsMouseClicked(0)) {
      link_ = *link;
      const auto tensors = model_.tensors(*link);
      if (!tensors.empty()) f.context.selection.tensor = tensors.front().name;
    }
    return;
  }
  for (int i = 0; i < kLevels; ++i) {
    const Level level = static_cast<Level>(i);
    if (!f.layout.level(level).contains(mouse)) continue;
    level_tooltip(f.theme(), f.view(), level, f.context.run.recording.run().gpu);
    return;
  }
  if (ImGui::IsMouseClicked(0)) {
    link_.reset();
    f.context.selection.tensor.clear();
  }
}

void HierarchyPanel::draw_list(Context& context, Box area) {
  ImGui::SetCursorScreenPos(area.min);
  const Theme& theme = context.theme;
  fill_rounded(ImGui::GetWindowDrawList(), area.min, area.max,
               mix(theme.surface, theme.raised, 0.35f), theme.px(6));
  if (ImGui::BeginChild("tensors", {area.width(), area.height()}, false,
                        ImGuiWindowFlags_AlwaysUseWindowPadding)) {
    const Link link = shown_link();
    draw_tensor_list(context, model_, link);
  }
  ImGui::EndChild();
}

nlohmann::ordered_json HierarchyPanel::seen(const Context& context) const {
  HierarchyModel model;
  const Recording& recording = context.run.recording;
  model.look(recording, context.run.playback.range(context.selection.scope, recording));
  return hierarchy_json(context, model);
}

}  // namespace

std::unique_ptr<Panel> make_hierarchy_panel() { return std::make_unique<HierarchyPanel>(); }

}  // namespace viz

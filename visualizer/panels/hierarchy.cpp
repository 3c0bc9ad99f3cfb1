// Levels of memory as a pyramid, and what flows between them.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/traffic/units.h"
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/hierarchy_parts.h"
#include "visualizer/panels/hierarchy_text.h"
#include "visualizer/panels/panel.h"

namespace viz {

namespace {

constexpr Link kAllLinks[] = {Link::kShared, Link::kL1,     Link::kL2,
                              Link::kVram,   Link::kPinned, Link::kCopies};

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
  // All that one frame needs.
  struct Frame {
    Context& context;
    ImDrawList* list;
    const HierarchyView& view;
    HierarchyLayout layout;
    const Theme& theme() const { return context.theme; }
  };

  void move(const Context& context);
  uint64_t full_width(const Context& context) const;
  float lane_width(const Frame& f, uint64_t bytes) const;
  bool shows_chosen(const std::string& tensor) const;
  Link shown_link() const;
  std::optional<Link> link_at(const Frame& f, ImVec2 mouse) const;

  float draw_header(Context& context, ImVec2 at, float width) const;
  void draw_levels(const Frame& f) const;
  void draw_level(const Frame& f, Level level) const;
  void draw_link(const Frame& f, Link link, bool hovered) const;
  void draw_way(const Frame& f, Link link, bool toward) const;
  void draw_link_text(const Frame& f, Link link, bool hovered) const;
  void draw_footer(const Frame& f, ImVec2 at, float width) const;
  void draw_list(Context& context, Box area);
  void point_at(Frame& f, std::optional<Link> link, ImVec2 mouse);

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

// Whether any link moves the tensor: then everything else steps back.
bool HierarchyPanel::shows_chosen(const std::string& tensor) const {
  return !tensor.empty() && std::any_of(std::begin(kAllLinks), std::end(kAllLinks), [&](Link link) {
    return model_.flow_of(tensor, link).bytes() > 0;
  });
}

float HierarchyPanel::lane_width(const Frame& f, uint64_t bytes) const {
  const uint64_t full = full_width(f.context);
  if (bytes == 0 || full == 0) return 0;
  const float part = float(std::sqrt(double(bytes) / double(full)));
  return std::max(f.theme().px(2), std::min(part, 1.f) * f.layout.lane);
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

  const float header = draw_header(context, at, room.x);
  const float footer = theme.px(room.y < theme.px(420) ? 20 : 40);
  const Box area{{at.x, at.y + header}, {at.x + width, at.y + room.y - footer}};
  Frame f{context, ImGui::GetWindowDrawList(), model_.view(), lay_out_hierarchy(theme, area)};

  ImGui::SetCursorScreenPos(area.min);
  ImGui::InvisibleButton("hierarchy", {area.width(), area.height()});
  const bool hovered = ImGui::IsItemHovered() && !context.still;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const std::optional<Link> link = hovered ? link_at(f, mouse) : std::nullopt;

  draw_levels(f);
  for (const Link l : kAllLinks) draw_link(f, l, link == l);
  draw_footer(f, {at.x, area.max.y + theme.px(4)}, width);
  if (with_list) {
    draw_list(context, {{at.x + room.x - list_width, area.min.y}, {at.x + room.x, at.y + room.y}});
  }
  if (hovered) point_at(f, link, mouse);
}

// What was looked at and what runs now, and where its modelled time goes.
float HierarchyPanel::draw_header(Context& context, ImVec2 at, float width) const {
  const Theme& theme = context.theme;
  const HierarchyView& view = model_.view();
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float big = text_size(theme.body, "X").y, small = text_size(theme.small, "X").y;

  const char* const time_bar_title = width > theme.px(560) ? "its time, by what bounds it" : "";
  const std::string sums = scope_sums(view);
  const float sums_width = text_size(theme.body, sums).x;
  put_text(list, theme.body, {at.x + width, at.y}, theme.text, sums, Align::kRight);
  put_text(list, theme.body, at, theme.text, scope_title(context), Align::kLeft,
           width - sums_width - theme.px(16));
  float y = at.y + big + theme.px(3);
  put_text(list, theme.small, {at.x, y}, theme.muted, now_text(context), Align::kLeft,
           width - text_size(theme.small, time_bar_title).x - theme.px(16));
  y += small + theme.px(6);
  if (view.seconds > 0) {
    put_text(list, theme.small, {at.x + width, at.y + big + theme.px(3)}, theme.muted,
             time_bar_title, Align::kRight);
    const Box bar{{at.x, y}, {at.x + width, y + theme.px(18)}};
    draw_time_bar(list, theme, view, bar);
    if (!context.still && ImGui::IsWindowHovered() && bar.contains(ImGui::GetIO().MousePos)) {
      time_tooltip(theme, view);
    }
    y += theme.px(18);
  }
  return y - at.y + theme.px(8);
}

void HierarchyPanel::draw_levels(const Frame& f) const {
  const Theme& t = f.theme();
  const Box gpu = f.layout.gpu, sm = f.layout.sm;
  f.list->AddRectFilled(gpu.min, gpu.max, with_alpha(t.raised, 0.35f), t.px(8));
  f.list->AddRect(gpu.min, gpu.max, t.faint, t.px(8));
  // More SMs behind the first.
  for (int i = 2; i >= 1; --i) {
    const float by = t.px(4) * float(i);
    const ImVec2 min{sm.min.x + by, sm.min.y + by}, max{sm.max.x + by, sm.max.y + by};
    f.list->AddLine({min.x + t.px(6), max.y}, max, t.faint);
    f.list->AddLine({max.x, min.y + t.px(6)}, max, t.faint);
  }
  f.list->AddRectFilled(sm.min, sm.max, t.surface, t.px(6));
  f.list->AddRect(sm.min, sm.max, t.faint, t.px(6));

  const traffic::GpuSpec& g = f.context.run.recording.run().gpu;
  const float line = text_size(t.small, "X").y;
  const float above = f.layout.compact ? t.px(1) : t.px(3);
  put_text(f.list, t.small, {gpu.min.x + t.px(8), gpu.min.y + above}, t.muted,
           g.title.empty() ? "GPU" : "GPU: " + g.title, Align::kLeft, gpu.width() - t.px(16));
  put_text(f.list, t.small, {sm.min.x + t.px(8), sm.min.y + above}, t.muted,
           g.sms == 0 ? "each SM" : "one of " + std::to_string(g.sms) + " SMs", Align::kLeft,
           f.layout.level(Level::kCompute).min.x - sm.min.x);
  put_text(f.list, t.small, {f.layout.pcie.x, f.layout.pcie.y - line}, t.muted, "PCIe",
           Align::kLeft, f.layout.pcie_width);
  if (g.pcie_bandwidth > 0) {
    put_text(f.list, t.small, f.layout.pcie, t.muted,
             traffic::bytes_text(g.pcie_bandwidth) + "/s each way", Align::kLeft,
             f.layout.pcie_width);
  }
  for (int i = 0; i < kLevels; ++i) draw_level(f, static_cast<Level>(i));
}

void HierarchyPanel::draw_level(const Frame& f, Level level) const {
  const Theme& t = f.theme();
  const Box box = f.layout.level(level);
  const HierarchyView& v = f.view;
  const LevelBound bound = level_bound(level, v);
  const bool bounds = bound.share >= 0.05;
  f.list->AddRectFilled(box.min, box.max, t.raised, t.px(6));
  const ImU32 edge = bounds ? t.bound(bound.bound) : mix(t.raised, t.muted, 0.35f);
  f.list->AddRect(box.min, box.max, edge, t.px(6), 0, t.px(bounds ? 2 : 1));

  const float inside = t.px(10), top = text_size(t.body, "X").y, low = text_size(t.small, "X").y;
  const float y = std::round(box.center().y - (top + low) / 2);
  float right = box.max.x - inside;
  const LevelFigure figure = level_figure(level, v);
  if (!figure.text.empty()) {
    const float w = std::max(text_size(t.body, figure.text).x, text_size(t.small, figure.label).x);
    put_text(f.list, t.body, {right, y}, t.text, figure.text, Align::kRight);
    put_text(f.list, t.small, {right, y + top}, t.muted, figure.label, Align::kRight);
    if (!std::isnan(figure.part)) {
      const ImVec2 from{box.min.x + t.px(6), box.max.y - t.px(4)};
      const ImVec2 to{box.max.x - t.px(6), box.max.y - t.px(2)};
      f.list->AddRectFilled(from, to, t.faint);
      f.list->AddRectFilled(from, {from.x + (to.x - from.x) * float(figure.part), to.y}, t.accent);
    }
    right -= w + t.px(10);
  }
  const float room = right - box.min.x - inside;
  put_text(f.list, t.body, {box.min.x + inside, y}, t.text, level_name(level), Align::kLeft, room);
  put_text(f.list, t.small, {box.min.x + inside, y + top}, t.muted,
           level_line(level, f.context.run.recording.run().gpu, room, t), Align::kLeft, room);
  if (bounds) {
    // In the middle of a wide box; a narrow one has room only on its edge.
    const bool wide = box.width() > t.px(340);
    draw_bound_tag(f.list, t, t.bound(bound.bound), bound.share,
                   wide ? box.center() : ImVec2{box.min.x + t.px(70), box.min.y});
  }
}

void HierarchyPanel::draw_way(const Frame& f, Link link, bool toward) const {
  const Theme& t = f.theme();
  const LinkView& v = f.view.link(link);
  const auto pick = [toward](const Flow& flow) { return toward ? flow.toward : flow.away; };
  const uint64_t all = pick(v.all);
  std::vector<ImVec2> line = f.layout.link(link).line;
  if (!toward) std::reverse(line.begin(), line.end());
  if (all == 0) {
    // A pipe that is there and empty.
    const std::vector<ImVec2> edge = moved_line(line, -t.px(3));
    f.list->AddPolyline(edge.data(), int(edge.size()), t.faint, 0, t.px(1));
    return;
  }
  const float width = lane_width(f, all);
  const std::string& chosen = f.context.selection.tensor;
  const uint64_t of_chosen = chosen.empty() ? 0 : pick(model_.flow_of(chosen, link));
  const float rest = shows_chosen(chosen) ? 0.3f : 1.f;
  std::vector<LanePart> parts;
  const auto add = [&](uint64_t bytes, ImU32 color, float alpha) {
    if (bytes > 0) parts.push_back({width * float(double(bytes) / double(all)), color, alpha});
  };
  for (int c = 0; c < kTensorClasses; ++c) {
    const bool has_chosen = of_chosen > 0 && class_of(chosen) == static_cast<TensorClass>(c);
    if (has_chosen) add(of_chosen, t.tensors[c], 1);
    add(pick(v.by_class[c]) - (has_chosen ? of_chosen : 0), t.tensors[c], rest);
  }
  add(pick(v.of_no_class()), t.muted, rest);
  draw_lane(f.list, t, line, -(width / 2 + t.px(1.5f)), parts,
            t.px(phases_[2 * int(link) + (toward ? 0 : 1)]));
}

void HierarchyPanel::draw_link(const Frame& f, Link link, bool hovered) const {
  draw_way(f, link, true);
  draw_way(f, link, false);
  draw_link_text(f, link, hovered);
}

void HierarchyPanel::draw_link_text(const Frame& f, Link link, bool hovered) const {
  if (f.view.seconds <= 0) return;
  const Theme& t = f.theme();
  const LinkPlace& place = f.layout.link(link);
  const LinkView& v = f.view.link(link);
  const bool picked = link_ == link;
  const float line = text_size(t.small, "X").y;
  const int rows = v.all.bytes() == 0 ? 1 : place.room >= 3 * line ? 3 : 2;
  const float top = place.text.y - float(rows) * line / 2;
  const auto put = [&](int row, ImU32 color, const std::string& text) {
    put_text(f.list, t.small, {place.text.x, std::round(top + float(row) * line)}, color, text,
             place.text_left ? Align::kRight : Align::kLeft, place.text_width);
  };
  if (v.all.bytes() == 0) {
    put(0, t.muted, nothing_text(link));
    return;
  }
  const auto way = [&](int row, const char* arrow, uint64_t bytes, const char* name) {
    const ImU32 color = hovered || picked ? t.accent : bytes > 0 ? t.text : t.muted;
    put(row, color, std::string(arrow) + " " + traffic::bytes_text(double(bytes)) + "  " + name);
  };
  way(0, "↑", v.all.toward, toward_name(link));
  way(1, "↓", v.all.away, away_name(link));
  if (rows == 3) put(2, t.muted, "busy " + percent_text(v.seconds / f.view.seconds));
}

void HierarchyPanel::draw_footer(const Frame& f, ImVec2 at, float width) const {
  const Theme& t = f.theme();
  std::array<bool, kTensorClasses> show{};
  for (const LinkView& l : f.view.links) {
    for (int c = 0; c < kTensorClasses; ++c) show[c] = show[c] || l.by_class[c].bytes() > 0;
  }
  if (f.view.seconds <= 0) return;
  float y = at.y;
  if (f.view.link(Link::kShared).of_no_class().bytes() > 0) {
    // Beside the tensors: what has no tensor's colour.
    const char* text = "computed on the chip";
    const float from = at.x + width - text_size(t.small, text).x, s = t.px(10);
    f.list->AddRectFilled({from - s - t.px(6), y + t.px(3)}, {from - t.px(6), y + t.px(3) + s},
                          t.muted, t.px(2));
    put_text(f.list, t.small, {from, y}, t.muted, text);
  }
  y += tensor_legend(f.list, t, {at.x, y}, width, show);
  if (y + t.px(16) > ImGui::GetWindowPos().y + ImGui::GetWindowHeight()) return;
  put_text(f.list, t.small, {at.x, y}, t.muted,
           scale_text(f.context.selection.scope, full_width(f.context)), Align::kLeft, width);
}

std::optional<Link> HierarchyPanel::link_at(const Frame& f, ImVec2 mouse) const {
  for (const Link link : kAllLinks) {
    const LinkPlace& place = f.layout.link(link);
    if (distance_to(place.line, mouse) <= f.layout.lane) return link;
    const float line = text_size(f.theme().small, "X").y;
    const float from = place.text_left ? place.text.x - place.text_width : place.text.x;
    const Box text{{from, place.text.y - line}, {from + place.text_width, place.text.y + line}};
    if (f.view.link(link).all.bytes() > 0 && text.contains(mouse)) return link;
  }
  return std::nullopt;
}

void HierarchyPanel::point_at(Frame& f, std::optional<Link> link, ImVec2 mouse) {
  if (link) {
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
    level_tooltip(f.theme(), f.view, level, f.context.run.recording.run().gpu);
    return;
  }
  if (ImGui::IsMouseClicked(0)) {
    link_.reset();
    f.context.selection.tensor.clear();
  }
}

void HierarchyPanel::draw_list(Context& context, Box area) {
  ImGui::SetCursorScreenPos(area.min);
  ImGui::PushStyleColor(ImGuiCol_ChildBg, with_alpha(context.theme.raised, 0.35f));
  if (ImGui::BeginChild("tensors", {area.width(), area.height()}, false,
                        ImGuiWindowFlags_AlwaysUseWindowPadding)) {
    const Link link = shown_link();
    draw_tensor_list(context, model_, link);
  }
  ImGui::EndChild();
  ImGui::PopStyleColor();
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

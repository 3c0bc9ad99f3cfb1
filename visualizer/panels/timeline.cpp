// Timeline: one column a token, for VRAM, SRAM and host RAM; below, the work inside the current
// one.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/traffic/units.h"
#include "visualizer/panels/timeline_parts.h"

namespace viz {
namespace {

using nlohmann::ordered_json;
using traffic::Phase;

constexpr TimelineLevel kSram[] = {TimelineLevel::kL2, TimelineLevel::kL1, TimelineLevel::kShared};

class TimelinePanel : public Panel {
 public:
  const char* id() const override { return "timeline"; }
  const char* title() const override { return "Timeline"; }
  const char* hint() const override {
    return "Bytes that each token moved, in VRAM, on the chip and over PCIe. Click a column to see "
           "its kernels below, drag to scrub, turn the wheel to zoom.";
  }
  void draw(Context& context) override;
  ordered_json seen(const Context& context) const override;

 private:
  TimelineLevel sram() const { return kSram[sram_]; }
  void follow(const Context& context);
  float draw_head(const Context& context, float width);
  void draw_lanes(Context& context, ImVec2 min, ImVec2 max);
  float lane_title(const TimelineFrame& frame, const std::string& name, const std::string& value,
                   float top, bool switches);
  void use_mouse(Context& context, const TimelineFrame& frame);

  TimelineModel model_;
  TimelineKernels kernels_;
  TimelineView view_;
  bool whole_ = true;  // the view shows all of the axis, also when it grows
  double shown_ = -1;  // the playhead when the view last followed it
  int sram_ = 0, scale_ = 0, cut_ = 0;
};

// The view of all grows with the axis; a nearer one goes with the playhead while that moves.
void TimelinePanel::follow(const Context& context) {
  const double length = model_.length();
  if (whole_) view_ = {0, length};
  view_.pan(0, length);
  const double now = model_.position(context.run.recording, context.run.playback);
  if (!whole_ && now >= 0 && now != shown_) view_.show(now, length);
  shown_ = now;
}

void TimelinePanel::draw(Context& context) {
  const Recording& recording = context.run.recording;
  model_.update(recording);
  follow(context);
  const Theme& t = context.theme;
  if (model_.columns().empty()) {
    ImGui::PushStyleColor(ImGuiCol_Text, t.muted);
    ImGui::TextWrapped("Nothing has been recorded yet. A column appears here with each token.");
    ImGui::PopStyleColor();
    return;
  }
  const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  const float head = draw_head(context, room.x);
  const int current = model_.of_work(context.run.playback.work());
  const bool inside = current >= 0 && room.y > t.px(300);
  const float below = inside ? std::max(t.px(158), 0.36f * room.y) : 0;
  const float bottom = at.y + room.y - below;
  draw_lanes(context, {at.x, at.y + head}, {at.x + room.x, bottom});
  if (!inside) return;
  const TimelineColumn& column = model_.columns()[size_t(current)];
  kernels_.update(recording, column.works);
  ImGui::SetCursorScreenPos({at.x, bottom + t.px(8)});
  kernels_.draw(context, column, sram());
}

// Switches at the right, the legend at the left or below them. Returns the height.
float TimelinePanel::draw_head(const Context& context, float width) {
  const Theme& t = context.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float gap = t.px(8), label = text_size(t.small, "prefill").x + t.px(6);
  const std::vector<const char*> scales = {"linear", "log"}, cuts = {"cut", "whole"};
  float x = at.x + width - choice_width(t, scales);
  ImGui::SetCursorScreenPos({x, at.y});
  scale_ = small_choice(t, "scale", scales, scale_, "the height of the bars");
  if (scale_ == 0 && model_.has_phase(Phase::kPrefill)) {
    x -= gap + choice_width(t, cuts);
    ImGui::SetCursorScreenPos({x, at.y});
    cut_ =
        small_choice(t, "prefill", cuts, cut_,
                     "whether a prefill that is much higher than all else goes on beyond the top");
    x -= label;
    put_text(ImGui::GetWindowDrawList(), t.small, {x, at.y + t.px(1.5f)}, t.muted, "prefill");
  }
  if (!whole_) {
    const std::vector<const char*> all = {"show all"};
    x -= gap + choice_width(t, all);
    ImGui::SetCursorScreenPos({x, at.y});
    if (small_choice(t, "all", all, -1, "or click twice into the lanes") == 0) whole_ = true;
  }
  std::vector<LegendItem> items;
  for (int i = 0; i < kTensorClasses; ++i) {
    const auto c = static_cast<TensorClass>(i);
    if (model_.has_class(c)) items.push_back({t.tensors[i], class_name(c), false});
  }
  if (sram() == TimelineLevel::kShared) items.push_back({t.muted, "shared memory", false});
  for (int i = 0; i < traffic::kPhases; ++i) {
    const auto p = static_cast<Phase>(i);
    const bool work = p != Phase::kLoad && p != Phase::kFlush;
    if (work && model_.has_phase(p)) items.push_back({t.phases[i], traffic::phase_name(p), true});
  }
  return draw_legend(ImGui::GetWindowDrawList(), t, at, x - at.x - 2 * gap, items) + t.px(4);
}

// Name and kind at the left, the current column's number at the right. Returns the height.
float TimelinePanel::lane_title(const TimelineFrame& f, const std::string& name,
                                const std::string& value, float top, bool switches) {
  const Theme& t = f.theme;
  const float line = text_size(t.small, "0").y;
  float x = f.left + put_text(f.list, t.small, {f.left, top + t.px(2)}, t.text, name) + t.px(8);
  if (switches) {
    ImGui::SetCursorScreenPos({x, top});
    const std::vector<const char*> names = {"L2", "L1", "shared"};
    sram_ = small_choice(
        t, "sram", names, sram_,
        "which memory on the chip: the cache of all, those of each SM, or what kernels keep there");
    x += choice_width(t, names) + t.px(8);
  }
  const float number = text_size(t.small, value).x;
  put_text(f.list, t.small, {f.right, top + t.px(2)}, t.accent, value, Align::kRight);
  const float room = f.right - number - t.px(10) - x;
  if (room > t.px(40)) {
    const bool rounds = model_.has_phase(Phase::kVerify);
    put_text(f.list, t.small, {x, top + t.px(2)}, t.muted,
             !rounds    ? "bytes a token, counted"
             : switches ? "bytes a round, counted"
                        : "bytes a round, counted; as wide as the tokens it brought",
             Align::kLeft, room);
  }
  return line + t.px(5);
}

void TimelinePanel::draw_lanes(Context& context, ImVec2 min, ImVec2 max) {
  const Theme& t = context.theme;
  const Recording& recording = context.run.recording;
  const float gutter = text_size(t.small, "0.00 MB").x + t.px(8), band = t.px(8);
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  TimelineFrame f{ImGui::GetWindowDrawList(),
                  t,
                  model_,
                  view_,
                  min.x + gutter,
                  max.x - t.px(6),
                  model_.of_work(context.run.playback.work()),
                  -1,
                  model_.position(recording, context.run.playback)};
  const bool inside = f.left <= mouse.x && mouse.x < f.right && min.y <= mouse.y && mouse.y < max.y;
  if (inside && !context.still && ImGui::IsWindowHovered()) {
    f.hovered = model_.at(f.position(mouse.x));
  }
  const float axis = 2 * text_size(t.small, "0").y + t.px(10), top = min.y + t.px(6);
  const bool bytes = !recording.works().empty();
  const int lanes = (bytes ? 3 : 0) + model_.measured();
  const float height = (max.y - axis - top - band) / float(std::max(lanes, 1));
  draw_phase_band(f, top, top + band);
  draw_playhead(f, top, top + band, true);
  float y = top + band + t.px(2);
  const TimelineLevel levels[] = {TimelineLevel::kVram, sram(), TimelineLevel::kHost};
  const char* const names[] = {"VRAM", "SRAM", "Host RAM over PCIe"};
  TimelineLevel under = TimelineLevel::kVram;
  for (int i = 0; i < 3 && bytes; ++i) {
    std::string value;
    if (f.current >= 0) {
      const TimelineColumn& c = model_.columns()[size_t(f.current)];
      const double total = double(c.at(levels[i]).total());
      value = column_name(c) + ": " + traffic::bytes_text(total);
      if (c.tokens > 1) value += ", " + traffic::bytes_text(total / c.tokens) + " a token";
    }
    const float title = lane_title(f, names[i], value, y, i == 1);
    draw_lane(f, levels[i], model_.scale(levels[i], scale_ == 1, cut_ == 0), y + title, y + height);
    if (mouse.y >= y) under = levels[i];
    y += height;
  }
  if (model_.measured()) {
    put_text(f.list, t.small, {f.left, y + t.px(2)}, t.text,
             bytes ? "Time: bars measured, lines modelled" : "Time a column, measured");
    draw_time_lane(f, model_.time_scale(scale_ == 1, cut_ == 0),
                   y + text_size(t.small, "0").y + t.px(5), y + height);
    y += height;
  }
  draw_axis(f, y + t.px(3));
  ImGui::SetCursorScreenPos({f.left, min.y});
  ImGui::InvisibleButton("lanes", {std::max(1.f, f.right - f.left), std::max(1.f, max.y - min.y)},
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                             ImGuiButtonFlags_MouseButtonMiddle);
  use_mouse(context, f);
  if (ImGui::IsItemHovered() && !context.still && f.hovered >= 0 && !ImGui::IsItemActive()) {
    column_tooltip(t, model_.columns()[size_t(f.hovered)], under);
  }
}

void TimelinePanel::use_mouse(Context& context, const TimelineFrame& f) {
  const ImGuiIO& io = ImGui::GetIO();
  const double length = model_.length();
  const double a_pixel = f.view.width() / double(f.right - f.left);
  const auto look = [&](auto move) {
    move();
    whole_ = view_.width() >= length - 1e-9;
    shown_ = model_.position(context.run.recording, context.run.playback);
  };
  if (ImGui::IsItemActive() && ImGui::IsMouseDown(ImGuiMouseButton_Left)) {
    const size_t work = model_.work_at(context.run.recording, f.position(io.MousePos.x));
    if (!context.run.recording.works().empty() && work != context.run.playback.work()) {
      context.run.playback.go_to_work(work, context.run.recording);
    }
  } else if (ImGui::IsItemActive() && io.MouseDelta.x != 0) {
    look([&] { view_.pan(-io.MouseDelta.x * a_pixel, length); });
  }
  if (!ImGui::IsItemHovered()) return;
  if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    look([&] { view_ = {0, length}; });
  } else if (io.MouseWheelH != 0 || (io.MouseWheel != 0 && io.KeyShift)) {
    const float turn = io.MouseWheelH != 0 ? io.MouseWheelH : io.MouseWheel;
    look([&] { view_.pan(-turn * 0.1 * f.view.width(), length); });
  } else if (io.MouseWheel != 0) {
    look([&] { view_.zoom(f.position(io.MousePos.x), std::pow(0.8, io.MouseWheel), length); });
  }
}

ordered_json bytes_json(const TimelineColumn& c, TimelineLevel level) {
  ordered_json json;
  const TimelineBytes& bytes = c.at(level);
  json["bytes"] = bytes.total();
  for (int i = 0; i < kTensorClasses; ++i) {
    if (bytes.by_class[i] > 0) json[class_name(static_cast<TensorClass>(i))] = bytes.by_class[i];
  }
  return json;
}

ordered_json TimelinePanel::seen(const Context& context) const {
  TimelineModel model;
  model.update(context.run.recording);
  ordered_json columns = ordered_json::array();
  for (const TimelineColumn& c : model.columns()) {
    ordered_json json = {{"column", c.label}, {"tokens", c.tokens}, {"text", c.text}};
    for (int i = 0; i < kTimelineLevels; ++i) {
      const auto level = static_cast<TimelineLevel>(i);
      json["counted"][level_name(level)] = bytes_json(c, level);
    }
    json["counted"]["launches"] = c.launches;
    json["declared"] = {{"library_bytes", c.library_bytes}};
    json["modelled"] = {{"seconds", c.seconds}};
    if (c.measured_seconds > 0) json["measured"] = {{"seconds", c.measured_seconds}};
    columns.push_back(std::move(json));
  }
  ordered_json works = ordered_json::array();
  const int current = model.of_work(context.run.playback.work());
  if (current >= 0) {
    const WorkRange range = model.columns()[size_t(current)].works;
    for (const TimelineWork& w : works_of(context.run.recording, range).works) {
      ordered_json counted;
      for (int i = 0; i < kTimelineLevels; ++i) {
        counted[level_name(static_cast<TimelineLevel>(i))] = w.bytes[i];
      }
      works.push_back(
          {{"name", w.name},
           {w.kind == Work::kLibrary ? "declared" : "counted", counted},
           {"modelled", {{"seconds", w.seconds}, {"bound", traffic::bound_name(w.bound)}}}});
    }
  }
  return {{"columns", columns},
          {"current", current < 0 ? "" : model.columns()[size_t(current)].label},
          {"works", works}};
}

}  // namespace

std::unique_ptr<Panel> make_timeline_panel() { return std::make_unique<TimelinePanel>(); }

}  // namespace viz

// On-chip tiles: one block of a kernel at work, step by step.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/traffic/units.h"  // bytes_text
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/panel.h"
#include "visualizer/panels/tiles_draw.h"

namespace viz {
namespace {

class TilesPanel : public Panel {
 public:
  const char* id() const override { return "tiles"; }
  const char* title() const override { return "On-chip tiles"; }
  const char* hint() const override {
    return "One block of a kernel, time to the right: rows loaded from memory (top), what stands "
           "in shared memory (middle), what goes back (bottom). Drag to move in time.";
  }
  void draw(Context& context) override;
  nlohmann::ordered_json seen(const Context& context) const override;

 private:
  void refresh(const Context& context);
  void find_groups(const Context& context);
  void choose(const Context& context);
  void show(const WalkGroup& group, const Recording& recording);
  const WalkGroup* shown() const;
  void controls(Context& context, const Box& box);
  void follow_time(const Context& context);
  void draw_foot(const Context& context, const Box& box, const TilesPicture& picture);
  void draw_nothing(const Context& context, const Box& box) const;

  std::vector<WalkGroup> groups_;
  Tiles tiles_;
  std::string label_;  // of the group that is shown
  int nth_ = 0;
  std::vector<size_t> works_shown_;

  float position_ = 1e9f;  // in columns; beyond the last: all is seen
  bool moved_ = false;     // by hand or by the block's own play, not by the run
  bool block_plays_ = false;

  // As of the last frame.
  const Recording* recording_ = nullptr;
  WorkRange part_;
  size_t works_ = 0, work_ = SIZE_MAX;
  double done_ = 0;
  bool slow_ = false;
  std::string kernel_;
};

WorkRange column_part(const Context& context) {
  return context.run.playback.range(Scope::kToken, context.run.recording);
}

bool has_work(const WalkGroup& group, size_t work) {
  return std::find(group.works.begin(), group.works.end(), work) != group.works.end();
}

const WalkGroup* TilesPanel::shown() const {
  for (const WalkGroup& g : groups_) {
    if (g.label == label_ && g.nth == nth_) return &g;
  }
  return nullptr;
}

void TilesPanel::find_groups(const Context& context) {
  const Recording& recording = context.run.recording;
  const WorkRange part = column_part(context);
  if (recording_ != &recording || recording.works().size() < works_) {
    label_.clear();
    works_shown_.clear();
    work_ = SIZE_MAX;
    part_ = {SIZE_MAX, SIZE_MAX};
  }
  recording_ = &recording;
  works_ = recording.works().size();
  if (part == part_) return;
  part_ = part;
  groups_ = walk_groups(recording, part);
}

// Stepping through kernels shows the current one; a kernel picked in another panel shows that; else
// what is shown stays, in the token that is current.
void TilesPanel::choose(const Context& context) {
  const Playback& playback = context.run.playback;
  const auto take = [&](const WalkGroup& g) {
    label_ = g.label, nth_ = g.nth;
    moved_ = block_plays_ = false;
  };
  if (playback.work() != work_ && !playback.playing()) {
    for (const WalkGroup& g : groups_) {
      if (has_work(g, playback.work())) take(g);
    }
  }
  if (context.selection.kernel != kernel_) {
    kernel_ = context.selection.kernel;
    for (const WalkGroup& g : groups_) {
      const auto is_it = [&](size_t w) {
        return !kernel_.empty() && context.run.recording.kernel_name(w) == kernel_;
      };
      if (std::none_of(g.works.begin(), g.works.end(), is_it)) continue;
      take(g);
      break;
    }
  }
  if (shown() != nullptr || groups_.empty()) return;
  const int nth = nth_;
  label_ = groups_[0].label, nth_ = 0;
  for (const WalkGroup& g : groups_) {
    if (g.label == label_ && g.nth == nth) nth_ = nth;
  }
}

void TilesPanel::refresh(const Context& context) {
  find_groups(context);
  choose(context);
  follow_time(context);
  const WalkGroup* group = shown();
  if (group == nullptr) {
    tiles_ = {};
    works_shown_.clear();
  } else if (group->works != works_shown_) {
    works_shown_ = group->works;
    tiles_ = tiles_of(context.run.recording, works_shown_);
  }
}

// The position inside the walk: the run's where it is slow enough to be seen, or the block's own.
void TilesPanel::follow_time(const Context& context) {
  const Playback& playback = context.run.playback;
  const size_t work = playback.work();
  if (work == work_) {
    slow_ = !playback.playing() || playback.done() - done_ < 0.1;
  } else if (work != work_ + 1) {
    slow_ = !playback.playing();
  }
  if (work != work_ && playback.playing()) moved_ = block_plays_ = false;
  work_ = work, done_ = playback.done();
  const float all = float(tiles_.columns.size());
  if (block_plays_) {
    const float seconds = std::clamp(all * 0.35f, 3.f, 20.f);
    position_ += context.still ? 0 : ImGui::GetIO().DeltaTime * all / seconds;
    if (position_ >= all) block_plays_ = false;
    return;
  }
  if (moved_) return;
  position_ = 1e9f;
  for (const TileSegment& s : tiles_.segments) {
    if (s.work != work || !slow_) continue;
    position_ = float(s.begin) + float(playback.done()) * float(s.end - s.begin);
  }
}

void TilesPanel::controls(Context& context, const Box& box) {
  const Theme& theme = context.theme;
  ImGui::SetCursorScreenPos({box.x, box.y});
  int of_label = 0;
  for (const WalkGroup& g : groups_) of_label += g.label == label_;
  ImGui::SetNextItemWidth(std::max(theme.px(120), box.width - theme.px(330)));
  if (ImGui::BeginCombo("##kernels", label_.c_str())) {
    for (const WalkGroup& g : groups_) {
      if (g.nth != 0) continue;
      if (ImGui::Selectable(g.label.c_str(), g.label == label_)) {
        label_ = g.label, nth_ = 0;
        moved_ = block_plays_ = false;
      }
    }
    ImGui::EndCombo();
  }
  ImGui::SameLine();
  if (ImGui::Button("<##nth") && nth_ > 0) --nth_;
  ImGui::SameLine(0, theme.px(6));
  const std::string nth = std::to_string(nth_ + 1) + " of " + std::to_string(of_label);
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(nth.c_str());
  ImGui::SameLine(0, theme.px(6));
  if (ImGui::Button(">##nth") && nth_ + 1 < of_label) ++nth_;
  ImGui::SameLine(0, theme.px(14));
  if (ImGui::Button(block_plays_ ? "stop the block" : "play the block")) {
    block_plays_ = !block_plays_;
    moved_ = true;
    position_ = block_plays_ ? 0 : 1e9f;
  }
}

void TilesPanel::draw_foot(const Context& context, const Box& box, const TilesPicture& picture) {
  const Theme& theme = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const int all = int(tiles_.columns.size());
  const int at = picture.hovered_column >= 0 ? picture.hovered_column
                 : position_ < float(all)    ? int(position_)
                                             : -1;
  float y = box.y;
  if (at >= 0) {
    const std::string text = "step " + std::to_string(at + 1) + " of " + std::to_string(all) +
                             ": " + column_text(context.run.recording, tiles_, at);
    put_text(list, theme.body, {box.x, y}, theme.text, text, Align::kLeft, box.width);
  } else {
    const std::string text =
        tiles_.round_trip_loaded > 0
            ? "Round trips of these blocks: " +
                  traffic::bytes_text(double(tiles_.round_trip_stored)) + " go down to VRAM, and " +
                  traffic::bytes_text(double(tiles_.round_trip_loaded)) +
                  " come up again: follow the arrows."
        : !tiles_.shared.empty()
            ? "Nothing comes back from VRAM that this block has written: it works in shared "
              "memory and registers."
            : "This block uses no shared memory: its values stay in registers.";
    put_text(list, theme.body, {box.x, y}, theme.text, text, Align::kLeft, box.width);
  }
  y += theme.px(22);
  std::string key = "Underlined: read. Dashed: barrier. Grey: not loaded (computed, or zeros).";
  if (picture.any_inferred) key += " Hatched: inferred, computed from what was loaded.";
  put_text(list, theme.small, {box.x, y}, theme.muted, key, Align::kLeft, box.width);
}

void TilesPanel::draw_nothing(const Context& context, const Box& box) const {
  const Theme& theme = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const char* lines[] = {
      "No kernel of this token has a recorded walk.",
      "A run that this window starts records one block of each kernel; of a file, only one",
      "that was recorded by ladder-traced with --walk-block first, middle, last or a number.",
      "Load and copy steps have no kernels: go to a token (timeline, or the arrows above)."};
  float y = box.y + box.height * 0.35f;
  for (const char* line : lines) {
    put_text(list, theme.body, {box.x + box.width / 2, y}, theme.muted, line, Align::kCenter,
             box.width);
    y += theme.px(22);
  }
}

void TilesPanel::draw(Context& context) {
  const Theme& theme = context.theme;
  const ImVec2 origin = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  if (room.x < theme.px(80) || room.y < theme.px(80)) return;
  refresh(context);
  const Box whole{origin.x, origin.y, room.x, room.y};
  if (tiles_.empty()) return draw_nothing(context, whole);
  controls(context, whole);
  const float head = theme.px(38), foot = theme.px(42);
  const Box picture{whole.x, whole.y + head, whole.width, whole.height - head - foot};
  ImGui::SetCursorScreenPos({picture.x, picture.y});
  ImGui::InvisibleButton("walk", {std::max(1.f, picture.width), std::max(1.f, picture.height)});
  const bool over = ImGui::IsItemHovered() && !context.still;
  const ImVec2 mouse = over ? ImGui::GetIO().MousePos : ImVec2(-1e6f, -1e6f);
  const TilesPicture drawn = draw_tiles(context, tiles_, picture, position_, mouse);
  if (ImGui::IsItemActive() && drawn.hovered_column >= 0) {
    moved_ = true, block_plays_ = false;
    position_ = float(drawn.hovered_column) + 1;
  }
  draw_foot(context, {whole.x, whole.bottom() - foot + theme.px(4), whole.width, foot}, drawn);
}

nlohmann::ordered_json TilesPanel::seen(const Context& context) const {
  const Recording& recording = context.run.recording;
  const auto groups = walk_groups(recording, column_part(context));
  const WalkGroup* group = nullptr;
  for (const WalkGroup& g : groups) {
    if (group == nullptr || (g.label == label_ && g.nth == nth_)) group = &g;
  }
  return tiles_json(group != nullptr ? group->label : "",
                    tiles_of(recording, group != nullptr ? group->works : std::vector<size_t>()));
}

}  // namespace

std::unique_ptr<Panel> make_tiles_panel() { return std::make_unique<TilesPanel>(); }

}  // namespace viz

// The VRAM map: all that is allocated, by size, and what the current token does to it.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/traffic/units.h"  // bytes_text
#include "visualizer/draw/shapes.h"
#include "visualizer/panels/panel.h"
#include "visualizer/panels/vram_draw.h"

namespace viz {
namespace {

using traffic::bytes_text;

constexpr auto kVram = simt::Space::kDevice;
constexpr auto kHost = simt::Space::kHost;

const char* when(Scope scope) {
  return scope == Scope::kKernel  ? "in this kernel"
         : scope == Scope::kToken ? "in this token"
                                  : "in the run so far";
}

bool has(const Recording& recording, size_t work, simt::Space space) {
  return std::any_of(
      recording.allocations().begin(), recording.allocations().end(),
      [&](const AllocationAt& a) { return a.space == space && a.from <= work && work < a.until; });
}

// Changes when other memory lives, or has another name.
size_t living_key(const Recording& recording, size_t work) {
  size_t key = recording.allocations().size();
  for (const AllocationAt& a : recording.allocations()) {
    const size_t lives = a.from <= work && work < a.until;
    key = key * 1099511628211u + lives * (1 + a.name.size());
  }
  return key;
}

class VramPanel : public Panel {
 public:
  const char* id() const override { return "vram"; }
  const char* title() const override { return "VRAM map"; }
  const char* hint() const override {
    return "All memory of the run, by size. Lit: read; bright edge: written. Right: the KV cache, "
           "a cell for each layer and position. Click an area to pick its tensor.";
  }
  void draw(Context& context) override;
  nlohmann::ordered_json seen(const Context& context) const override;

 private:
  void refresh(const Context& context);
  void lay_out(const Context& context, const Box& vram, const Box& host);
  float draw_head(Context& context, const Box& box);
  float draw_legend(const Context& context, const Box& box, bool cache);
  void draw_cache_side(Context& context, const Box& box, bool hovered);
  std::string cache_note(const Recording& recording) const;

  VramHeat heat_;
  CacheModel cache_;
  VramLayout vram_, host_;
  Box vram_box_, host_box_;
  size_t key_ = 0;
  MapLook look_;
  // What was seen last: another recording, or one that began anew, has new models.
  const Recording* recording_ = nullptr;
  size_t works_ = 0;
};

void VramPanel::refresh(const Context& context) {
  const Recording& recording = context.run.recording;
  if (recording_ != &recording || recording.works().size() < works_) {
    heat_ = {};
    cache_ = {};
    vram_ = host_ = {};
    key_ = 0;
  }
  recording_ = &recording;
  works_ = recording.works().size();
  const WorkRange part = context.run.playback.range(context.selection.scope, recording);
  heat_.update(recording, part);
  cache_.update(recording, context.run.playback.work(), part);
  look_.when = when(context.selection.scope);
}

void VramPanel::lay_out(const Context& context, const Box& vram, const Box& host) {
  const Recording& recording = context.run.recording;
  const size_t work = context.run.playback.work();
  const auto same = [](const Box& a, const Box& b) {
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
  };
  const size_t key = living_key(recording, work) | 1;
  if (key == key_ && same(vram, vram_box_) && same(host, host_box_)) return;
  key_ = key, vram_box_ = vram, host_box_ = host;
  const Theme& theme = context.theme;
  const float line = theme.small->FontSize;
  const LayoutSizes sizes{line + theme.px(4), line + theme.px(2), theme.px(3), theme.px(12)};
  vram_ = vram_layout(recording, work, kVram, vram, sizes);
  host_ = vram_layout(recording, work, kHost, host, sizes);
}

// The sums, and what the heat is of. Returns its height.
float VramPanel::draw_head(Context& context, const Box& box) {
  const Theme& theme = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const double of = double(context.run.recording.run().gpu.vram_bytes);
  std::string text = bytes_text(double(vram_.bytes)) + " of VRAM used";
  float x = box.x + put_text(list, theme.body, {box.x, box.y + theme.px(3)}, theme.text, text);
  if (of > 0) {
    text = "of " + bytes_text(of) + " (" + percent_text(double(vram_.bytes) / of) + ")";
    x += theme.px(6);
    x += put_text(list, theme.body, {x, box.y + theme.px(3)}, theme.muted, text);
  }
  if (host_.allocations > 0) {
    text = "and " + bytes_text(double(host_.bytes)) + " of pinned host RAM";
    x += theme.px(6);
    x += put_text(list, theme.body, {x, box.y + theme.px(3)}, theme.muted, text);
  }
  const std::string lit = "lit by bytes";
  const float word = text_size(theme.small, lit).x + theme.px(10);
  const float buttons = word + theme.px(324);
  const bool below = x + buttons + theme.px(20) > box.right();
  const float y = box.y + (below ? theme.px(26) : 0);
  const float at = below ? box.x : box.right() - buttons;
  put_text(list, theme.small, {at, y + theme.px(4)}, theme.muted, lit);
  ImGui::SetCursorScreenPos({at + word, y});
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {theme.px(4), theme.px(2)});
  if (ImGui::RadioButton("asked by kernels", look_.of == HeatOf::kAsked)) look_.of = HeatOf::kAsked;
  ImGui::SameLine();
  if (ImGui::RadioButton("through VRAM and PCIe", look_.of == HeatOf::kFar)) {
    look_.of = HeatOf::kFar;
  }
  ImGui::PopStyleVar();
  return theme.px(below ? 54 : 30);
}

// Returns its height.
float VramPanel::draw_legend(const Context& context, const Box& box, bool cache) {
  const Theme& theme = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float size = theme.px(10), line = theme.px(18);
  float x = box.x, y = box.y;
  const auto entry = [&](ImU32 color, ImU32 edge, const std::string& text) {
    const float need = size + theme.px(22) + text_size(theme.small, text).x;
    if (x > box.x && x + need - theme.px(16) > box.right()) x = box.x, y += line;
    const ImVec2 min{x, y + theme.px(3)}, max{x + size, y + theme.px(3) + size};
    list->AddRectFilled(min, max, color);
    if (edge != 0) list->AddRect(min, max, edge);
    put_text(list, theme.small, {x + size + theme.px(6), y}, theme.muted, text);
    x += need;
  };
  const ImU32 color = theme.tensor(TensorClass::kKvCache);
  if (cache) {
    entry(mix(theme.surface, theme.faint, theme.dark ? 0.55f : 0.35f), 0, "empty");
    entry(mix(theme.surface, color, 0.38f), 0, "filled earlier");
    entry(color, 0, std::string("read ") + look_.when);
    entry(written_color(theme), 0, std::string("written ") + look_.when);
  } else {
    const ImU32 any = theme.tensor(TensorClass::kWeights);
    entry(mix(theme.surface, any, 0.2f), 0, "not read");
    entry(mix(theme.surface, any, 0.55f), 0, "read once");
    entry(mix(theme.surface, any, 0.95f), 0, "read 16 times");
    entry(written_color(theme), 0, "written");
    const std::string what = std::string("counted ") + look_.when;
    put_text(list, theme.small, {x, y}, theme.muted, what, Align::kLeft,
             std::max(theme.px(30), box.right() - x));
  }
  return y - box.y + line;
}

std::string VramPanel::cache_note(const Recording& recording) const {
  if (recording.works().empty()) return "";
  if (cache_.grids().empty() && cache_.without_shape().empty() && cache_.too_fine().empty()) {
    return "There is no KV cache in this run: K and V of all tokens are computed again each time.";
  }
  if (cache_.grids().empty()) {
    return "This stream does not say the shape of its KV cache (an older one?): only sums are "
           "known, see the map.";
  }
  if (!cache_.has_ranges()) {
    return "This stream does not say which bytes a kernel touched (an older one?): rows stay empty "
           "here.";
  }
  return "";
}

void VramPanel::draw_cache_side(Context& context, const Box& box, bool hovered) {
  const Theme& theme = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  float y = box.y;
  put_text(list, theme.body, {box.x, y}, theme.text, "KV cache", Align::kLeft, box.width);
  const float name = text_size(theme.body, "KV cache ").x;
  put_text(list, theme.small, {box.x + name + theme.px(4), y + theme.px(2)}, theme.muted,
           "a line for each layer, a cell for each position", Align::kLeft, box.width - name);
  y += theme.px(24);
  const std::string note = cache_note(context.run.recording);
  if (!note.empty()) {
    ImGui::SetCursorScreenPos({box.x, y});
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + box.width);
    ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
    ImGui::TextUnformatted(note.c_str());
    ImGui::PopStyleColor();
    ImGui::PopTextWrapPos();
    y = ImGui::GetCursorScreenPos().y + theme.px(8);
  }
  if (cache_.grids().empty()) return;
  const float legend = theme.px(box.width < theme.px(420) ? 40 : 22);
  y = draw_cache(context, cache_, {box.x, y, box.width, box.bottom() - y - legend}, look_, hovered);
  draw_legend(context, {box.x, y + theme.px(6), box.width, legend}, true);
}

void VramPanel::draw(Context& context) {
  const Theme& theme = context.theme;
  const ImVec2 origin = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
  if (room.x < theme.px(80) || room.y < theme.px(80)) return;
  refresh(context);
  const Box whole{origin.x, origin.y, room.x, room.y};
  const float head = draw_head(context, whole);
  Box left{whole.x, whole.y + head, whole.width, whole.height - head}, right = left;
  const float gap = theme.px(20);
  if (whole.width >= theme.px(760)) {  // beside each other, or one above the other
    left.width = std::floor(whole.width * 0.58f);
    right.x += left.width + gap, right.width -= left.width + gap;
  } else {
    left.height = std::floor(left.height * 0.55f);
    right.y += left.height + gap / 2, right.height -= left.height + gap / 2;
  }
  const float legend = theme.px(22);
  const float line = theme.small->FontSize + theme.px(4);
  Box vram = left, host = left;
  vram.height -= legend;
  host.height = 0;
  const size_t work = context.run.playback.work();
  if (has(context.run.recording, work, kHost)) {
    const double share = double(host_.bytes) / std::max(1.0, double(host_.bytes + vram_.bytes));
    host.height = std::clamp(vram.height * float(share), theme.px(44), vram.height * 0.4f);
    vram.height -= host.height + line;
    host.y = vram.bottom() + line;
  }
  lay_out(context, vram, host);

  ImGui::SetCursorScreenPos({left.x, left.y});
  ImGui::InvisibleButton("map", {left.width, left.height});
  const bool over_map = ImGui::IsItemHovered() && !context.still;
  const ImVec2 mouse = over_map ? ImGui::GetIO().MousePos : ImVec2(-1e6f, -1e6f);
  const VramArea* area = draw_map(context, vram_, heat_, look_, mouse);
  if (host.height > 0) {
    put_text(ImGui::GetWindowDrawList(), theme.small, {host.x, vram.bottom() + theme.px(2)},
             theme.muted, "Host RAM, pinned (its own scale)", Align::kLeft, host.width);
    const VramArea* in_host = draw_map(context, host_, heat_, look_, mouse);
    if (in_host != nullptr) area = in_host;
  }
  draw_legend(context, {left.x, left.bottom() - legend + theme.px(4), left.width, legend}, false);
  if (area != nullptr) {
    area_tooltip(context, *area, heat_, look_);
    if (ImGui::IsMouseClicked(0) && !area->gathered()) {
      const std::string& name = context.run.recording.allocations()[area->allocations[0]].name;
      context.selection.tensor = context.selection.tensor == name ? "" : name;
    }
  }
  ImGui::SetCursorScreenPos({right.x, right.y});
  ImGui::InvisibleButton("cache", {std::max(1.f, right.width), std::max(1.f, right.height)});
  draw_cache_side(context, right, ImGui::IsItemHovered() && !context.still);
}

nlohmann::ordered_json VramPanel::seen(const Context& context) const {
  return vram_json(context.run.recording, context.run.playback, context.selection.scope);
}

}  // namespace

std::unique_ptr<Panel> make_vram_panel() { return std::make_unique<VramPanel>(); }

}  // namespace viz

// Fields and what they set.
#include "visualizer/shell/controls.h"

#include <imgui.h>
#include <imgui_stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/shell/choices.h"
#include "visualizer/shell/run_facts.h"

namespace viz {
namespace {

constexpr float kWide = -1;  // ImGui: up to the right edge

void muted_text(const Theme& theme, const std::string& text) {
  ImGui::PushFont(theme.small);
  ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
  ImGui::TextWrapped("%s", text.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

// The driver's device: of Linux, or of Windows' Linux.
bool gpu_is_there() { return access("/dev/nvidiactl", F_OK) == 0 || access("/dev/dxg", F_OK) == 0; }

void whole_number(const char* id, int* value, int least, int most) {
  ImGui::SetNextItemWidth(kWide);
  ImGui::InputInt(id, value, 1, 8);
  *value = std::clamp(*value, least, most);
}

}  // namespace

Controls::Controls(RunRequest request) : models_(known_models()) {
  for (const std::string& target : targets_in(own_folder())) {
    if (target == "native" || (target == "gpu" && gpu_is_there())) targets_.push_back(target);
  }
  // A GPU measures without being asked: it does not take the processor from the simulator.
  if (std::find(targets_.begin(), targets_.end(), "gpu") != targets_.end()) measure_ = "gpu";
  set_request(request);
}

void Controls::set_request(const RunRequest& request) {
  request_ = request;
  const auto known = [this](const std::string& path) {
    return std::any_of(models_.begin(), models_.end(),
                       [&path](const ModelChoice& m) { return m.path == path; });
  };
  own_model_ = !request.model.empty() && !known(request.model);
  own_draft_ = !request.draft.empty() && request.draft != "self" && !known(request.draft);
}

void Controls::draw_chapter(const Theme& theme, const CatalogData& catalog, HotSpots& spots) {
  field_label(theme, "Chapter");
  const ChapterInfo* now = catalog.find(request_.chapter, request_.variant);
  ImGui::SetNextItemWidth(kWide);
  const std::string shown = now == nullptr ? request_.chapter : now->id + "  " + now->name;
  const bool open = ImGui::BeginCombo("##chapter", shown.c_str(), ImGuiComboFlags_HeightLarge);
  spots.mark("combo:chapter");
  if (open) {
    std::string before;
    for (const ChapterInfo& c : catalog.chapters) {
      if (c.id == before) continue;
      before = c.id;
      if (ImGui::Selectable((c.id + "  " + c.name).c_str(), c.id == request_.chapter)) {
        const std::string place = now == nullptr ? "" : place_of(*now);
        request_.chapter = c.id;
        const ChapterInfo* same = variant_with(catalog, c.id, place, "");
        request_.variant = (same == nullptr ? &c : same)->variant;
      }
      spots.mark("chapter:" + c.id);
    }
    ImGui::EndCombo();
  }
  const auto variants = catalog.variants(request_.chapter);
  if (variants.size() > 1 && !only_places(variants)) {
    ImGui::SetNextItemWidth(kWide);
    if (ImGui::BeginCombo("##variant", request_.variant.c_str(), ImGuiComboFlags_HeightLarge)) {
      for (const ChapterInfo* c : variants) {
        if (ImGui::Selectable(c->variant.c_str(), c->variant == request_.variant)) {
          request_.variant = c->variant;
        }
        item_tooltip(c->idea);
      }
      ImGui::EndCombo();
    }
    spots.mark("combo:variant");
  }
  now = catalog.find(request_.chapter, request_.variant);
  if (now != nullptr) muted_text(theme, now->idea);
}

void Controls::draw_place(const Theme& theme, const CatalogData& catalog, HotSpots& spots) {
  const ChapterInfo* now = catalog.find(request_.chapter, request_.variant);
  const ChapterInfo* vram = variant_with(catalog, request_.chapter, "vram", last_vram_);
  const ChapterInfo* host = variant_with(catalog, request_.chapter, "host", "");
  if (now == nullptr || vram == nullptr || host == nullptr) return;
  field_label(theme, "K and V are kept in");
  int place = place_of(*now) == "host" ? 1 : 0;
  if (segmented(theme, "place", {"VRAM", "host RAM"}, &place, ImGui::GetContentRegionAvail().x)) {
    if (place == 1) last_vram_ = request_.variant;
    request_.variant = (place == 1 ? host : vram)->variant;
  }
  spots.mark("switch:kv");
}

void Controls::draw_model(const Theme& theme, const Catalog& catalog, Clicked& clicked,
                          HotSpots& spots) {
  field_label(theme, "Model");
  std::string shown = own_model_ ? "another file" : "default";
  for (const ModelChoice& m : models_) {
    if (m.path == request_.model && !own_model_) shown = m.title;
    if (request_.model.empty() && m.name == "default") shown = m.title;
  }
  ImGui::SetNextItemWidth(kWide);
  if (ImGui::BeginCombo("##model", shown.c_str())) {
    for (const ModelChoice& m : models_) {
      if (ImGui::Selectable(m.title.c_str(), m.path == request_.model)) {
        request_.model = m.path;
        own_model_ = false;
        clicked.model_changed = true;
      }
      item_tooltip(m.path);
    }
    if (ImGui::Selectable("another file", own_model_)) own_model_ = true;
    ImGui::EndCombo();
  }
  spots.mark("combo:model");
  if (own_model_) {
    ImGui::SetNextItemWidth(kWide);
    ImGui::InputTextWithHint("##model_path", "path of a GGUF file", &request_.model);
    spots.mark("field:model");
    if (ImGui::IsItemDeactivatedAfterEdit()) clicked.model_changed = true;
  }
  if (!catalog.message().empty()) {
    ImGui::PushStyleColor(ImGuiCol_Text, theme.bad);
    ImGui::TextWrapped("%s", catalog.message().c_str());
    ImGui::PopStyleColor();
  }
}

// ImGui's field does not wrap lines: while nobody types, the whole prompt is shown in its place.
void Controls::draw_prompt_box(const Theme& theme, float height) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, pad = theme.px(6);
  if (ImGui::InvisibleButton("##prompt_box", {width, height})) editing_ = 1;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 end = {at.x + width, at.y + height};
  list->AddRectFilled(
      at, end, ImGui::IsItemHovered() ? mix(theme.raised, theme.accent, 0.15f) : theme.raised,
      theme.px(4));
  list->PushClipRect(at, end, true);
  list->AddText(theme.body, theme.body->FontSize, {at.x + pad, at.y + theme.px(4)}, theme.text,
                request_.prompt.data(), request_.prompt.data() + request_.prompt.size(),
                width - 2 * pad);
  list->PopClipRect();
  item_tooltip(request_.prompt + "\n\nClick to change it.");
}

void Controls::draw_prompt(const Theme& theme, HotSpots& spots) {
  field_label(theme, "Prompt");
  const float height = ImGui::GetTextLineHeight() * 3 + theme.px(10);
  if (editing_ > 0) {
    if (editing_ == 1) ImGui::SetKeyboardFocusHere();
    ImGui::InputTextMultiline("##prompt", &request_.prompt, {kWide, height});
    // It takes ImGui a frame or two to give it the keyboard.
    editing_ = ++editing_ > 4 && !ImGui::IsItemActive() ? 0 : std::min(editing_, 5);
  } else {
    draw_prompt_box(theme, height);
  }
  spots.mark("field:prompt");
  field_label(theme, "New tokens");
  whole_number("##tokens", &request_.n_tokens, 1, 100000);
  spots.mark("field:tokens");
}

void Controls::draw_gpu(const Theme& theme, const CatalogData& catalog, HotSpots& spots) {
  field_label(theme, "GPU that is modelled");
  std::string shown = request_.gpu;
  for (const GpuInfo& gpu : catalog.gpus) {
    if (gpu.name == request_.gpu && !gpu.title.empty()) shown = gpu.title;
  }
  ImGui::SetNextItemWidth(kWide);
  if (ImGui::BeginCombo("##gpu", shown.c_str(), ImGuiComboFlags_HeightLarge)) {
    for (const GpuInfo& gpu : catalog.gpus) {
      const std::string& title = gpu.title.empty() ? gpu.name : gpu.title;
      if (ImGui::Selectable(title.c_str(), gpu.name == request_.gpu)) request_.gpu = gpu.name;
    }
    ImGui::EndCombo();
  }
  spots.mark("combo:gpu");
  item_tooltip(shown);
}

void Controls::draw_draft(const Theme& theme, const CatalogData& catalog) {
  const ChapterInfo* now = catalog.find(request_.chapter, request_.variant);
  if (now == nullptr || !now->draft) return;
  field_label(theme, "Model that drafts");
  std::string shown = own_draft_               ? "another file"
                      : request_.draft.empty() ? "the one beside the model"
                                               : "the model itself";
  for (const ModelChoice& m : models_) {
    if (m.path == request_.draft) shown = m.title;
  }
  ImGui::SetNextItemWidth(kWide);
  if (ImGui::BeginCombo("##draft", shown.c_str())) {
    const auto choose = [this](const char* title, const std::string& value) {
      if (ImGui::Selectable(title, request_.draft == value && !own_draft_)) {
        request_.draft = value;
        own_draft_ = false;
      }
    };
    choose("the one beside the model", "");
    choose("the model itself", "self");
    for (const ModelChoice& m : models_) choose(m.title.c_str(), m.path);
    if (ImGui::Selectable("another file", own_draft_)) own_draft_ = true;
    ImGui::EndCombo();
  }
  if (own_draft_) {
    ImGui::SetNextItemWidth(kWide);
    ImGui::InputTextWithHint("##draft_path", "path of a GGUF file", &request_.draft);
  }
  field_label(theme, "Tokens drafted at a time");
  int tokens = request_.draft_tokens == 0 ? 4 : request_.draft_tokens;
  whole_number("##draft_tokens", &tokens, 1, 64);
  request_.draft_tokens = tokens;
}

void Controls::draw_sampling() {
  if (!ImGui::CollapsingHeader("Sampling")) return;
  ImGui::PushItemWidth(ImGui::GetContentRegionAvail().x * 0.55f);
  ImGui::SliderFloat("temperature", &request_.temperature, 0, 2, "%.2f");
  item_tooltip("0 takes the most likely token");
  ImGui::InputInt("top-k", &request_.top_k, 1, 10);
  request_.top_k = std::max(0, request_.top_k);
  item_tooltip("Choose among so many most likely tokens; 0 means all");
  ImGui::SliderFloat("top-p", &request_.top_p, 0.05f, 1, "%.2f");
  item_tooltip("Choose among the fewest tokens whose probabilities reach this");
  constexpr uint64_t kStep = 1;
  ImGui::InputScalar("seed", ImGuiDataType_U64, &request_.seed, &kStep);
  ImGui::PopItemWidth();
}

void Controls::draw_more(const Theme& theme) {
  if (!ImGui::CollapsingHeader("More")) return;
  field_label(theme, "Positions in the cache (0: what the text needs)");
  whole_number("##context", &request_.context, 0, 1 << 20);
  field_label(theme, "Count only so many tokens (0: by the model)");
  whole_number("##count", &request_.count_tokens, 0, 100000);
  field_label(theme, "Block whose steps are recorded");
  ImGui::SetNextItemWidth(kWide);
  ImGui::InputTextWithHint("##walk", "first, middle, last or a number", &request_.walk_block);
  for (const std::string& target : targets_) {
    bool on = measure_ == target;
    const char* label = target == "gpu" ? "measure on this GPU" : "measure on this CPU";
    if (ImGui::Checkbox(label, &on)) measure_ = on ? target : "";
    item_tooltip("The same run by ladder-" + target +
                 ", beside the counting: its times are shown as measured.");
  }
}

void Controls::draw_open(const Theme& theme, Clicked& clicked) {
  if (!ImGui::CollapsingHeader("Open a recording")) return;
  field_label(theme, "Event file (or drop one on the window)");
  ImGui::SetNextItemWidth(kWide);
  const bool entered =
      ImGui::InputTextWithHint("##open", "path", &open_path_, ImGuiInputTextFlags_EnterReturnsTrue);
  if ((ImGui::Button("Open", {kWide, 0}) || entered) && !open_path_.empty()) {
    clicked.open = open_path_;
  }
}

Controls::Clicked Controls::draw(const Theme& theme, const Catalog& catalog, const Run& run,
                                 const Run& measured, HotSpots& spots) {
  Clicked clicked;
  const float button = theme.px(32);
  const float below = button + run_facts_height(theme) + 2 * ImGui::GetStyle().ItemSpacing.y;
  ImGui::BeginChild("form", {0, ImGui::GetContentRegionAvail().y - below});
  draw_chapter(theme, catalog.data(), spots);
  draw_place(theme, catalog.data(), spots);
  draw_model(theme, catalog, clicked, spots);
  draw_prompt(theme, spots);
  draw_gpu(theme, catalog.data(), spots);
  draw_draft(theme, catalog.data());
  ImGui::PushStyleColor(ImGuiCol_Header, theme.surface);  // closed ones should not shout
  draw_sampling();
  draw_more(theme);
  draw_open(theme, clicked);
  ImGui::PopStyleColor();
  ImGui::EndChild();
  const bool live = run.live() && !run.is_file();
  const float width = ImGui::GetContentRegionAvail().x;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float stop = theme.px(64);
  clicked.decode = main_button(theme, "Decode", {live ? width - stop - gap : width, button});
  spots.mark("button:decode");
  if (live) {
    ImGui::SameLine();
    clicked.stop = ImGui::Button("Stop", {stop, button});
    spots.mark("button:stop");
  }
  draw_run_facts(theme, run, measured);
  return clicked;
}

}  // namespace viz

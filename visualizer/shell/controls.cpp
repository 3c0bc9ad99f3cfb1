// Fields and what they set.
#include "visualizer/shell/controls.h"

#include <imgui.h>
#include <imgui_stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/shell/choices.h"
#include "visualizer/shell/fields.h"
#include "visualizer/shell/run_facts.h"

namespace viz {
namespace {

constexpr float kWide = -1;  // ImGui: up to the right edge

// The driver's device: of Linux, or of Windows' Linux.
bool gpu_is_there() { return access("/dev/nvidiactl", F_OK) == 0 || access("/dev/dxg", F_OK) == 0; }

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

void Controls::show_recording(RunRequest request) {
  const auto whole = [this](const std::string& name) {
    for (const ModelChoice& m : models_) {
      if (m.path.substr(m.path.rfind('/') + 1) == name) return m.path;
    }
    return name;
  };
  request.model = whole(request.model);
  request.draft = whole(request.draft);
  set_request(request);
}

bool Controls::differs(const RunRequest& request) const {
  RunRequest mine = request_, its = request;
  mine.program = its.program;
  for (RunRequest* r : {&mine, &its}) {
    if (r->model.empty()) r->model = default_model();
  }
  return mine != its;
}

void Controls::draw_chapter(const Theme& theme, const CatalogData& catalog, Clicked& clicked,
                            HotSpots& spots) {
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
        clicked.switched = clicked.switched || c.id != request_.chapter;
        const std::string place = now == nullptr ? "" : place_of(*now);
        request_.chapter = c.id;
        const ChapterInfo* same = variant_with(catalog, c.id, place, "");
        request_.variant = (same == nullptr ? &c : same)->variant;
      }
      spots.mark("chapter:" + c.id);
      item_tooltip(c.idea);
    }
    ImGui::EndCombo();
  }
  draw_variant(catalog, clicked, spots);
  now = catalog.find(request_.chapter, request_.variant);
  if (now != nullptr) muted_text(theme, now->idea);
}

void Controls::draw_variant(const CatalogData& catalog, Clicked& clicked, HotSpots& spots) {
  const auto variants = catalog.variants(request_.chapter);
  if (variants.size() < 2 || only_places(variants)) return;
  ImGui::SetNextItemWidth(kWide);
  const bool open =
      ImGui::BeginCombo("##variant", request_.variant.c_str(), ImGuiComboFlags_HeightLarge);
  spots.mark("combo:variant");
  if (!open) return;
  for (const ChapterInfo* c : variants) {
    if (ImGui::Selectable(c->variant.c_str(), c->variant == request_.variant)) {
      clicked.switched = clicked.switched || c->variant != request_.variant;
      request_.variant = c->variant;
    }
    spots.mark("variant:" + c->variant);
    item_tooltip(c->idea);
  }
  ImGui::EndCombo();
}

void Controls::draw_place(const Theme& theme, const CatalogData& catalog, Clicked& clicked,
                          HotSpots& spots) {
  const ChapterInfo* now = catalog.find(request_.chapter, request_.variant);
  const ChapterInfo* vram = variant_with(catalog, request_.chapter, "vram", last_vram_);
  const ChapterInfo* host = variant_with(catalog, request_.chapter, "host", "");
  if (now == nullptr || vram == nullptr || host == nullptr) return;
  field_label(theme, "K and V are kept in");
  int place = place_of(*now) == "host" ? 1 : 0;
  if (segmented(theme, "place", {"VRAM", "host RAM"}, &place, ImGui::GetContentRegionAvail().x)) {
    if (place == 1) last_vram_ = request_.variant;
    request_.variant = (place == 1 ? host : vram)->variant;
    clicked.switched = true;
  }
  spots.mark_part("switch:kv:vram", 0, 2);
  spots.mark_part("switch:kv:host", 1, 2);
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

// In the accent colour where it does something new: another click would only repeat what is shown.
void Controls::draw_decode(const Theme& theme, const Run& run, Clicked& clicked, HotSpots& spots) {
  const bool live = run.live() && !run.is_file();
  const bool fresh = run.is_file() || run.request().program.empty();
  const bool changed = !fresh && differs(run.request());
  const char* words = fresh ? "Decode" : changed ? "Apply and decode" : "Decode again";
  const float height = theme.px(32), stop = theme.px(56), gap = ImGui::GetStyle().ItemSpacing.x;
  const float width = ImGui::GetContentRegionAvail().x - (live ? stop + gap : 0);
  clicked.decode = fresh || changed ? main_button(theme, words, {width, height})
                                    : ImGui::Button(words, {width, height});
  spots.mark("button:decode");
  spots.say("decode", words);
  item_tooltip(fresh     ? "Start a decoder with these settings."
               : changed ? "The settings have changed: start the decoder anew with them."
                         : "Start the decoder anew, with the same settings.");
  if (!live) return;
  ImGui::SameLine();
  clicked.stop = ImGui::Button("Stop", {stop, height});
  spots.mark("button:stop");
}

Controls::Clicked Controls::draw(const Theme& theme, const Catalog& catalog, const Run& run,
                                 const Run& measured, HotSpots& spots) {
  Clicked clicked;
  const float button = theme.px(32);
  const float below = button + run_facts_height(theme) + 2 * ImGui::GetStyle().ItemSpacing.y;
  ImGui::BeginChild("form", {0, ImGui::GetContentRegionAvail().y - below});
  draw_chapter(theme, catalog.data(), clicked, spots);
  draw_place(theme, catalog.data(), clicked, spots);
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
  draw_decode(theme, run, clicked, spots);
  draw_run_facts(theme, run, measured);
  return clicked;
}

}  // namespace viz

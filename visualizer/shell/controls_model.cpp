// Which model decodes, and which one drafts.
#include <imgui.h>
#include <imgui_stdlib.h>

#include "visualizer/draw/shapes.h"
#include "visualizer/draw/widgets.h"
#include "visualizer/shell/controls.h"
#include "visualizer/shell/fields.h"

namespace viz {
namespace {

constexpr float kWide = -1;  // ImGui: up to the right edge

}  // namespace

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
  if (whole_number("##draft_tokens", &tokens, 1, 64)) request_.draft_tokens = tokens;
}

}  // namespace viz

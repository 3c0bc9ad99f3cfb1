// The kernels of a part of the run as a table.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/traffic/units.h"
#include "visualizer/draw/shapes.h"
#include "visualizer/models/kernels_model.h"
#include "visualizer/panels/kernels_cells.h"
#include "visualizer/panels/panel.h"

namespace viz {

namespace {

class KernelsPanel : public Panel {
 public:
  const char* id() const override { return "kernels"; }
  const char* title() const override { return "Kernels"; }
  const char* hint() const override {
    return "What each kernel moves and how long it takes. Click a column to sort by it, a row to "
           "pick its kernel; double click goes to its next launch.";
  }
  void draw(Context& context) override;
  nlohmann::ordered_json seen(const Context& context) const override;

 private:
  void draw_table(Context& context, ImGuiTableFlags flags, ImVec2 room);
  void set_up_columns(const Theme& theme) const;
  void draw_headers(const Context& context) const;
  void draw_header(const Theme& theme, int column, const char* title) const;
  void draw_total(const Context& context) const;
  void draw_line(Context& context, const KernelLine& line, const std::string& current);
  void draw_name(Context& context, const KernelLine& line, bool is_current);

  KernelsModel model_;
  int sorted_ = -1;  // column with the arrow
};

void KernelsPanel::draw(Context& context) {
  const Recording& recording = context.run.recording;
  const Playback& playback = context.run.playback;
  model_.look(recording, playback.range(context.selection.scope, recording));
  const Theme& theme = context.theme;
  ImGui::PushFont(theme.small);
  ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
  ImGui::TextWrapped("%s", kernels_caption(context).c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();

  constexpr ImGuiTableFlags kFlags =
      ImGuiTableFlags_Sortable | ImGuiTableFlags_Resizable | ImGuiTableFlags_Reorderable |
      ImGuiTableFlags_Hideable | ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollX |
      ImGuiTableFlags_ScrollY | ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_SizingFixedFit |
      ImGuiTableFlags_NoBordersInBody | ImGuiTableFlags_PadOuterX;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  if (room.x < 20 || room.y < 20) return;
  ImGui::PushFont(theme.small);
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {theme.px(4), theme.px(4)});
  draw_table(context, kFlags, room);
  ImGui::PopStyleVar();
  ImGui::PopFont();
}

void KernelsPanel::draw_table(Context& context, ImGuiTableFlags flags, ImVec2 room) {
  const Recording& recording = context.run.recording;
  const Playback& playback = context.run.playback;
  if (!ImGui::BeginTable("kernels", kKernelColumns, flags, room)) return;
  set_up_columns(context.theme);
  if (ImGuiTableSortSpecs* specs = ImGui::TableGetSortSpecs();
      specs != nullptr && specs->SpecsDirty) {
    if (specs->SpecsCount > 0) {
      model_.sort(static_cast<KernelColumn>(specs->Specs[0].ColumnUserID),
                  specs->Specs[0].SortDirection == ImGuiSortDirection_Descending);
    }
    specs->SpecsDirty = false;
    sorted_ = specs->SpecsCount > 0 ? int(specs->Specs[0].ColumnUserID) : -1;
  }
  draw_headers(context);
  if (!model_.rows().empty()) draw_total(context);

  const std::string current =
      recording.works().empty() ? "" : recording.kernel_name(playback.work());
  // A click on an arrow changes the lines: they are drawn from a copy.
  const std::vector<KernelLine> lines = model_.lines();
  ImGuiListClipper clipper;
  clipper.Begin(int(lines.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      ImGui::PushID(i);
      draw_line(context, lines[size_t(i)], current);
      ImGui::PopID();
    }
  }
  ImGui::EndTable();
}

void KernelsPanel::set_up_columns(const Theme& theme) const {
  ImGui::TableSetupScrollFreeze(1, model_.rows().empty() ? 1 : 2);
  for (int i = 0; i < kKernelColumns; ++i) {
    const KernelColumn column = static_cast<KernelColumn>(i);
    ImGuiTableColumnFlags flags = ImGuiTableColumnFlags_WidthFixed;
    flags |= column == KernelColumn::kName || column == KernelColumn::kBound
                 ? ImGuiTableColumnFlags_PreferSortAscending
                 : ImGuiTableColumnFlags_PreferSortDescending;
    if (column == KernelColumn::kSeconds) flags |= ImGuiTableColumnFlags_DefaultSort;
    if (column == KernelColumn::kName) flags |= ImGuiTableColumnFlags_NoHide;
    if (column == KernelColumn::kMeasured && !model_.has_measured()) {
      flags |= ImGuiTableColumnFlags_Disabled;
    }
    ImGui::TableSetupColumn(column_info(column).title, flags, theme.px(kernel_column_width(column)),
                            ImGuiID(i));
  }
}

void KernelsPanel::draw_headers(const Context& context) const {
  const traffic::GpuSpec& gpu = context.run.recording.run().gpu;
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
  for (int i = 0; i < kKernelColumns; ++i) {
    if (!ImGui::TableSetColumnIndex(i)) continue;
    const KernelColumn column = static_cast<KernelColumn>(i);
    const KernelColumnInfo& info = column_info(column);
    draw_header(context.theme, i, info.title);
    if (!ImGui::IsItemHovered() || context.still) continue;
    std::string text = info.meaning;
    if (column == KernelColumn::kIntensity && gpu.vram_bandwidth > 0) {
      text += " This GPU: " + traffic::count_text(gpu.fp32_multiply_adds / gpu.vram_bandwidth) +
              " in fp32.";
    }
    ImGui::BeginTooltip();
    ImGui::PushTextWrapPos(context.theme.px(340));
    if (*info.kind != '\0')
      ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(context.theme.accent), "%s", info.kind);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
  }
}

// Titles stand over their numbers, at the right.
void KernelsPanel::draw_header(const Theme& theme, int column, const char* title) const {
  const bool left = column == int(KernelColumn::kName) || column == int(KernelColumn::kBound);
  if (left) return ImGui::TableHeader(title);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  ImGui::PushID(column);
  ImGui::TableHeader("##title");
  ImGui::PopID();
  const float arrow = column == sorted_ ? theme.px(12) : 0;
  put_text(ImGui::GetWindowDrawList(), theme.small, {at.x + width - arrow, at.y}, theme.text, title,
           Align::kRight);
}

void KernelsPanel::draw_total(const Context& context) const {
  ImGui::TableNextRow();
  ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg0, context.theme.raised);
  ImGui::TableSetColumnIndex(0);
  ImGui::TextUnformatted("all");
  for (int i = 1; i < kKernelColumns; ++i) {
    if (!ImGui::TableSetColumnIndex(i)) continue;
    draw_kernel_cell(context.theme, static_cast<KernelColumn>(i), model_.total(), model_.total(),
                     Work::kLaunch);
  }
}

void KernelsPanel::draw_line(Context& context, const KernelLine& line, const std::string& current) {
  const KernelRow& row = model_.rows()[size_t(line.row)];
  const bool whole = line.instance < 0 && line.work == SIZE_MAX;
  const bool is_current = line.work == SIZE_MAX ? whole && row.name == current
                                                : line.work == context.run.playback.work();
  ImGui::TableNextRow();
  ImGui::TableSetColumnIndex(0);
  draw_name(context, line, is_current);
  const KernelSums sums = model_.line_sums(line);
  for (int i = 1; i < kKernelColumns; ++i) {
    if (!ImGui::TableSetColumnIndex(i)) continue;
    draw_kernel_cell(context.theme, static_cast<KernelColumn>(i), sums, model_.total(), row.kind,
                     whole ? 1.f : 0.6f);
  }
}

void KernelsPanel::draw_name(Context& context, const KernelLine& line, bool is_current) {
  const Theme& theme = context.theme;
  const Recording& recording = context.run.recording;
  const KernelRow& row = model_.rows()[size_t(line.row)];
  const bool whole = line.instance < 0 && line.work == SIZE_MAX;
  const float indent = theme.px(whole ? 0 : line.work == SIZE_MAX ? 14 : 28);
  const float arrow = theme.px(16);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetTextLineHeight(), width = ImGui::GetContentRegionAvail().x;

  const bool selected = whole && !row.name.empty() && context.selection.kernel == row.name;
  constexpr ImGuiSelectableFlags kFlags =
      ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowDoubleClick;
  if (ImGui::Selectable("##row", selected, kFlags, {0, height})) {
    const bool on_arrow = line.has_more && ImGui::GetIO().MousePos.x < at.x + indent + arrow;
    if (on_arrow) {
      model_.toggle(line);
    } else if (line.work != SIZE_MAX) {
      context.selection.kernel = row.name;
      context.run.playback.go_to_work(line.work, recording);
    } else if (ImGui::IsMouseDoubleClicked(0)) {
      context.selection.kernel = row.name;
      const size_t next =
          KernelsModel::next_launch(recording, row.name, context.run.playback.work());
      if (next != SIZE_MAX) context.run.playback.go_to_work(next, recording);
    } else {
      context.selection.kernel = selected ? "" : row.name;
    }
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (is_current) {
    list->AddRectFilled({at.x - theme.px(6), at.y - theme.px(1)},
                        {at.x - theme.px(3), at.y + height + theme.px(1)}, theme.accent);
  }
  float x = at.x + indent;
  if (line.has_more) {
    const ImVec2 c{x + theme.px(5), at.y + height / 2};
    const float s = theme.px(4);
    const ImVec2 down[] = {{c.x - s, c.y - s / 2}, {c.x + s, c.y - s / 2}, {c.x, c.y + s}};
    const ImVec2 right[] = {{c.x - s / 2, c.y - s}, {c.x + s, c.y}, {c.x - s / 2, c.y + s}};
    const ImVec2* p = line.open ? down : right;
    list->AddTriangleFilled(p[0], p[1], p[2], theme.muted);
  }
  x += arrow;
  std::string name = whole ? row.name : model_.line_name(line);
  if (line.work != SIZE_MAX) name = launch_text(recording, line.work);
  if (whole && row.kind == Work::kFlush) name = "(last write-backs of L2)";
  if (whole && row.kind == Work::kCopy) name = "(copies)";
  const bool plain = row.kind == Work::kLaunch && whole;
  const char* tag = whole && row.kind == Work::kLibrary ? "library" : "";
  float room = at.x + width - x;
  if (*tag != '\0') {
    const float w =
        put_text(list, theme.small, {at.x + width, at.y}, theme.muted, tag, Align::kRight);
    room -= w + theme.px(6);
  }
  put_text(list, theme.small, {x, at.y}, plain ? theme.text : theme.muted, name, Align::kLeft,
           std::max(room, 1.f));
  if (ImGui::IsItemHovered() && !context.still && text_size(theme.small, name).x > room) {
    ImGui::SetTooltip("%s", name.c_str());
  }
}

nlohmann::ordered_json KernelsPanel::seen(const Context& context) const {
  KernelsModel model;
  const Recording& recording = context.run.recording;
  model.look(recording, context.run.playback.range(context.selection.scope, recording));
  return kernels_json(context, model);
}

}  // namespace

std::unique_ptr<Panel> make_kernels_panel() { return std::make_unique<KernelsPanel>(); }

}  // namespace viz

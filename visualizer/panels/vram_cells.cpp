// The KV cache as a grid: a line for each layer, a cell for each position.
#include <algorithm>
#include <cmath>

#include "visualizer/draw/shapes.h"
#include "visualizer/panels/vram_draw.h"

namespace viz {
namespace {

using traffic::Phase;

// Where the cells of one grid are.
struct Cells {
  float x = 0, y = 0, width = 0, height = 0;  // of one cell
  uint64_t layers = 0, positions = 0;

  Box box() const { return {x, y, width * float(positions), height * float(layers)}; }
};

ImU32 cell_color(const Theme& theme, TensorClass kind, CacheCell cell) {
  const ImU32 color = theme.tensor(kind);
  switch (cell) {
    case CacheCell::kEmpty:
    case CacheCell::kComing:
      return mix(theme.surface, theme.faint, theme.dark ? 0.55f : 0.35f);
    case CacheCell::kKept:
      return mix(theme.surface, color, 0.38f);
    case CacheCell::kRead:
      return color;
    case CacheCell::kWritten:
      return written_color(theme);
  }
  return color;
}

void draw_runs(const Theme& theme, ImDrawList* list, const CacheGrid& grid, const Cells& at,
               TensorClass kind) {
  const float gap = std::min(2.f, at.height * 0.15f);
  for (const CacheRun& run : grid.runs) {
    const ImVec2 min{at.x + float(run.first) * at.width, at.y + float(run.layer) * at.height};
    ImVec2 max{at.x + float(run.end) * at.width, min.y + at.height - gap};
    if (run.cell == CacheCell::kWritten) max.x = std::max(max.x, min.x + 2);
    list->AddRectFilled(min, max, cell_color(theme, kind, run.cell));
    if (run.cell == CacheCell::kComing) {
      list->AddRect(min, {std::max(max.x, min.x + 3), max.y}, written_color(theme));
    }
  }
  if (at.width < 4 || at.positions > 256) return;
  const Box box = at.box();
  for (uint64_t p = 1; p < at.positions; ++p) {  // one line parts the cells of all layers
    const float x = std::round(at.x + float(p) * at.width);
    list->AddLine({x, box.y}, {x, box.bottom()}, theme.surface, 1);
  }
}

void draw_axes(const Theme& theme, ImDrawList* list, const Cells& at, float left, bool last) {
  const float line = theme.small->FontSize;
  const int step = std::max(1, int(std::ceil(line / std::max(0.1f, at.height))));
  for (uint64_t layer = 0; layer < at.layers; layer += uint64_t(step)) {
    const float y = at.y + (float(layer) + 0.5f) * at.height - line / 2;
    const std::string text = layer == 0 ? "layer 0" : std::to_string(layer);
    put_text(list, theme.small, {at.x - theme.px(6), y}, theme.muted, text, Align::kRight,
             at.x - left);
  }
  if (!last) return;
  const Box box = at.box();
  const double every = grid_step(double(at.positions), std::max(1, int(box.width / theme.px(60))));
  for (double p = 0; p < double(at.positions); p += std::max(1.0, every)) {
    const float x = at.x + (float(p) + 0.5f) * at.width;
    put_text(list, theme.small, {x, box.bottom() + theme.px(2)}, theme.muted,
             std::to_string(uint64_t(p)), Align::kCenter);
  }
}

// The text at a position of the run: of the prompt, then what was put out.
std::string text_at(const Recording& recording, uint64_t position) {
  const auto& prompt = recording.run().setup.prompt_pieces;
  if (prompt.empty()) return "";
  if (position < prompt.size()) return prompt[position];
  for (const TextAt& t : recording.texts()) {
    if (t.token >= 0 && uint64_t(t.token) + prompt.size() == position) return t.text;
  }
  return "";
}

std::string when_text(const Recording& recording, long work) {
  if (work < 0) return "not yet";
  const int step = recording.step_of(size_t(work));
  if (step < 0) return "";
  const Step& s = recording.steps()[size_t(step)];
  std::string text = traffic::phase_name(s.phase);
  if (s.phase != Phase::kPrefill && s.token >= 0) text += " of token " + std::to_string(s.token);
  return text;
}

void cell_tooltip(const Context& context, const CacheModel& cache, size_t g, uint64_t layer,
                  uint64_t position, const MapLook& look) {
  const Recording& recording = context.run.recording;
  const CacheGrid& grid = cache.grids()[g];
  const CacheRowFacts facts = cache.facts(recording, g, layer, position);
  std::vector<std::pair<std::string, std::string>> rows;
  const std::string text = text_at(recording, position);
  if (!text.empty()) rows.push_back({"token there", "\"" + text + "\""});
  rows.push_back({"bytes", exact_bytes(facts.bytes) + " in " + std::to_string(grid.shape.heads) +
                               (grid.shape.heads == 1 ? " head" : " heads")});
  rows.push_back({"last written", when_text(recording, facts.last_written)});
  rows.push_back({"read " + look.when,
                  facts.launches == 0 ? "no"
                                      : "by " + std::to_string(facts.launches) + " launches, " +
                                            std::to_string(facts.heads_read) + " of its heads"});
  value_tooltip(context.theme,
                grid.title + ", layer " + std::to_string(layer) + ", position " +
                    std::to_string(position) + " (counted)",
                rows);
}

// A title with what is filled. Returns its height.
float draw_title(const Theme& theme, ImDrawList* list, const AllocationAt& allocation,
                 const CacheGrid& grid, ImVec2 at, float width, const MapLook& look) {
  const float wide = put_text(list, theme.body, at, theme.text, grid.title);
  const uint64_t all = grid.shape.layers * grid.shape.rows;
  std::string text = std::to_string(grid.filled) + " of " + std::to_string(all) + " rows filled";
  if (allocation.space == simt::Space::kHost) text += ", in host RAM";
  text += "; " + look.when + " " + std::to_string(grid.rows_read) + " read, " +
          std::to_string(grid.rows_written) + " written";
  put_text(list, theme.small, {at.x + wide + theme.px(10), at.y + theme.px(2)}, theme.muted, text,
           Align::kLeft, std::max(1.f, width - wide - theme.px(10)));
  return theme.body->FontSize + theme.px(6);
}

// One grid with its title. `cell` is the height of a line. Returns where it ends.
float draw_grid(Context& context, const CacheModel& cache, size_t g, const Box& box, float cell,
                const MapLook& look, bool hovered, bool axis) {
  const Theme& theme = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const CacheGrid& grid = cache.grids()[g];
  const AllocationAt& allocation = context.run.recording.allocations()[grid.allocation];
  const float label = text_size(theme.small, "layer 00").x + theme.px(8);
  const float y =
      box.y + draw_title(theme, list, allocation, grid, {box.x, box.y}, box.width, look);
  Cells at{box.x + label, y, 0, cell, grid.shape.layers, grid.shape.rows};
  at.width = std::min((box.width - label) / float(grid.shape.rows), theme.px(30));
  draw_runs(theme, list, grid, at, class_of(allocation.name));
  draw_axes(theme, list, at, box.x, axis);
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  if (hovered && at.box().contains(mouse.x, mouse.y)) {
    const auto position = std::min(uint64_t((mouse.x - at.x) / at.width), grid.shape.rows - 1);
    const auto layer = std::min(uint64_t((mouse.y - at.y) / at.height), grid.shape.layers - 1);
    const ImVec2 min{at.x + float(position) * at.width, at.y + float(layer) * at.height};
    list->AddRect(min, {min.x + std::max(3.f, at.width), min.y + at.height}, theme.accent, 0, 0,
                  theme.px(1.5f));
    cell_tooltip(context, cache, g, layer, position, look);
    if (ImGui::IsMouseClicked(0)) context.selection.tensor = allocation.name;
  }
  return at.box().bottom();
}

}  // namespace

float draw_cache(Context& context, const CacheModel& cache, const Box& box, const MapLook& look,
                 bool hovered) {
  const Theme& theme = context.theme;
  const size_t count = cache.grids().size();
  if (count == 0) return box.y;
  const float axis = theme.small->FontSize + theme.px(4);
  const float title = theme.body->FontSize + theme.px(6), gap = theme.px(12);
  // Height of a line when that many grids stand side by side.
  const auto line_height = [&](size_t columns) {
    float all = box.height - axis;
    uint64_t layers = 0;
    for (size_t g = 0; g < count; g += columns) {
      uint64_t most = 0;
      for (size_t i = g; i < std::min(count, g + columns); ++i) {
        most = std::max(most, cache.grids()[i].shape.layers);
      }
      layers += most;
      all -= title + gap;
    }
    return all / float(layers);
  };
  const size_t columns = line_height(1) < theme.px(7) && box.width > theme.px(480) ? 2 : 1;
  const float cell = std::clamp(line_height(columns), 1.f, theme.px(32));
  const float width = (box.width - float(columns - 1) * gap) / float(columns);
  float y = box.y;
  for (size_t g = 0; g < count && y + title < box.bottom(); g += columns) {
    float end = y;
    for (size_t i = g; i < std::min(count, g + columns); ++i) {
      const Box place{box.x + float(i - g) * (width + gap), y, width, box.bottom() - y};
      end = std::max(
          end, draw_grid(context, cache, i, place, cell, look, hovered, g + columns >= count));
    }
    y = end + gap;
  }
  return y - gap + axis;
}

}  // namespace viz

// Small pictures that several panels draw, on an ImDrawList. Positions are pixels of the screen.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <string>
#include <vector>

#include "visualizer/draw/theme.h"

namespace viz {

enum class Align { kLeft, kCenter, kRight };

// One line of text whose left end, middle or right end is at x, its top at y. It is cut with "…"
// at `max_width` (0: never). Returns its width.
float put_text(ImDrawList* list, ImFont* font, ImVec2 at, ImU32 color, const std::string& text,
               Align align = Align::kLeft, float max_width = 0);
ImVec2 text_size(ImFont* font, const std::string& text);

// A bar cut into parts, from left to right or from bottom to top. `values` add up to `full` at
// most; what is left of the length stays empty.
struct BarPart {
  double value;
  ImU32 color;
};
void horizontal_bar(ImDrawList* list, ImVec2 min, ImVec2 max, const std::vector<BarPart>& parts,
                    double full, float rounding = 0);
void vertical_bar(ImDrawList* list, ImVec2 min, ImVec2 max, const std::vector<BarPart>& parts,
                  double full);

// What a square corner at `at` has more than a round one of radius r. x and y, 1 or -1, point
// inward.
void outside_corner(ImDrawList* list, ImVec2 at, float r, float x, float y, ImU32 color);

// A rectangle with round corners in an opaque colour; edges on whole pixels. A processor that draws
// has less to do than with ImGui's own, whose inside is a fan of triangles.
void fill_rounded(ImDrawList* list, ImVec2 min, ImVec2 max, ImU32 color, float rounding);
// The same around a hole, which stays as it is: what is drawn there need not be drawn twice.
void fill_around(ImDrawList* list, ImVec2 min, ImVec2 max, ImVec2 hole_min, ImVec2 hole_max,
                 ImU32 color, float rounding, float hole_rounding);

// The classes as coloured squares with their names, in one line or more; only those with
// show[class]. Returns the height.
float tensor_legend(ImDrawList* list, const Theme& theme, ImVec2 at, float width,
                    const std::array<bool, kTensorClasses>& show);

// A label of the kind of a number: "counted", "modelled", small and muted.
void kind_label(ImDrawList* list, const Theme& theme, ImVec2 at, const char* kind,
                Align align = Align::kLeft);

// A tooltip with a title and rows of name and value. Only while the mouse is there: the caller
// asks.
void value_tooltip(const Theme& theme, const std::string& title,
                   const std::vector<std::pair<std::string, std::string>>& rows);

std::string exact_bytes_text(uint64_t bytes);  // "8,004,812 B"
std::string percent_text(double share);        // "12.3%"; "-" for what is not a number
std::string ratio_text(double ratio);          // "2.06x", "0.12x"; "-" for what is not a number

// Steps of a grid with round numbers: the largest of 1, 2, 5 times a power of ten with at most
// `lines` steps up to `most`.
double grid_step(double most, int lines);

}  // namespace viz

// Things to click that ImGui does not bring, in the style of the theme.
#pragma once

#include <imgui.h>

#include <string>
#include <vector>

#include "visualizer/draw/theme.h"

namespace viz {

enum class Icon {
  kToStart,
  kBackToken,
  kBackKernel,
  kPlay,
  kPause,
  kNextKernel,
  kNextToken,
  kFollow,
  kMoon,
  kSun,
  kMenu,
  kHelp
};

// A square button of a frame's height. `on`: it stands for something that is switched on.
bool icon_button(const Theme& theme, const char* id, Icon icon, const std::string& tooltip,
                 bool on = false);

// Side by side, one of them chosen; true when another one was clicked. `width` 0: as they need.
bool segmented(const Theme& theme, const char* id, const std::vector<std::string>& names,
               int* chosen, float width = 0);

// A button in the accent colour.
bool main_button(const Theme& theme, const char* label, ImVec2 size);

// A small muted line above a field.
void field_label(const Theme& theme, const char* text);

// Text that may be cut off shows whole where the mouse is.
void item_tooltip(const std::string& text);

}  // namespace viz

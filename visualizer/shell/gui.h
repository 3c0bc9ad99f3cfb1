// ImGui on the current OpenGL context: style, fonts, frames.
#pragma once

#include <optional>
#include <string>

#include "visualizer/draw/theme.h"
#include "visualizer/shell/painter.h"

namespace viz {

class Gui {
 public:
  // `gl` stays as long as this.
  Gui(const Gl& gl, bool dark, float scale);
  ~Gui();
  Gui(const Gui&) = delete;
  Gui& operator=(const Gui&) = delete;

  const Theme& theme() const { return theme_; }
  // Take effect with the next frame.
  void set_dark(bool dark);
  void set_scale(float scale);
  // Characters of this text will be shown.
  void show_text(const std::string& text);

  // Before ImGui::NewFrame(): does what was set.
  void prepare_frame();
  // After ImGui::Render(): draws it. The host clears to theme().surface before: that is
  // cheaper than a window that covers all.
  void draw();

 private:
  void load();

  Theme theme_;
  bool stale_ = false;
  std::string rare_;
  std::optional<Painter> painter_;
};

}  // namespace viz

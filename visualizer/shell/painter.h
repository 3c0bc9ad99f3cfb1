// Draws ImGui's frames by its own OpenGL code, with less work for a processor that draws (see
// draw/draw_plan.h).
#pragma once

#include <imgui.h>

#include "visualizer/shell/gl.h"

namespace viz {

class Painter {
 public:
  // On the current context. Throws std::runtime_error when it takes no program of ours.
  explicit Painter(const Gl& gl);
  ~Painter();
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;

  // The texture of the fonts has been made anew.
  void use_fonts_texture() const;
  // Into the current framebuffer. Cuts the commands of `data`.
  void draw(ImDrawData* data);

 private:
  static void begin_fill(const ImDrawList*, const ImDrawCmd* command);
  static void begin_opaque_fill(const ImDrawList*, const ImDrawCmd* command);
  static void end_fill(const ImDrawList*, const ImDrawCmd* command);
  void make_program(GLuint beside);
  void begin(bool opaque);

  const Gl& gl_;
  GLuint fill_ = 0;  // program without a texture
  GLint fill_matrix_ = -1;
  GLuint imgui_ = 0;  // ImGui's program, in this frame
};

}  // namespace viz

// A program that reads no texture, beside ImGui's own.
#include "visualizer/shell/painter.h"

#include <backends/imgui_impl_opengl3.h>

#include <cstdint>
#include <stdexcept>

#include "visualizer/draw/draw_plan.h"

namespace viz {
namespace {

constexpr const char* kVertexShader = R"(#version 130
uniform mat4 ProjMtx;
in vec2 Position;
in vec4 Color;
out vec4 color;
void main() {
  color = Color;
  gl_Position = ProjMtx * vec4(Position, 0, 1);
}
)";
constexpr const char* kFragmentShader = R"(#version 130
in vec4 color;
out vec4 pixel;
void main() { pixel = color; }
)";

GLuint make_shader(const Gl& gl, GLenum kind, const char* source) {
  const GLuint shader = gl.create_shader(kind);
  gl.shader_source(shader, 1, &source, nullptr);
  gl.compile_shader(shader);
  return shader;
}

Painter& painter_of(const ImDrawCmd* command) {
  return *static_cast<Painter*>(command->UserCallbackData);
}

}  // namespace

Painter::Painter(const Gl& gl) : gl_(gl) {}

Painter::~Painter() {
  if (fill_ != 0) gl_.delete_program(fill_);
}

// It takes corners as ImGui's program does, from the same places.
void Painter::make_program(GLuint beside) {
  const GLuint shaders[] = {make_shader(gl_, GL_VERTEX_SHADER, kVertexShader),
                            make_shader(gl_, GL_FRAGMENT_SHADER, kFragmentShader)};
  fill_ = gl_.create_program();
  for (const GLuint shader : shaders) gl_.attach_shader(fill_, shader);
  for (const char* name : {"Position", "Color"}) {
    const GLint place = gl_.get_attribute_location(beside, name);
    if (place >= 0) gl_.bind_attribute_location(fill_, GLuint(place), name);
  }
  gl_.link_program(fill_);
  for (const GLuint shader : shaders) gl_.delete_shader(shader);
  GLint linked = 0;
  gl_.get_program(fill_, GL_LINK_STATUS, &linked);
  if (linked == 0) throw std::runtime_error("OpenGL: the program for fills is refused");
  fill_matrix_ = gl_.get_uniform_location(fill_, "ProjMtx");
}

// Text stands on whole pixels: the nearest point of the texture is the right one, and costs a
// processor a quarter of the mean of four.
void Painter::use_fonts_texture() const {
  // A pointer or a number, as ImGui's version has it.
  const auto texture = GLuint(intptr_t(ImGui::GetIO().Fonts->TexID));
  GLint before = 0;
  gl_.get_integer(GL_TEXTURE_BINDING_2D, &before);
  gl_.bind_texture(GL_TEXTURE_2D, texture);
  for (const GLenum filter : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER}) {
    gl_.texture_parameter(GL_TEXTURE_2D, filter, GL_NEAREST);
  }
  for (const GLenum wrap : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T}) {
    gl_.texture_parameter(GL_TEXTURE_2D, wrap, GL_CLAMP_TO_EDGE);
  }
  gl_.bind_texture(GL_TEXTURE_2D, GLuint(before));
}

void Painter::begin(bool opaque) {
  GLint current = 0;
  gl_.get_integer(GL_CURRENT_PROGRAM, &current);
  imgui_ = GLuint(current);
  if (fill_ == 0) make_program(imgui_);
  GLfloat matrix[16];
  gl_.get_uniform(imgui_, gl_.get_uniform_location(imgui_, "ProjMtx"), matrix);
  gl_.use_program(fill_);
  gl_.uniform_matrix(fill_matrix_, 1, GL_FALSE, matrix);
  if (opaque) gl_.disable(GL_BLEND);
}

void Painter::begin_fill(const ImDrawList*, const ImDrawCmd* command) {
  painter_of(command).begin(false);
}

void Painter::begin_opaque_fill(const ImDrawList*, const ImDrawCmd* command) {
  painter_of(command).begin(true);
}

void Painter::end_fill(const ImDrawList*, const ImDrawCmd* command) {
  const Painter& painter = painter_of(command);
  painter.gl_.use_program(painter.imgui_);
  painter.gl_.enable(GL_BLEND);
}

void Painter::draw(ImDrawData* data) {
  for (int i = 0; i < data->CmdListsCount; ++i) {
    plan_list(*data->CmdLists[i], {begin_fill, begin_opaque_fill, end_fill, this});
  }
  ImGui_ImplOpenGL3_RenderDrawData(data);
}

}  // namespace viz

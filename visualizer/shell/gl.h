// The few OpenGL functions that are called here; ImGui brings its own for all else. Found at run
// time, so that nothing is linked that a machine without a display may lack.
#pragma once

#include <GL/gl.h>
#include <GL/glext.h>

#include "visualizer/shell/png.h"

namespace viz {

struct Gl {
  using Address = void (*)();
  using Find = Address (*)(const char* name);
  // Throws std::runtime_error that names the function that is not there.
  explicit Gl(Find find);

  // What stands in the current framebuffer, without transparency.
  Image read(int width, int height) const;
  void clear(int width, int height, unsigned color) const;

  void (*bind_framebuffer)(GLenum, GLuint);
  void (*gen_framebuffers)(GLsizei, GLuint*);
  GLenum (*check_framebuffer_status)(GLenum);
  const GLubyte* (*get_string)(GLenum);
  void (*finish)();
  void (*viewport)(GLint, GLint, GLsizei, GLsizei);
  void (*clear_color)(GLfloat, GLfloat, GLfloat, GLfloat);
  void (*clear_mask)(GLbitfield);
  void (*pixel_store)(GLenum, GLint);
  void (*read_pixels)(GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, void*);
  void (*enable)(GLenum);
  void (*disable)(GLenum);
  void (*get_integer)(GLenum, GLint*);
  void (*gen_textures)(GLsizei, GLuint*);
  void (*bind_texture)(GLenum, GLuint);
  void (*texture_parameter)(GLenum, GLenum, GLint);
  void (*texture_image)(GLenum, GLint, GLint, GLsizei, GLsizei, GLint, GLenum, GLenum, const void*);
  void (*framebuffer_texture)(GLenum, GLenum, GLenum, GLuint, GLint);

  GLuint (*create_shader)(GLenum);
  void (*shader_source)(GLuint, GLsizei, const GLchar* const*, const GLint*);
  void (*compile_shader)(GLuint);
  void (*delete_shader)(GLuint);
  GLuint (*create_program)();
  void (*attach_shader)(GLuint, GLuint);
  GLint (*get_attribute_location)(GLuint, const GLchar*);
  void (*bind_attribute_location)(GLuint, GLuint, const GLchar*);
  void (*link_program)(GLuint);
  void (*delete_program)(GLuint);
  void (*get_program)(GLuint, GLenum, GLint*);
  void (*use_program)(GLuint);
  GLint (*get_uniform_location)(GLuint, const GLchar*);
  void (*get_uniform)(GLuint, GLint, GLfloat*);
  void (*uniform_matrix)(GLint, GLsizei, GLboolean, const GLfloat*);

 private:
  void find_programs(Find find);
};

}  // namespace viz

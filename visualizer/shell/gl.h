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
  void (*gen_renderbuffers)(GLsizei, GLuint*);
  void (*bind_renderbuffer)(GLenum, GLuint);
  void (*renderbuffer_storage)(GLenum, GLenum, GLsizei, GLsizei);
  void (*framebuffer_renderbuffer)(GLenum, GLenum, GLenum, GLuint);
  GLenum (*check_framebuffer_status)(GLenum);
  const GLubyte* (*get_string)(GLenum);
  void (*finish)();
  void (*viewport)(GLint, GLint, GLsizei, GLsizei);
  void (*clear_color)(GLfloat, GLfloat, GLfloat, GLfloat);
  void (*clear_mask)(GLbitfield);
  void (*pixel_store)(GLenum, GLint);
  void (*read_pixels)(GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, void*);
};

}  // namespace viz

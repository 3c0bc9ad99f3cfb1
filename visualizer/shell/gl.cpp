// Finding OpenGL's functions.
#include "visualizer/shell/gl.h"

#include <algorithm>
#include <stdexcept>

namespace viz {
namespace {

template <class Function>
void find_into(Function& function, Gl::Find find, const char* name) {
  function = reinterpret_cast<Function>(find(name));
  if (function == nullptr) {
    throw std::runtime_error(std::string("OpenGL: found no ") + name + ", expected OpenGL 3.0");
  }
}

}  // namespace

Gl::Gl(Find find) {
  find_into(bind_framebuffer, find, "glBindFramebuffer");
  find_into(gen_framebuffers, find, "glGenFramebuffers");
  find_into(check_framebuffer_status, find, "glCheckFramebufferStatus");
  find_into(get_string, find, "glGetString");
  find_into(finish, find, "glFinish");
  find_into(viewport, find, "glViewport");
  find_into(clear_color, find, "glClearColor");
  find_into(clear_mask, find, "glClear");
  find_into(pixel_store, find, "glPixelStorei");
  find_into(read_pixels, find, "glReadPixels");
  find_into(enable, find, "glEnable");
  find_into(disable, find, "glDisable");
  find_into(get_integer, find, "glGetIntegerv");
  find_into(gen_textures, find, "glGenTextures");
  find_into(bind_texture, find, "glBindTexture");
  find_into(texture_parameter, find, "glTexParameteri");
  find_into(texture_image, find, "glTexImage2D");
  find_into(framebuffer_texture, find, "glFramebufferTexture2D");
  find_programs(find);
}

void Gl::find_programs(Find find) {
  find_into(create_shader, find, "glCreateShader");
  find_into(shader_source, find, "glShaderSource");
  find_into(compile_shader, find, "glCompileShader");
  find_into(delete_shader, find, "glDeleteShader");
  find_into(create_program, find, "glCreateProgram");
  find_into(attach_shader, find, "glAttachShader");
  find_into(get_attribute_location, find, "glGetAttribLocation");
  find_into(bind_attribute_location, find, "glBindAttribLocation");
  find_into(link_program, find, "glLinkProgram");
  find_into(delete_program, find, "glDeleteProgram");
  find_into(get_program, find, "glGetProgramiv");
  find_into(use_program, find, "glUseProgram");
  find_into(get_uniform_location, find, "glGetUniformLocation");
  find_into(get_uniform, find, "glGetUniformfv");
  find_into(uniform_matrix, find, "glUniformMatrix4fv");
}

Image Gl::read(int width, int height) const {
  Image image{width, height, {}};
  const size_t row = size_t(width) * 4;
  image.rgba.resize(row * size_t(height));
  pixel_store(GL_PACK_ALIGNMENT, 1);
  read_pixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, image.rgba.data());
  for (int y = 0; y < height / 2; ++y) {  // OpenGL's first row is the lowest
    std::swap_ranges(image.rgba.begin() + ptrdiff_t(row * size_t(y)),
                     image.rgba.begin() + ptrdiff_t(row * size_t(y + 1)),
                     image.rgba.end() - ptrdiff_t(row * size_t(y + 1)));
  }
  for (size_t i = 3; i < image.rgba.size(); i += 4) image.rgba[i] = 255;
  return image;
}

void Gl::clear(int width, int height, unsigned color) const {
  const auto part = [color](int shift) { return float(color >> shift & 255) / 255; };
  viewport(0, 0, width, height);
  clear_color(part(0), part(8), part(16), 1);
  clear_mask(GL_COLOR_BUFFER_BIT);
}

}  // namespace viz

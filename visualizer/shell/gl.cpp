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
  find_into(gen_renderbuffers, find, "glGenRenderbuffers");
  find_into(bind_renderbuffer, find, "glBindRenderbuffer");
  find_into(renderbuffer_storage, find, "glRenderbufferStorage");
  find_into(framebuffer_renderbuffer, find, "glFramebufferRenderbuffer");
  find_into(check_framebuffer_status, find, "glCheckFramebufferStatus");
  find_into(get_string, find, "glGetString");
  find_into(finish, find, "glFinish");
  find_into(viewport, find, "glViewport");
  find_into(clear_color, find, "glClearColor");
  find_into(clear_mask, find, "glClear");
  find_into(pixel_store, find, "glPixelStorei");
  find_into(read_pixels, find, "glReadPixels");
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

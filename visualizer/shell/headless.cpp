// EGL on no surface (Mesa), else on a small buffer of a device; what is drawn goes to a framebuffer
// object of the wanted size.
#include "visualizer/shell/headless.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "visualizer/shell/gl.h"

namespace viz {
namespace {

Gl::Address find_by_egl(const char* name) { return eglGetProcAddress(name); }

// EGL_NO_DISPLAY when this platform is not there.
EGLDisplay open_display(EGLenum platform, void* native) {
  const auto get = reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(
      eglGetProcAddress("eglGetPlatformDisplayEXT"));
  if (get == nullptr) return EGL_NO_DISPLAY;
  const EGLDisplay display = get(platform, native, nullptr);
  if (display == EGL_NO_DISPLAY || !eglInitialize(display, nullptr, nullptr)) return EGL_NO_DISPLAY;
  return display;
}

EGLDisplay open_device() {
  const auto query =
      reinterpret_cast<PFNEGLQUERYDEVICESEXTPROC>(eglGetProcAddress("eglQueryDevicesEXT"));
  EGLDeviceEXT devices[16];
  EGLint count = 0;
  if (query == nullptr || !query(16, devices, &count)) return EGL_NO_DISPLAY;
  for (EGLint i = 0; i < count; ++i) {
    const EGLDisplay display = open_display(EGL_PLATFORM_DEVICE_EXT, devices[i]);
    if (display != EGL_NO_DISPLAY) return display;
  }
  return EGL_NO_DISPLAY;
}

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("no picture can be drawn: " + what +
                           " (packages libegl1, libgl1-mesa-dri)");
}

}  // namespace

struct Headless::Context {
  EGLDisplay display = EGL_NO_DISPLAY;
  EGLContext context = EGL_NO_CONTEXT;
  EGLSurface surface = EGL_NO_SURFACE;
  std::optional<Gl> gl;

  // Whether a context of that version is current now.
  bool make(EGLConfig config, EGLint major, EGLint minor) {
    const EGLint wanted[] = {EGL_CONTEXT_MAJOR_VERSION, major, EGL_CONTEXT_MINOR_VERSION, minor,
                             EGL_NONE};
    context = eglCreateContext(display, config, EGL_NO_CONTEXT, wanted);
    if (context == EGL_NO_CONTEXT) return false;
    if (eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) return true;
    const EGLint size[] = {EGL_WIDTH, 16, EGL_HEIGHT, 16, EGL_NONE};
    surface = eglCreatePbufferSurface(display, config, size);
    return surface != EGL_NO_SURFACE && eglMakeCurrent(display, surface, surface, context);
  }

  ~Context() {
    if (display == EGL_NO_DISPLAY) return;
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    if (surface != EGL_NO_SURFACE) eglDestroySurface(display, surface);
    if (context != EGL_NO_CONTEXT) eglDestroyContext(display, context);
    eglTerminate(display);
  }
};

Headless::Headless(int width, int height) : context_(std::make_unique<Context>()) {
  Context& c = *context_;
  c.display = open_display(EGL_PLATFORM_SURFACELESS_MESA, nullptr);
  if (c.display == EGL_NO_DISPLAY) c.display = open_device();
  if (c.display == EGL_NO_DISPLAY) fail("EGL has neither a surfaceless platform nor a device");
  const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, EGL_PBUFFER_BIT,
                           EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  if (!eglBindAPI(EGL_OPENGL_API) || !eglChooseConfig(c.display, wanted, &config, 1, &count) ||
      count == 0) {
    fail("EGL has no OpenGL");
  }
  if (!c.make(config, 3, 3) && !c.make(config, 3, 0)) fail("EGL has no OpenGL 3.0");
  c.gl.emplace(find_by_egl);
  GLuint framebuffer = 0, colors = 0;
  c.gl->gen_framebuffers(1, &framebuffer);
  c.gl->bind_framebuffer(GL_FRAMEBUFFER, framebuffer);
  // Blue first, as windows have it: for this order Mesa's software renderer has its fastest code.
  c.gl->gen_textures(1, &colors);
  c.gl->bind_texture(GL_TEXTURE_2D, colors);
  c.gl->texture_image(GL_TEXTURE_2D, 0, GL_RGBA, width, height, 0, GL_BGRA, GL_UNSIGNED_BYTE,
                      nullptr);
  c.gl->framebuffer_texture(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, colors, 0);
  c.gl->bind_texture(GL_TEXTURE_2D, 0);
  if (c.gl->check_framebuffer_status(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
    fail("a framebuffer of " + std::to_string(width) + "x" + std::to_string(height) +
         " is refused");
  }
}

Headless::~Headless() = default;

const Gl& Headless::gl() const { return *context_->gl; }

}  // namespace viz

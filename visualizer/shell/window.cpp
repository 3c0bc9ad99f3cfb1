// GLFW: a window, its events, and when to draw.
#include "visualizer/shell/window.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "visualizer/shell/app.h"
#include "visualizer/shell/bench.h"
#include "visualizer/shell/gl.h"
#include "visualizer/shell/text_file.h"

namespace viz {
namespace {

constexpr double kFrameSeconds = 1.0 / 60;
// How often a window in which nothing moves looks for news.
constexpr double kIdleSeconds = 0.1;
// ImGui needs a frame or two after an event until all has settled.
constexpr int kFramesAfterEvent = 3;

// What the callbacks tell the loop.
struct Events {
  App* app = nullptr;
  bool any = false;
};

Events& events_of(GLFWwindow* window) {
  return *static_cast<Events*>(glfwGetWindowUserPointer(window));
}

void on_key(GLFWwindow* window, int key, int, int action, int mods) {
  Events& events = events_of(window);
  events.any = true;
  if (action == GLFW_RELEASE) return;
  if (key == GLFW_KEY_F1) return events.app->command(Command::kHelp);
  if (key == GLFW_KEY_Q && (mods & GLFW_MOD_CONTROL) != 0) {
    return glfwSetWindowShouldClose(window, GLFW_TRUE);
  }
  if (ImGui::GetIO().WantTextInput || (mods & (GLFW_MOD_CONTROL | GLFW_MOD_ALT)) != 0) return;
  const bool shift = (mods & GLFW_MOD_SHIFT) != 0;
  switch (key) {
    case GLFW_KEY_SPACE:
      return events.app->command(Command::kPlay);
    case GLFW_KEY_LEFT:
      return events.app->command(shift ? Command::kBackToken : Command::kBackKernel);
    case GLFW_KEY_RIGHT:
      return events.app->command(shift ? Command::kNextToken : Command::kNextKernel);
    case GLFW_KEY_HOME:
      return events.app->command(Command::kRestart);
    case GLFW_KEY_END:
      return events.app->command(Command::kFollow);
    case GLFW_KEY_ESCAPE:
      return events.app->command(Command::kCloseHelp);
    default:
      break;
  }
  if (key >= GLFW_KEY_1 && key <= GLFW_KEY_9) {
    events.app->command(Command::kPanel1, key - GLFW_KEY_1);
  }
}

// ImGui's own callbacks are put in later; they call these.
void install_callbacks(GLFWwindow* window, Events& events) {
  glfwSetWindowUserPointer(window, &events);
  glfwSetKeyCallback(window, on_key);
  glfwSetCursorPosCallback(window, [](GLFWwindow* w, double, double) { events_of(w).any = true; });
  glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int, int, int) { events_of(w).any = true; });
  glfwSetScrollCallback(window, [](GLFWwindow* w, double, double) { events_of(w).any = true; });
  glfwSetCharCallback(window, [](GLFWwindow* w, unsigned character) {
    events_of(w).any = true;
    const bool typing = ImGui::GetIO().WantTextInput;
    if (character == '?' && !typing) events_of(w).app->command(Command::kHelp);
  });
  glfwSetCursorEnterCallback(window, [](GLFWwindow* w, int) { events_of(w).any = true; });
  glfwSetWindowFocusCallback(window, [](GLFWwindow* w, int) { events_of(w).any = true; });
  glfwSetWindowRefreshCallback(window, [](GLFWwindow* w) { events_of(w).any = true; });
  glfwSetFramebufferSizeCallback(window, [](GLFWwindow* w, int, int) { events_of(w).any = true; });
  glfwSetDropCallback(window, [](GLFWwindow* w, int count, const char** paths) {
    events_of(w).any = true;
    if (count > 0) events_of(w).app->open_file(paths[0]);
  });
}

std::string& glfw_problem() {
  static std::string text;
  return text;
}

// The window with its OpenGL context; the library as long as it lives.
class GlfwWindow {
 public:
  explicit GlfwWindow(const Options& options) {
    glfwSetErrorCallback([](int, const char* text) { glfw_problem() = text; });
    if (glfwInit() == GLFW_FALSE) {
      throw std::runtime_error(
          "no window can be opened: " + glfw_problem() +
          "\nWithout a display: --screenshot FILE draws a picture, --bench measures. From another "
          "machine: ssh -X (X forwarding), or a desktop session with DISPLAY set.");
    }
    // Nothing is drawn by depth, and Mesa's software renderer is fastest where there is none.
    glfwWindowHint(GLFW_DEPTH_BITS, 0);
    glfwWindowHint(GLFW_STENCIL_BITS, 0);
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, options.scale > 0 ? GLFW_FALSE : GLFW_TRUE);
    const float scale = options.scale > 0 ? options.scale : 1;
    const int width = int(std::lround(float(options.width) * scale));
    const int height = int(std::lround(float(options.height) * scale));
    for (const int minor : {3, 0}) {
      glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
      glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, minor);
      window_ = glfwCreateWindow(width, height, "Decoder Ladder", nullptr, nullptr);
      if (window_ != nullptr) break;
    }
    if (window_ == nullptr) {
      const std::string why = glfw_problem();
      glfwTerminate();
      throw std::runtime_error(
          "the display has no OpenGL 3.0: " + why +
          "\nPackages that bring it: libgl1-mesa-dri, libglx-mesa0. --screenshot FILE draws a "
          "picture without a display.");
    }
    glfwSetWindowSizeLimits(window_, 480, 320, GLFW_DONT_CARE, GLFW_DONT_CARE);
    glfwMakeContextCurrent(window_);
    glfwSwapInterval(options.bench ? 0 : 1);
  }
  ~GlfwWindow() {
    glfwDestroyWindow(window_);
    glfwTerminate();
  }
  GlfwWindow(const GlfwWindow&) = delete;
  GlfwWindow& operator=(const GlfwWindow&) = delete;

  GLFWwindow* get() const { return window_; }
  float content_scale() const {
    float x = 1, y = 1;
    glfwGetWindowContentScale(window_, &x, &y);
    // Where a window's unit is not a pixel, the system scales already.
    int width = 1, height = 1, pixels = 1, rows = 1;
    glfwGetWindowSize(window_, &width, &height);
    glfwGetFramebufferSize(window_, &pixels, &rows);
    const float done = width > 0 && pixels > 0 ? float(pixels) / float(width) : 1;
    return std::clamp(std::max(x, y) / done, 0.5f, 4.f);
  }

 private:
  GLFWwindow* window_ = nullptr;
};

// The loop's parts that need the window.
class Loop {
 public:
  Loop(const Options& options, GlfwWindow& window)
      : options_(options),
        window_(window),
        gl_([](const char* name) { return glfwGetProcAddress(name); }),
        gui_(gl_, options.dark.value_or(true),
             options.scale > 0 ? options.scale : window.content_scale()),
        app_(options, gui_, false) {
    events_.app = &app_;
    install_callbacks(window.get(), events_);
    ImGui_ImplGlfw_InitForOpenGL(window.get(), true);
    if (options.bench) bench_.emplace(options, app_);
  }
  ~Loop() { ImGui_ImplGlfw_Shutdown(); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  int run() {
    app_.start();
    double before = glfwGetTime();
    int due = kFramesAfterEvent;
    while (glfwWindowShouldClose(window_.get()) == GLFW_FALSE) {
      const double begin = glfwGetTime();
      if (bench_ && !bench_->next(begin)) break;
      FrameTime time;
      time.cpu = processor_ms();
      const bool changed = app_.update(begin - before);
      before = begin;
      time.update = 1e3 * (glfwGetTime() - begin);
      if (changed || std::exchange(events_.any, false) || bench_) due = kFramesAfterEvent;
      if (due > 0) {
        --due;
        frame(time);
      }
      // With vsync the swap has waited already; without it this keeps to 60 frames a second.
      const double rest = due > 0 ? kFrameSeconds - (glfwGetTime() - begin) : kIdleSeconds;
      rest > 0 ? glfwWaitEventsTimeout(rest) : glfwPollEvents();
    }
    if (bench_) {
      bench_->report(std::to_string(options_.width) + "x" + std::to_string(options_.height) +
                     ", window, " + reinterpret_cast<const char*>(gl_.get_string(GL_RENDERER)));
    }
    return 0;
  }

 private:
  void frame(FrameTime time) {
    const double begin = glfwGetTime();
    gui_.prepare_frame();
    ImGui_ImplGlfw_NewFrame();
    ImGui::NewFrame();
    app_.draw();
    ImGui::Render();
    const double built = glfwGetTime();
    int width = 0, height = 0;
    glfwGetFramebufferSize(window_.get(), &width, &height);
    gl_.clear(width, height, gui_.theme().surface);
    gui_.draw();
    if (bench_) {
      gl_.finish();
      time.build = 1e3 * (built - begin);
      time.render = 1e3 * (glfwGetTime() - built);
      time.cpu = processor_ms() - time.cpu;
      bench_->add(time);
    }
    save_picture(width, height);
    glfwSwapBuffers(window_.get());
    write_hot_spots();
  }

  void save_picture(int width, int height) {
    const std::optional<std::string> path = app_.take_picture_wish();
    if (!path) return;
    try {
      write_png(*path, gl_.read(width, height));
      app_.tell(false, "Saved as " + absolute_path(*path));
    } catch (const std::exception& e) {
      app_.tell(true, e.what());
    }
  }

  void write_hot_spots() {
    if (options_.hot_spots.empty()) return;
    const std::string text = app_.spots().text();
    if (text == spots_text_) return;
    spots_text_ = text;
    // Whoever reads it finds a whole file.
    write_text(options_.hot_spots + ".new", text);
    std::rename((options_.hot_spots + ".new").c_str(), options_.hot_spots.c_str());
  }

  const Options& options_;
  GlfwWindow& window_;
  Gl gl_;
  Gui gui_;
  App app_;
  Events events_;
  std::optional<Bench> bench_;
  std::string spots_text_;
};

}  // namespace

bool display_is_there() {
  for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return true;
  }
  return false;
}

int run_window(const Options& options) {
  GlfwWindow window(options);
  return Loop(options, window).run();
}

}  // namespace viz

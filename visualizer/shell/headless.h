// OpenGL without a display: a framebuffer in memory, drawn by the processor.
#pragma once

#include <memory>

#include "visualizer/shell/gl.h"

namespace viz {

// The context is current in the thread that made it, until the destructor.
class Headless {
 public:
  // Pixels. Throws std::runtime_error that says what is missing and which packages bring it.
  Headless(int width, int height);
  ~Headless();
  Headless(const Headless&) = delete;
  Headless& operator=(const Headless&) = delete;

  const Gl& gl() const;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace viz

// A picture of the whole window.
#include "visualizer/shell/screenshot.h"

#include <imgui.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "visualizer/shell/app.h"
#include "visualizer/shell/headless.h"

namespace viz {

int without_window(const Options& options) {
  setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);  // the same picture, whatever the machine has
  const float scale = options.scale > 0 ? options.scale : 1;
  const int width = int(std::lround(float(options.width) * scale));
  const int height = int(std::lround(float(options.height) * scale));
  Headless screen(width, height);
  Gui gui(options.dark.value_or(true), scale);
  App app(options, gui, true);
  app.start();
  app.run().take_all(options.at ? &*options.at : nullptr);
  if (app.run().source().state() == Source::State::kFailed) {
    std::fprintf(stderr, "ladder-viz: %s\n", app.run().source().message().c_str());
    return 1;
  }
  if (app.other() != nullptr) app.other()->take_all();
  app.stand_at(options.at ? &*options.at : nullptr);
  // ImGui knows the sizes of things only after it has drawn them once.
  for (int frame = 0; frame < 4; ++frame) {
    gui.prepare_frame();
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = {float(width), float(height)};
    io.DeltaTime = 1.f / 60;
    ImGui::NewFrame();
    app.draw();
    ImGui::Render();
    app.update(0);
  }
  screen.gl().clear(width, height, gui.theme().background);
  gui.draw();
  write_png(options.screenshot, screen.gl().read(width, height));
  return 0;
}

}  // namespace viz

// A picture of the whole window.
#include "visualizer/shell/screenshot.h"

#include <imgui.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "visualizer/shell/text_file.h"

namespace viz {

void prepare_picture(App& app, const Options& options) {
  app.start();
  while (app.starting()) {
    app.update(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  app.run().take_all();
  if (app.other() != nullptr) app.other()->take_all();
  app.update(0);
  // What an option asks for that there is not.
  if (!app.messages().empty() && app.messages().front().text.rfind("--", 0) == 0) {
    throw OptionError(app.messages().front().text);
  }
  if (!app.messages().empty()) throw std::runtime_error(app.messages().front().text);
  const std::string wrong = options.at ? app.token_problem(*options.at) : "";
  if (!wrong.empty()) throw OptionError(wrong);
  app.stand_at(options.at ? &*options.at : nullptr);
}

Image draw_picture(Headless& screen, Gui& gui, App& app, int width, int height) {
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
  screen.gl().clear(width, height, gui.theme().surface);
  gui.draw();
  return screen.gl().read(width, height);
}

int without_window(const Options& options) {
  setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);  // the same picture, whatever the machine has
  const float scale = options.scale > 0 ? options.scale : 1;
  const int width = int(std::lround(float(options.width) * scale));
  const int height = int(std::lround(float(options.height) * scale));
  Headless screen(width, height);
  Gui gui(screen.gl(), options.dark.value_or(true), scale);
  App app(options, gui, true);
  prepare_picture(app, options);
  const Image image = draw_picture(screen, gui, app, width, height);
  if (!options.export_json.empty()) app.write_json(options.export_json);
  if (!options.export_trace.empty()) app.write_trace(options.export_trace);
  if (!options.hot_spots.empty()) write_text(options.hot_spots, app.spots().text());
  if (!options.screenshot.empty()) write_png(options.screenshot, image);
  return 0;
}

}  // namespace viz

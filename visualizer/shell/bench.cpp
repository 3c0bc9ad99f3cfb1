// Timing frames.
#include "visualizer/shell/bench.h"

#include <imgui.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "visualizer/shell/choices.h"
#include "visualizer/shell/headless.h"

namespace viz {
namespace {

// The first frames of a panel build its model and let ImGui find the sizes of things.
constexpr int kWarmUp = 5;

}  // namespace

Bench::Bench(const Options& options, App& app)
    : options_(options), app_(app), count_(app.panels().size()) {
  if (!options.panel.empty()) {
    count_ = 1;
    for (size_t i = 0; i < app.panels().size(); ++i) {
      if (app.panels()[i]->id() == options.panel) first_ = i;
    }
  }
}

void Bench::show(size_t panel) {
  if (begin_ >= 0 && &app_.panel() == app_.panels()[panel].get()) return;
  app_.show_panel(app_.panels()[panel]->id());
  frames_of_panel_ = 0;
}

// A second run as the chapter before would be: of the same model and prompt.
void Bench::compare() {
  if (!options_.replay.empty() || options_.compare) return;
  if (app_.other() != nullptr && app_.other()->live()) return;
  app_.with_context([](Context& context) {
    RunRequest request = context.run.request;
    request.chapter = request.chapter == "02" ? "01" : "02";
    const bool known =
        context.catalog != nullptr && settle_variant(request, "", *context.catalog).empty();
    if (known) context.wishes.compare = request;
  });
}

bool Bench::next(double now) {
  if (app_.starting() || app_.run().empty()) {  // the decoder is about to begin
    if (begin_ < 0) show(first_);
    return app_.messages().empty();
  }
  const auto turn = begin_ < 0 ? 0 : size_t((now - begin_) / options_.bench_seconds);
  if (turn >= count_) return false;
  show(first_ + turn);
  if (begin_ < 0) begin_ = now, runs_ = 1;
  if (!app_.run().live() && options_.replay.empty()) app_.decode_again(), ++runs_;
  if (app_.panel().id() == std::string("compare")) compare();
  return true;
}

void Bench::add(FrameTime time) {
  const size_t works = app_.run().recording().works().size();
  time.works = works >= works_ ? works - works_ : works;  // fewer: it has begun anew
  time.live = app_.run().live();
  works_ = works;
  if (begin_ < 0 || app_.run().empty() || ++frames_of_panel_ <= kWarmUp) return;
  times_.add(app_.panel().id(), time);
}

std::string Bench::beside() const {
  if (!options_.replay.empty()) return "beside it: nothing, a file is shown";
  const RunRequest& request = app_.run().request();
  double load[1] = {};
  char text[160];
  std::snprintf(text, sizeof text,
                "beside it: chapter %s decodes, begun %d times; %ld processors, load average %.1f",
                request.chapter.c_str(), runs_, sysconf(_SC_NPROCESSORS_ONLN),
                getloadavg(load, 1) == 1 ? load[0] : 0.0);
  return text;
}

void Bench::report(const std::string& where) const {
  const std::string all = where + ", " + beside();
  if (options_.bench_json) {
    std::fputs(times_.json(all).c_str(), stdout);
    return;
  }
  std::printf("%s\n%s", all.c_str(), times_.table().c_str());
}

int bench_without_window(const Options& options) {
  setenv("LIBGL_ALWAYS_SOFTWARE", "1", 0);
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::time_point t) {
    return std::chrono::duration<double>(t.time_since_epoch()).count();
  };
  const float scale = options.scale > 0 ? options.scale : 1;
  const int width = int(std::lround(float(options.width) * scale));
  const int height = int(std::lround(float(options.height) * scale));
  Headless screen(width, height);
  Gui gui(screen.gl(), options.dark.value_or(true), scale);
  App app(options, gui, false);
  app.start();
  Bench bench(options, app);
  constexpr std::chrono::microseconds kFrame(16667);
  Clock::time_point due = Clock::now(), before = due;
  while (bench.next(seconds(Clock::now()))) {
    const Clock::time_point t0 = Clock::now();
    const double cpu = processor_ms();
    app.update(seconds(t0) - seconds(before));
    before = t0;
    const Clock::time_point t1 = Clock::now();
    gui.prepare_frame();
    ImGui::GetIO().DisplaySize = {float(width), float(height)};
    ImGui::GetIO().DeltaTime = 1.f / 60;
    ImGui::NewFrame();
    app.draw();
    ImGui::Render();
    const Clock::time_point t2 = Clock::now();
    screen.gl().clear(width, height, gui.theme().surface);
    gui.draw();
    screen.gl().finish();
    const Clock::time_point t3 = Clock::now();
    bench.add({1e3 * (seconds(t1) - seconds(t0)), 1e3 * (seconds(t2) - seconds(t1)),
               1e3 * (seconds(t3) - seconds(t2)), processor_ms() - cpu});
    due = std::max(due + kFrame, Clock::now());
    std::this_thread::sleep_until(due);
  }
  for (const Message& message : app.messages()) {
    std::fprintf(stderr, "ladder-viz: %s\n", message.text.c_str());
  }
  bench.report(std::to_string(width) + "x" + std::to_string(height) + ", without a display, " +
               reinterpret_cast<const char*>(screen.gl().get_string(GL_RENDERER)));
  return app.messages().empty() ? 0 : 1;
}

}  // namespace viz

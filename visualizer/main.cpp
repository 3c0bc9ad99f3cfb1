// ladder-viz: shows where a decoder's bytes move.
#include <cstdio>
#include <exception>

#include "visualizer/options.h"
#include "visualizer/shell/bench.h"
#include "visualizer/shell/screenshot.h"
#include "visualizer/shell/window.h"

int main(int argc, char** argv) {
  try {
    const viz::Options options = viz::parse_options({argv + 1, argv + argc});
    if (options.help) {
      std::fputs(viz::help_text().c_str(), stdout);
      return 0;
    }
    if (options.no_window()) return viz::without_window(options);
    if (options.bench && !viz::display_is_there()) return viz::bench_without_window(options);
    return viz::run_window(options);
  } catch (const viz::OptionError& e) {
    std::fprintf(stderr, "ladder-viz: %s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "ladder-viz: %s\n", e.what());
    return 1;
  }
}

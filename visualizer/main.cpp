// ladder-viz: shows where a decoder's bytes move.
#include <cstdio>
#include <exception>

#include "visualizer/options.h"
#include "visualizer/shell/screenshot.h"

int main(int argc, char** argv) {
  try {
    const viz::Options options = viz::parse_options({argv + 1, argv + argc});
    if (options.help) {
      std::fputs(viz::help_text().c_str(), stdout);
      return 0;
    }
    return viz::without_window(options);
  } catch (const viz::OptionError& e) {
    std::fprintf(stderr, "ladder-viz: %s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "ladder-viz: %s\n", e.what());
    return 1;
  }
}

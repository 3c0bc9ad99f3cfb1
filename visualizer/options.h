// The command line of ladder-viz.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/decode/option_values.h"  // OptionError
#include "visualizer/core/run_request.h"

namespace viz {

struct Options {
  bool help = false;

  RunRequest run;                 // what is decoded first; its program is not set here
  std::string target = "traced";  // the program: "traced"; "native" and "gpu" for measured time
  std::string measure;            // "native", "gpu": runs beside it; "none"; empty: gpu, if any
  std::string kv;                 // "vram", "host"; empty: as the chapter and variant say
  std::string replay;             // an event file that is shown instead
  std::string record;             // the event stream goes there too
  std::optional<std::string> compare;  // "03" or "03:vram" or an event file, as second run

  std::string panel;      // shown first; empty: the first one
  std::optional<int> at;  // text token (from 0) where the picture stands; not given: the end
  std::string card;       // of the tour, as "02.3"; empty: none
  std::string scope;      // "kernel", "token" or "run"; empty: token
  std::optional<bool> dark;
  int width = 1280, height = 800;  // of the window, at scale 1
  float scale = 0;                 // 0: as the monitor says

  std::string screenshot;    // PNG file; no window is opened
  std::string export_json;   // what the panel shows; no window is opened
  std::string export_trace;  // Chrome trace; no window is opened
  std::string hot_spots;     // where tabs and buttons are, for tests of the window
  bool bench = false;
  double bench_seconds = 5;
  bool bench_json = false;

  // Files are written, and no window is opened.
  bool no_window() const {
    return !screenshot.empty() || !export_json.empty() || !export_trace.empty();
  }
};

using decode::OptionError;

// Throws OptionError.
Options parse_options(const std::vector<std::string>& arguments);

std::string help_text();

}  // namespace viz

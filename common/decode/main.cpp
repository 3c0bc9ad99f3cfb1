// ladder-native, ladder-traced and ladder-gpu.
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>

#include "common/decode/bench.h"           // bench
#include "common/decode/error.h"           // DecodeError
#include "common/decode/info.h"            // info
#include "common/decode/machine.h"         // prepare_device, target_name
#include "common/decode/options.h"         // Options
#include "common/decode/probe.h"           // probe
#include "common/decode/quality_report.h"  // quality_report
#include "common/decode/registry.h"        // select_chapters
#include "common/decode/run.h"             // run_chapters
#include "common/decode/study.h"           // study
#include "common/decode/tool.h"            // find_tool
#include "common/traffic/gpu_spec.h"       // gpu_spec

namespace {

void write_json(const std::string& path, const nlohmann::ordered_json& json) {
  if (path.empty()) return;
  // Bytes of a token that are no text by themselves must not end the program.
  const std::string text =
      json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  if (path == "-") {
    std::cout << text;
    return;
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw decode::DecodeError(path + ": cannot be written");
}

// Everything that can be wrong with a command line alone, before a model is loaded.
decode::Options checked_options(int argc, char** argv) {
  decode::Options options = decode::parse_options({argv + 1, argv + argc});
  decode::select_chapters(options.chapters, options.kv);
  traffic::gpu_spec(options.gpu, 1);
  return options;
}

void command(const decode::Options& options) {
  for (const char* on_device : {"run", "bench", "probe", "quality", "study", "info"}) {
    if (options.command == on_device) decode::prepare_device();
  }
  if (options.command == "run") {
    write_json(options.json, decode::run_chapters(options));
  } else if (options.command == "bench") {
    write_json(options.json, decode::bench(options));
  } else if (options.command == "probe") {
    write_json(options.json, decode::probe(options));
  } else if (options.command == "quality") {
    write_json(options.json, decode::quality_report(options));
  } else if (options.command == "study") {
    const nlohmann::ordered_json report = decode::study(options);
    if (!report.is_null()) write_json(options.json.empty() ? "-" : options.json, report);
  } else if (options.command == "info") {
    write_json(options.json, decode::info(options));
  } else if (const decode::Tool* tool = decode::find_tool(options.command)) {
    write_json(options.json, tool->run(options));
  } else if (options.command == "help") {
    std::cout << decode::help_text(decode::target_name());
  } else {
    throw decode::DecodeError("unknown command '" + options.command + "' (help lists them)");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is an error of the writer, not a death
  decode::Options options;
  try {
    options = checked_options(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
  try {
    command(options);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}

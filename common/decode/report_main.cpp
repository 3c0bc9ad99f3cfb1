// ladder-report: merges what the targets reported and prints the ladder table.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>

#include "common/decode/error.h"   // DecodeError
#include "common/decode/report.h"  // merge_runs, merge_benches
#include "common/decode/table.h"   // table_text

namespace {

using nlohmann::ordered_json;

constexpr const char* kHelp =
    "ladder-report REPORT.json... [options]: merges reports of ladder-native, ladder-traced and\n"
    "ladder-gpu (run or bench) and prints the table\n\n"
    "  --json FILE    also write the merged table; - is standard output, and then nothing else\n"
    "  --width N      columns; as wide as the terminal, or 120\n"
    "  --color WHEN   auto, always or never; auto is a terminal without NO_COLOR\n";

struct Arguments {
  std::vector<std::string> files;
  std::string json, color = "auto";
  int width = 0;
  bool help = false;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--help" || word == "-h") {
      arguments.help = true;
    } else if (word == "--json" || word == "--width" || word == "--color") {
      if (i + 1 == argc) throw decode::DecodeError(word + ": a value is missing");
      const std::string value = argv[++i];
      if (word == "--json") arguments.json = value;
      if (word == "--color") arguments.color = value;
      if (word == "--width") arguments.width = std::atoi(value.c_str());
    } else if (word.rfind("--", 0) == 0) {
      throw decode::DecodeError("unknown option '" + word + "' (--help lists them)");
    } else {
      arguments.files.push_back(word);
    }
  }
  if (arguments.color != "auto" && arguments.color != "always" && arguments.color != "never") {
    throw decode::DecodeError("--color: found '" + arguments.color +
                              "', expected auto, always or never");
  }
  return arguments;
}

int terminal_width() {
  if (const char* columns = std::getenv("COLUMNS")) {
    if (std::atoi(columns) > 0) return std::atoi(columns);
  }
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 120;
}

decode::TableStyle style_of(const Arguments& arguments) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool wanted = isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
  return {arguments.width > 0 ? arguments.width : terminal_width(),
          arguments.color == "always" || (arguments.color == "auto" && wanted)};
}

ordered_json read(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw decode::DecodeError(path + ": cannot be opened");
  const ordered_json json = ordered_json::parse(file, nullptr, false);
  const std::string format = json.is_object() ? json.value("format", "") : "";
  if (format != "decoder-ladder run 1" && format != "decoder-ladder bench 1") {
    throw decode::DecodeError(path + ": expected a report that ladder-<target> --json wrote");
  }
  return json;
}

void write(const std::string& path, const ordered_json& json) {
  const std::string text = json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  if (path == "-") {
    std::cout << text;
    return;
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw decode::DecodeError(path + ": cannot be written");
}

void report(const Arguments& arguments) {
  std::vector<ordered_json> reports;
  for (const std::string& path : arguments.files) reports.push_back(read(path));
  if (reports.empty()) throw decode::DecodeError("no reports are given (--help)");
  const bool runs = reports.front()["format"] == "decoder-ladder run 1";
  const ordered_json merged = runs ? decode::merge_runs(reports) : decode::merge_benches(reports);
  if (!arguments.json.empty()) write(arguments.json, merged);
  if (arguments.json == "-") return;
  const decode::TableStyle style = style_of(arguments);
  std::cout << (runs ? decode::table_text(merged, style) : decode::bench_text(merged, style));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Arguments arguments = parse(argc, argv);
    if (arguments.help) {
      std::cout << kHelp;
    } else {
      report(arguments);
    }
    return 0;
  } catch (const nlohmann::json::exception& error) {
    std::fprintf(stderr, "error: a report lacks a field: %s\n", error.what());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
  }
  return 1;
}

// cu_translate IN OUT: the build's step from a .cu or .cuh file to one that g++ takes.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/simt/translate/translate.h"

namespace {

constexpr char kHelp[] =
    R"(usage: cu_translate [--path SHOWN] [--no-runtime-include] IN OUT

Translates the CUDA C++ file IN to C++ for g++ and the headers of common/simt/include, and writes it
to OUT. OUT is replaced whole, and left alone when it would not change.

  --path SHOWN           what messages and __FILE__ call the source (default: IN)
  --no-runtime-include   do not include cuda_runtime.h in front of a .cu file, as nvcc does
  --help                 this text

exit status: 0 translated, 1 an error in the source (on standard error, as FILE:LINE:COLUMN: error),
2 wrong usage or a file that cannot be read or written
)";

struct Arguments {
  std::string in, out, shown;
  bool runtime_include = true;
};

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || std::filesystem::is_directory(path)) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

bool write_whole(const std::string& path, const std::string& text) {
  std::string temporary = path + ".tmp" + std::to_string(getpid());
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (stream && std::rename(temporary.c_str(), path.c_str()) == 0) return true;
  int reason = errno;
  std::remove(temporary.c_str());
  errno = reason;
  return false;
}

int fail(const std::string& text) {
  std::fprintf(stderr, "cu_translate: %s\n", text.c_str());
  return 2;
}

int translate_file(const Arguments& arguments) {
  std::optional<std::string> source = read_file(arguments.in);
  if (!source) return fail("cannot read " + arguments.in);
  bool is_unit = std::filesystem::path(arguments.in).extension() == ".cu";
  simt::translate::Translation result =
      simt::translate::translate(*source, arguments.shown, is_unit && arguments.runtime_include);
  for (const auto& error : result.errors) {
    std::fprintf(stderr, "%s:%d:%d: error: %s\n", arguments.shown.c_str(), error.line, error.column,
                 error.text.c_str());
  }
  if (!result.errors.empty()) return 1;
  if (read_file(arguments.out) == result.text) return 0;
  if (!write_whole(arguments.out, result.text)) {
    return fail("cannot write " + arguments.out + ": " + std::strerror(errno));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> files;
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word == "--help" || word == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    if (word == "--path" && i + 1 < argc) {
      arguments.shown = argv[++i];
    } else if (word == "--no-runtime-include") {
      arguments.runtime_include = false;
    } else if (word.size() > 1 && word[0] == '-') {
      return fail("unknown option " + std::string(word) + " (see --help)");
    } else {
      files.emplace_back(word);
    }
  }
  if (files.size() != 2) return fail("expected IN and OUT (see --help)");
  arguments.in = files[0];
  arguments.out = files[1];
  if (arguments.shown.empty()) arguments.shown = arguments.in;
  return translate_file(arguments);
}

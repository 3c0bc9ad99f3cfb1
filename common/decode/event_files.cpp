// One file a row.
#include "common/decode/event_files.h"

#include <filesystem>

#include "common/decode/error.h"  // DecodeError

namespace decode {

std::string file_of_chapter(const std::string& path, const std::string& chapter) {
  const size_t dot = path.find_last_of("./");
  const size_t at = dot == std::string::npos || path[dot] == '/' ? path.size() : dot;
  return path.substr(0, at) + "-" + chapter + path.substr(at);
}

void check_pipe(const std::string& path, bool several) {
  std::error_code none;
  if (!several || path.empty() || !std::filesystem::exists(path, none)) return;
  if (std::filesystem::is_regular_file(path, none)) return;
  throw DecodeError("--events " + path +
                    ": a pipe takes the events of one row; choose one, as with --chapters 01:vram");
}

}  // namespace decode

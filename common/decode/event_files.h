// Names of the files that a run's events go to.
#pragma once

#include <string>

namespace decode {

// "out.jsonl" -> "out-01_kv_cache-vram.jsonl"
std::string file_of_chapter(const std::string& path, const std::string& chapter);

// A pipe has one name, and takes one row's events: throws DecodeError when `several` rows run and
// the path is one.
void check_pipe(const std::string& path, bool several);

}  // namespace decode

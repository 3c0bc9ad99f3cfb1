// A file is whole or an error.
#include "visualizer/shell/text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace viz {

void write_text(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::cout << text << std::flush;
    if (!std::cout) throw std::runtime_error("standard output cannot be written");
    return;
  }
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error(path + " cannot be written: " + std::strerror(errno));
}

std::string absolute_path(const std::string& path) {
  std::error_code none;
  const std::filesystem::path found = std::filesystem::absolute(path, none);
  return none ? path : found.string();
}

}  // namespace viz

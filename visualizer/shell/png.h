// Pictures in memory, and as PNG files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace viz {

struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> rgba;  // (height, width, 4), the top row first
};

// Throws std::runtime_error "PATH cannot be written: why".
void write_png(const std::string& path, const Image& image);

}  // namespace viz

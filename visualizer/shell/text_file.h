// Writing a small file at once.
#pragma once

#include <string>

namespace viz {

// "-" is standard output. Throws std::runtime_error "PATH cannot be written: why".
void write_text(const std::string& path, const std::string& text);

// For messages: where a file of that name is.
std::string absolute_path(const std::string& path);

}  // namespace viz

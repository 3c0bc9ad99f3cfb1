// The PNG writer of stb, whose code the distro's library brings.
#include "visualizer/shell/png.h"

#include <stb_image_write.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace viz {

void write_png(const std::string& path, const Image& image) {
  const auto fail = [&path] {
    throw std::runtime_error(path + " cannot be written: " + std::strerror(errno));
  };
  struct Close {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<FILE, Close> file(std::fopen(path.c_str(), "wb"));
  if (!file) fail();
  bool whole = true;
  struct Out {
    FILE* file;
    bool& whole;
  } out{file.get(), whole};
  const auto write = [](void* context, void* data, int size) {
    auto& to = *static_cast<Out*>(context);
    to.whole = to.whole && std::fwrite(data, 1, size_t(size), to.file) == size_t(size);
  };
  const int ok = stbi_write_png_to_func(write, &out, image.width, image.height, 4,
                                        image.rgba.data(), image.width * 4);
  if (ok == 0 || !whole || std::fclose(file.release()) != 0) fail();
}

}  // namespace viz

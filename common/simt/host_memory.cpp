// Reads /proc/meminfo and the cgroup's limit.
#include "common/simt/host_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace simt {
namespace {

constexpr uint64_t kSmall = uint64_t{64} << 20;
constexpr uint64_t kUnknown = std::numeric_limits<uint64_t>::max();

// The first number of a file; kUnknown when there is none ("max", no such file).
uint64_t number_in(const std::string& path) {
  std::ifstream file(path);
  uint64_t value = 0;
  return file >> value ? value : kUnknown;
}

uint64_t system_available() {
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  uint64_t kilobytes = 0;
  while (file >> key >> kilobytes && std::getline(file, unit)) {
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return kUnknown;
}

// Bytes of file caches, which the kernel drops when memory is short.
uint64_t cached_files(const std::string& path) {
  std::ifstream file(path);
  std::string key;
  uint64_t value = 0, total = 0;
  while (file >> key >> value) {
    if (key == "inactive_file" || key == "active_file") total += value;
  }
  return total;
}

// What the container may still take. Both generations of cgroups are asked.
uint64_t container_available() {
  const std::string root = "/sys/fs/cgroup/";
  uint64_t limit = number_in(root + "memory.max"), used = number_in(root + "memory.current");
  std::string stat = root + "memory.stat";
  if (used == kUnknown) {
    limit = number_in(root + "memory/memory.limit_in_bytes");
    used = number_in(root + "memory/memory.usage_in_bytes");
    stat = root + "memory/memory.stat";
  }
  if (limit == kUnknown || used == kUnknown) return kUnknown;
  used -= std::min(used, cached_files(stat));
  return limit - std::min(limit, used);
}

}  // namespace

bool host_has_memory(uint64_t bytes) {
  if (bytes < kSmall) return true;
  return bytes <= std::min(system_available(), container_available());
}

}  // namespace simt

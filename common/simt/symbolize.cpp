// Source places through elfutils' libdwfl.
#include "common/simt/symbolize.h"

#include <elfutils/libdwfl.h>
#include <link.h>
#include <unistd.h>

#include <mutex>

namespace simt {
namespace {

Dwfl* open_self() {
  static char* no_debuginfo_path = nullptr;
  static const Dwfl_Callbacks callbacks = {dwfl_linux_proc_find_elf, dwfl_standard_find_debuginfo,
                                           nullptr, &no_debuginfo_path};
  Dwfl* dwfl = dwfl_begin(&callbacks);
  if (dwfl == nullptr) return nullptr;
  if (dwfl_linux_proc_report(dwfl, getpid()) != 0 || dwfl_report_end(dwfl, nullptr, nullptr) != 0) {
    dwfl_end(dwfl);
    return nullptr;
  }
  return dwfl;
}

}  // namespace

SourcePlace source_place(uint64_t pc) {
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  static Dwfl* const dwfl = open_self();
  SourcePlace place;
  if (dwfl == nullptr) return place;
  Dwfl_Line* line = dwfl_getsrc(dwfl, pc);
  if (line == nullptr) return place;
  Dwarf_Addr address = 0;
  const char* file = dwfl_lineinfo(line, &address, &place.line, &place.column, nullptr, nullptr);
  if (file != nullptr) place.file = file;
  return place;
}

std::string source_text(uint64_t pc) {
  SourcePlace place = source_place(pc);
  if (place.file.empty()) return "an unknown line";
  return place.file + ":" + std::to_string(place.line);
}

uint64_t text_base() {
  static const uint64_t base = [] {
    uint64_t found = 0;
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* out) {
          *static_cast<uint64_t*>(out) = info->dlpi_addr;  // the program itself comes first
          return 1;
        },
        &found);
    return found;
  }();
  return base;
}

}  // namespace simt

// Source places through elfutils' libdwfl.
#include "common/simt/symbolize.h"

#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <link.h>
#include <unistd.h>

#include <cstdlib>
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

// Our headers' inlined functions: of no interest to who wrote the kernel.
bool ours(const std::string& file) { return file.find("common/simt/") != std::string::npos; }

// Moves a place in our headers out to the line of the kernel that called them.
void leave_our_headers(Dwfl* dwfl, uint64_t pc, SourcePlace& place) {
  Dwarf_Addr bias = 0;
  Dwarf_Die* unit = dwfl_addrdie(dwfl, pc, &bias);
  if (unit == nullptr) return;
  // The innermost scope, and then what it lies in, place by place (not definition by definition).
  Dwarf_Die *innermost = nullptr, *scopes = nullptr;
  if (dwarf_getscopes(unit, pc - bias, &innermost) <= 0) return;
  int count = dwarf_getscopes_die(innermost, &scopes);
  std::free(innermost);
  Dwarf_Files* files = nullptr;
  dwarf_getsrcfiles(unit, &files, nullptr);
  for (int i = 0; i < count && files != nullptr; ++i) {
    if (dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine) continue;
    Dwarf_Attribute attribute;
    Dwarf_Word file = 0, line = 0;
    dwarf_formudata(dwarf_attr(&scopes[i], DW_AT_call_file, &attribute), &file);
    dwarf_formudata(dwarf_attr(&scopes[i], DW_AT_call_line, &attribute), &line);
    const char* name = dwarf_filesrc(files, file, nullptr, nullptr);
    if (name == nullptr || ours(name)) continue;
    place.file = name;
    place.line = static_cast<int>(line);
    break;
  }
  std::free(scopes);
}

std::mutex dwfl_mutex;

Dwfl* self() {
  static Dwfl* const dwfl = open_self();
  return dwfl;
}

// "void ch00::matmul_kernel<8>(float const*, int)" -> "matmul_kernel<8>": what is left of the
// parameters, without what stands before it. Brackets inside template arguments are skipped.
std::string bare_name(const std::string& demangled) {
  size_t begin = 0, end = demangled.size();
  int depth = 0;
  for (size_t i = 0; i < demangled.size(); ++i) {
    char c = demangled[i];
    bool anonymous = demangled.compare(i, 21, "(anonymous namespace)") == 0;
    if (anonymous) {
      i += 20;
    } else if (c == '<') {
      ++depth;
    } else if (c == '>') {
      --depth;
    } else if (depth == 0 && (c == ' ' || c == ':')) {
      begin = i + 1;
    } else if (depth == 0 && c == '(') {
      end = i;
      break;
    }
  }
  return demangled.substr(begin, end - begin);
}

}  // namespace

std::string function_name(const void* function) {
  std::lock_guard<std::mutex> lock(dwfl_mutex);
  Dwfl* dwfl = self();
  if (dwfl == nullptr) return "";
  auto address = reinterpret_cast<Dwarf_Addr>(function);
  Dwfl_Module* module = dwfl_addrmodule(dwfl, address);
  const char* symbol = module != nullptr ? dwfl_module_addrname(module, address) : nullptr;
  if (symbol == nullptr) return "";
  int status = 0;
  char* demangled = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
  std::string name = demangled != nullptr ? bare_name(demangled) : symbol;
  std::free(demangled);
  return name;
}

SourcePlace source_place(uint64_t pc) {
  std::lock_guard<std::mutex> lock(dwfl_mutex);
  Dwfl* dwfl = self();
  SourcePlace place;
  if (dwfl == nullptr) return place;
  Dwfl_Line* line = dwfl_getsrc(dwfl, pc);
  if (line == nullptr) return place;
  Dwarf_Addr address = 0;
  const char* file = dwfl_lineinfo(line, &address, &place.line, &place.column, nullptr, nullptr);
  if (file != nullptr) place.file = file;
  if (ours(place.file)) leave_our_headers(dwfl, pc, place);
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

// From an address of this program's code to its place in the source.
#pragma once

#include <cstdint>
#include <string>

namespace simt {

struct SourcePlace {
  std::string file;  // as the compiler saw it; empty when unknown
  int line = 0;
  int column = 0;
};

// Reads the program's debug information (libdw) at the first call.
SourcePlace source_place(uint64_t pc);

// "file.cu:12", or "an unknown line" where there is no debug information.
std::string source_text(uint64_t pc);

// The bare name of a function with its template arguments, "matmul_kernel<8>", from its address;
// empty when unknown.
std::string function_name(const void* function);

// Where the program's code was loaded; pc - text_base() is the same on every run.
uint64_t text_base();

}  // namespace simt

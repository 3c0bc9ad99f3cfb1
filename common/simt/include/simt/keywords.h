// What the translator writes in place of CUDA's words, and words of CUDA that mean nothing here.
#pragma once

#include "host_defines.h"

// Device built-ins are inlined even without optimization, so that an access that they make counts
// at the kernel's own instruction.
#define SIMT_BUILTIN inline __attribute__((always_inline))

#define SIMT_NOINLINE __attribute__((noinline))

// Both are internal to their file, as CUDA's are without relocatable device code. The linker gives
// the section's ends as __start_simt_device and __stop_simt_device: what lies there is VRAM.
#define SIMT_DEVICE_VARIABLE __attribute__((section("simt_device"), unused))
#define SIMT_CONSTANT_VARIABLE __attribute__((unused))

#define SIMT_TEXT_(...) #__VA_ARGS__
#define SIMT_TEXT(...) SIMT_TEXT_(__VA_ARGS__)

#ifndef __maxnreg__
#define __maxnreg__(...)
#endif
#ifndef __block_size__
#define __block_size__(...)
#endif
#ifndef __builtin_align__
#define __builtin_align__(n) __attribute__((aligned(n)))
#endif

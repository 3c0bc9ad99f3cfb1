// make_float4 and the like: one for each vector type.
#pragma once

#include "simt/keywords.h"
#include "vector_types.h"

#define SIMT_MAKE(name, type)                                                               \
  SIMT_BUILTIN name##1 make_##name##1(type x) { return name##1 {x}; }                       \
  SIMT_BUILTIN name##2 make_##name##2(type x, type y) { return name##2 {x, y}; }            \
  SIMT_BUILTIN name##3 make_##name##3(type x, type y, type z) { return name##3 {x, y, z}; } \
  SIMT_BUILTIN name##4 make_##name##4(type x, type y, type z, type w) {                     \
    return name##4 {x, y, z, w};                                                            \
  }
SIMT_MAKE(char, signed char)
SIMT_MAKE(uchar, unsigned char)
SIMT_MAKE(short, short)
SIMT_MAKE(ushort, unsigned short)
SIMT_MAKE(int, int)
SIMT_MAKE(uint, unsigned int)
SIMT_MAKE(long, long int)
SIMT_MAKE(ulong, unsigned long int)
SIMT_MAKE(longlong, long long int)
SIMT_MAKE(ulonglong, unsigned long long int)
SIMT_MAKE(float, float)
SIMT_MAKE(double, double)
#undef SIMT_MAKE

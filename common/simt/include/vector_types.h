// CUDA's vector types: plain aggregates with CUDA's sizes and alignments, and dim3.
// Names and layout: CUDA C++ Programming Guide, "Built-in Vector Types".
#pragma once

#define __VECTOR_TYPES_H__  // programs ask for this to know that the header is there

#include "simt/vector_define.h"

SIMT_VECTOR1(char1, signed char, 1)
SIMT_VECTOR2(char2, signed char, 2)
SIMT_VECTOR3(char3, signed char, 1)
SIMT_VECTOR4(char4, signed char, 4)
SIMT_VECTOR1(uchar1, unsigned char, 1)
SIMT_VECTOR2(uchar2, unsigned char, 2)
SIMT_VECTOR3(uchar3, unsigned char, 1)
SIMT_VECTOR4(uchar4, unsigned char, 4)
SIMT_VECTOR1(short1, short, 2)
SIMT_VECTOR2(short2, short, 4)
SIMT_VECTOR3(short3, short, 2)
SIMT_VECTOR4(short4, short, 8)
SIMT_VECTOR1(ushort1, unsigned short, 2)
SIMT_VECTOR2(ushort2, unsigned short, 4)
SIMT_VECTOR3(ushort3, unsigned short, 2)
SIMT_VECTOR4(ushort4, unsigned short, 8)
SIMT_VECTOR1(int1, int, 4)
SIMT_VECTOR2(int2, int, 8)
SIMT_VECTOR3(int3, int, 4)
SIMT_VECTOR4(int4, int, 16)
SIMT_VECTOR1(uint1, unsigned int, 4)
SIMT_VECTOR2(uint2, unsigned int, 8)
SIMT_VECTOR3(uint3, unsigned int, 4)
SIMT_VECTOR4(uint4, unsigned int, 16)
SIMT_VECTOR1(long1, long int, 8)
SIMT_VECTOR2(long2, long int, 16)
SIMT_VECTOR3(long3, long int, 8)
SIMT_VECTOR4(long4, long int, 16)
SIMT_VECTOR1(ulong1, unsigned long int, 8)
SIMT_VECTOR2(ulong2, unsigned long int, 16)
SIMT_VECTOR3(ulong3, unsigned long int, 8)
SIMT_VECTOR4(ulong4, unsigned long int, 16)
SIMT_VECTOR1(longlong1, long long int, 8)
SIMT_VECTOR2(longlong2, long long int, 16)
SIMT_VECTOR3(longlong3, long long int, 8)
SIMT_VECTOR4(longlong4, long long int, 16)
SIMT_VECTOR1(ulonglong1, unsigned long long int, 8)
SIMT_VECTOR2(ulonglong2, unsigned long long int, 16)
SIMT_VECTOR3(ulonglong3, unsigned long long int, 8)
SIMT_VECTOR4(ulonglong4, unsigned long long int, 16)
SIMT_VECTOR1(float1, float, 4)
SIMT_VECTOR2(float2, float, 8)
SIMT_VECTOR3(float3, float, 4)
SIMT_VECTOR4(float4, float, 16)
SIMT_VECTOR1(double1, double, 8)
SIMT_VECTOR2(double2, double, 16)
SIMT_VECTOR3(double3, double, 8)
SIMT_VECTOR4(double4, double, 16)

#undef SIMT_VECTOR1
#undef SIMT_VECTOR2
#undef SIMT_VECTOR3
#undef SIMT_VECTOR4

// A grid's or block's extent; missing extents are 1.
struct dim3 {
  unsigned int x, y, z;
  constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
      : x(vx), y(vy), z(vz) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  constexpr operator uint3() const { return uint3{x, y, z}; }
};

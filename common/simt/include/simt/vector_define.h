// The shapes of CUDA's vector types; vector_types.h makes each type from them.
#pragma once

#define SIMT_VECTOR1(name, type, alignment) \
  struct alignas(alignment) name {          \
    type x;                                 \
  };
#define SIMT_VECTOR2(name, type, alignment) \
  struct alignas(alignment) name {          \
    type x, y;                              \
  };
#define SIMT_VECTOR3(name, type, alignment) \
  struct alignas(alignment) name {          \
    type x, y, z;                           \
  };
#define SIMT_VECTOR4(name, type, alignment) \
  struct alignas(alignment) name {          \
    type x, y, z, w;                        \
  };

// The words that CUDA adds to C++, for g++: kernels and device functions are ordinary functions
// here.
// `__shared__` and `<<<>>>` are not in this list: the translator (common/simt/translate) rewrites
// them.
// `__noinline__` is not either: libstdc++ itself writes `__attribute__((__noinline__))`.
#pragma once

#define __HOST_DEFINES_H__  // Thrust asks for this, and leaves __host__ and __device__ alone then

// A program that must know that it runs on the simulator, not under nvcc, asks for this.
#define SIMT_SIMULATOR 1

#ifndef __host__
#define __host__
#endif
#ifndef __device__
#define __device__
#endif
#ifndef __global__
#define __global__
#endif
#ifndef __constant__
#define __constant__
#endif
#ifndef __managed__
#define __managed__
#endif
#ifndef __grid_constant__
#define __grid_constant__
#endif
#ifndef __forceinline__
#define __forceinline__ inline __attribute__((always_inline))
#endif
#ifndef __launch_bounds__
#define __launch_bounds__(...)
#endif
#ifndef __align__
#define __align__(n) __attribute__((aligned(n)))
#endif

#ifndef CUDART_CB
#define CUDART_CB
#endif
#ifndef CUDARTAPI
#define CUDARTAPI
#endif

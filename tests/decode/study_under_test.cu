#include "tests/decode/study_under_test.h"

namespace under_test {

static __global__ void copy_kernel(float* to, const float* from, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) to[i] = from[i];
}

void copy(float* to, const float* from, int n) {
  copy_kernel<<<(n + 255) / 256, 256>>>(to, from, n);
}

}  // namespace under_test

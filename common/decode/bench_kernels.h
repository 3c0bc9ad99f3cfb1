// The two kernels whose simulated speed is reported, and the same work as plain loops.
#pragma once

namespace decode {

constexpr int kGemvSize = 2048;   // y = W x, W (2048, 2048), fp32
constexpr int kMatmulSize = 256;  // C = A B, (256, 256) each, fp32

// CPU seconds of one run, after `warm` runs that are not timed. Each checks its result
// against a double-precision sum and throws DecodeError when it is wrong.
double time_gemv(int warm);
double time_matmul(int warm);
double time_plain_gemv();
double time_plain_matmul();

}  // namespace decode

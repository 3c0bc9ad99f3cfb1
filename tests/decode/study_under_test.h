// A kernel for a study to count.
#pragma once

namespace under_test {

void copy(float* to, const float* from, int n);  // n floats in VRAM

}  // namespace under_test

// What the byte functions beside chapter 00's kernels give for one whole step of a decoder.
#pragma once

#include <map>
#include <string>

namespace under_test {

struct StepShape {
  int dim, hidden, layers, heads, kv_heads, head_dim, vocab;
};

// By kernel: all launches of a step that computes `rows` rows, the last of which is token number
// `length`.
std::map<std::string, double> step_bytes(const StepShape& shape, int rows, int length);

}  // namespace under_test

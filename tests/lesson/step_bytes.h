// What the byte functions beside the chapters' kernels give for one whole step of a decoder.
#pragma once

#include <map>
#include <string>

namespace under_test {

struct StepShape {
  int dim, hidden, layers, heads, kv_heads, head_dim, vocab;
};

// By kernel: all launches of a step of chapter 0 to 4 that computes `rows` rows, the last of which
// is token number `length`. From chapter 02 on: one row of up to 256 tokens, or all rows, more than
// 8. Chapter 04 is its variant "cache".
std::map<std::string, double> step_bytes(int chapter, const StepShape& shape, int rows, int length);

}  // namespace under_test

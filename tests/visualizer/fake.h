// How the tests start the fake decoder.
#pragma once

#include <string>

#include "visualizer/core/run_request.h"

namespace viz_test {

// The fake decoder with this behaviour, and `n` words where it writes any.
inline viz::RunRequest fake(const std::string& mode, int n = 5) {
  viz::RunRequest request;
  request.program = FAKE_DECODER;
  request.prompt = mode;
  request.n_tokens = n;
  return request;
}

}  // namespace viz_test

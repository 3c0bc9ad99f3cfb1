// common/gpu/work.h under the simulator: our cuda_runtime.h has a function for each.
#include <cuda_runtime.h>  // simtNameMemory, ...

#include "common/gpu/work.h"

namespace gpu {

void name_memory(const void* memory, const char* name, const Shape& shape) {
  simtDescribeMemory(memory, (name_prefix() + name).c_str(), shape.data(),
                     static_cast<int>(shape.size()));
}

void declare_work(const Work& work) {
  if (launch_listener()) launch_listener()(nullptr);
  simtDeclareWork(work.fp32_multiply_adds, work.int8_multiply_adds);
}

void begin_phase(Phase phase, int token) {
  if (phase_listener()) phase_listener()(phase, token);
  simtBeginPhase(static_cast<int>(phase), token);
}

void declare_library(const char* name, uint64_t read_bytes, uint64_t written_bytes) {
  simtDeclareLibrary(name, read_bytes, written_bytes);
}

}  // namespace gpu

// What the runtime API asks of the scheduler, and what the scheduler tells of a fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "driver_types.h"  // dim3, cudaError_t (ours, in common/simt/include)

namespace simt {

// One `kernel<<<grid, block, shared, stream>>>(arguments)`, arguments already copied.
struct KernelCall {
  const void* function = nullptr;  // identity: the kernel's address
  const char* name = "";           // as written at the launch, e.g. "matmul_kernel<8>"
  const char* file = "";           // of the launch
  int line = 0;
  dim3 grid, block;
  size_t dynamic_shared = 0;  // bytes
  unsigned stream = 0;        // 0 is the default stream
  // Runs the kernel's body for the current CUDA thread.
  void (*invoke)(const void* arguments) = nullptr;
  std::shared_ptr<const void> arguments;
};

// What a kernel did wrong. `text` is the whole report, ready to print.
struct Fault {
  cudaError_t error = cudaSuccess;
  std::string text;
};

// Runs every block of the launch and returns when all have finished. The configuration has been
// checked already (launch_error below). On a fault the rest of the grid is abandoned; the fault is
// kept for last_fault() and its text printed on standard error.
cudaError_t run_kernel(const KernelCall& call);
const Fault& last_fault();

// Static __shared__ bytes of a kernel, known once a block of it has run (0 before).
size_t static_shared_bytes(const void* function);

// OS threads that run blocks. 0 = one a core. Also settable by the environment SIMT_THREADS.
void set_thread_count(unsigned threads);
unsigned thread_count();

// A block that runs longer than this many seconds without finishing is a hang (default 60;
// environment SIMT_WATCHDOG_SECONDS).
void set_watchdog_seconds(double seconds);

// True on an OS thread that is running a kernel's block now.
bool in_kernel();

}  // namespace simt

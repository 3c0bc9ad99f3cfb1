// Faults of a kernel: found, told in one report (kernel, block, thread, tensor, line), and turned
// into the CUDA error that a GPU would give. Internal to the simulator.
#pragma once

#include <cstdint>
#include <string>

#include "common/simt/worker.h"

namespace simt {

// "kernel saxpy, block (3,0,0), thread (17,0,0)"
std::string place_text(const Worker& worker, unsigned thread);
std::string bytes_text(uint64_t bytes);  // "1 byte", "2 bytes"
// "4 bytes past the end of 'scores' (4,096 bytes of VRAM)"
std::string address_text(const Worker& worker, const void* address);

// Where a thread that waits was called to wait; 0 if it never ran (scheduler.cpp).
uint64_t waiting_pc(const Worker& worker, unsigned thread);

// Each ends the block (abandon_block) and does not return.
[[noreturn]] void report(Worker& worker, cudaError_t error, const std::string& what, uint64_t pc);
[[noreturn]] void report_stuck(Worker& worker);
[[noreturn]] void report_hang(Worker& worker, uint64_t pc);
[[noreturn]] void report_not_in_mask(Worker& worker, uint32_t mask);
// An access that the access log saw, by the lane with this index in warp `warp`.
[[noreturn]] void report_access(Worker& worker, unsigned warp, unsigned lane, const char* verb,
                                uint64_t address, uint32_t bytes, uint64_t pc);

// Faults unless a block may use so many bytes of shared memory.
void check_shared_limit(Worker& worker, uint64_t bytes, const char* name);

// Remembers a launch's fault; of several blocks' the lowest block's (launch.cpp).
void keep_fault(Worker& worker, Fault fault);

// Signal handlers for the process.
void install_fault_handlers();
// A signal stack for the calling thread and the worker's own stacks, where they are missing.
void prepare_for_faults(Worker& worker);
int watchdog_signal();

}  // namespace simt

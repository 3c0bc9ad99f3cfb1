// The simulator's own functions, which cuda_runtime.h brings in; absent under nvcc, so guard their
// use with SIMT_SIMULATOR. What they tell goes to the observer: in a native program they do
// nothing.
#pragma once

#include <cstdint>

extern "C" {
// Names the allocation that holds `pointer`: reports attribute its traffic by this name.
void simtNameMemory(const void* pointer, const char* name);
// The same, and states what the allocation's values mean: the lengths of `dimensions` dimensions,
// outermost first.
void simtDescribeMemory(const void* pointer, const char* name, const int64_t* lengths,
                        int dimensions);
// States the multiply-adds of this thread's next launch. A captured launch keeps them for each
// replay.
void simtDeclareWork(double fp32_multiply_adds, double int8_multiply_adds);
// What follows belongs to this phase and token.
void simtBeginPhase(int phase, int token);
// States bytes that a library (Thrust) read and wrote in VRAM, outside of kernels.
void simtDeclareLibrary(const char* name, uint64_t read_bytes, uint64_t written_bytes);
// Why this thread's last failing call failed, in a line; "" when there is nothing to say.
const char* simtLastErrorDetail();
}

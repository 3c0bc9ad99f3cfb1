// The CPU time of this process: steadier than a clock on a machine that others use too.
#pragma once

#include <ctime>

namespace decode {

inline double cpu_seconds() {  // of all threads, so far
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

}  // namespace decode

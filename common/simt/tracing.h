// What the scheduler tells the access log at lane switches; nothing at all in a native program.
#pragma once

#include "common/simt/worker.h"

#if SIMT_TRACED
#include "common/simt/access_log.h"
#endif

namespace simt {

#if SIMT_TRACED
inline void trace_open() { open_access_log(); }
inline void trace_suspend(unsigned lane) { this_log->suspend(lane); }
inline void trace_resume(unsigned lane) { this_log->resume(lane); }
inline void trace_flush(Worker& worker, unsigned warp) { this_log->flush(worker, warp); }
inline void trace_stop() { this_log->stop(); }
inline void trace_discard() { this_log->discard(); }
inline uint64_t trace_last_pc() { return this_log->last_pc(); }
#else
inline void trace_open() {}
inline void trace_suspend(unsigned) {}
inline void trace_resume(unsigned) {}
inline void trace_flush(Worker&, unsigned) {}
inline void trace_stop() {}
inline void trace_discard() {}
inline uint64_t trace_last_pc() { return 0; }
#endif

}  // namespace simt

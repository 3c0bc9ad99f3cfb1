// The block's barriers.
#pragma once

#include "simt/keywords.h"
#include "simt/scheduler_api.h"

SIMT_BUILTIN void __syncthreads() { simt::block_barrier(); }
SIMT_BUILTIN int __syncthreads_count(int predicate) { return simt::block_barrier_count(predicate); }
SIMT_BUILTIN int __syncthreads_and(int predicate) { return simt::block_barrier_and(predicate); }
SIMT_BUILTIN int __syncthreads_or(int predicate) { return simt::block_barrier_or(predicate); }

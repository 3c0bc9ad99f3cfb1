// The simulator's setting.
#include "common/decode/block_threads.h"
#include "common/simt/core.h"  // set_thread_count

namespace decode {

void set_block_threads(unsigned threads) { simt::set_thread_count(threads); }

}  // namespace decode

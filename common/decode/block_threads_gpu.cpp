// A GPU runs its blocks itself.
#include "common/decode/block_threads.h"

namespace decode {

void set_block_threads(unsigned) {}

}  // namespace decode

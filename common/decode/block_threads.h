// How many OS threads run a kernel's blocks: a setting of the simulator. On a GPU it means nothing.
#pragma once

namespace decode {

void set_block_threads(unsigned threads);  // 0: one a core

}  // namespace decode

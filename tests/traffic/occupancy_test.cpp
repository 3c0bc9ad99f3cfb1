// Resident blocks, for each limit.
#include "common/traffic/occupancy.h"

#include "tests/catch.h"

using traffic::gpu_spec;
using traffic::occupancy;

TEST_CASE("each limit of an SM bounds its resident blocks", "[traffic]") {
  struct Case {
    const char* gpu;
    uint32_t threads;
    uint64_t shared;
    uint32_t blocks;
  };
  const uint64_t kb = 1024;
  const Case cases[] = {
      {"h100", 32, 0, 32},             // blocks
      {"h100", 128, 0, 16},            // threads
      {"h100", 1024, 0, 2},            //
      {"h100", 1000, 0, 2},            // whole warps: 32 of them
      {"h100", 96, 0, 21},             // 64 warps / 3
      {"h100", 128, 100 * kb, 2},      // shared memory: (100 + 1) KB of 228
      {"h100", 128, 227 * kb, 1},      // all that a block may have
      {"h100", 128, 228 * kb, 0},      // more
      {"h100", 32, 6 * kb, 32},        // 7 KB each: 32 blocks are 224 KB
      {"h100", 32, 6 * kb + 256, 31},  //
      {"a100", 128, 40 * kb, 4},       // 41 KB of 164
      {"rtx4090", 1024, 0, 1},         // 1536 threads
      {"rtx4090", 256, 0, 6},          //
      {"rtx4090", 32, 0, 24},          //
      {"rtx3060", 32, 0, 16},          //
      {"t4", 256, 0, 4},               // 1024 threads
      {"t4", 32, 32 * kb, 2},          // nothing reserved before sm_80
  };
  for (const Case& c : cases) {
    CAPTURE(c.gpu, c.threads, c.shared);
    CHECK(occupancy(gpu_spec(c.gpu), c.threads, c.shared).blocks_per_sm == c.blocks);
  }
}

TEST_CASE("a wave is the resident blocks of all SMs", "[traffic]") {
  CHECK(occupancy(gpu_spec("h100"), 256, 0).wave_blocks == 132 * 8);
  CHECK(occupancy(gpu_spec("t4"), 1024, 0).wave_blocks == 40);
}

TEST_CASE("L1 gets what shared memory leaves", "[traffic]") {
  const uint64_t kb = 1024;
  CHECK(occupancy(gpu_spec("t4"), 1024, 0).l1_bytes == 96 * kb);
  CHECK(occupancy(gpu_spec("h100"), 1024, 0).l1_bytes == 254 * kb);  // two times 1 KB is reserved
  CHECK(occupancy(gpu_spec("h100"), 128, 227 * kb).l1_bytes == 28 * kb);
  CHECK(occupancy(gpu_spec("h100"), 128, 99 * kb).l1_bytes == 56 * kb);
}

// Whole launches through L1, L2 and VRAM, with closed forms.
#include <array>
#include <map>

#include "tests/catch.h"
#include "tests/traffic/stand_in.h"

using namespace stand_in;
using traffic::MemoryCounts;

namespace {

MemoryCounts memory(const Simulator& s, const char* tensor) {
  traffic::Filter f;
  f.tensor = tensor;
  return s.recorder.totals(f).memory;
}

// Rows of 512 bytes from `first`: what a warp does with float4 loads.
Requests rows(simt::AccessKind kind, uint64_t first, int count) {
  Requests r;
  for (int i = 0; i < count; ++i) {
    r.push_back(strided(kind, kDevice, first + static_cast<uint64_t>(i) * 512, 16, 16));
  }
  return r;
}

}  // namespace

TEST_CASE("a cold read comes from VRAM once, a warm one from L1", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 2048);
  Requests twice = rows(kLoad, x, 4);
  for (const auto& r : rows(kLoad, x, 4)) twice.push_back(r);
  s.launch("read", twice);
  const MemoryCounts m = memory(s, "x");
  CHECK(m.load_requests == 8);
  CHECK(m.l1_load_bytes == 4096);
  CHECK(m.l1_hit_bytes == 2048);
  CHECK(m.l2_load_bytes == 2048);
  CHECK(m.l2_hit_bytes == 0);
  CHECK(m.vram_read_bytes == 2048);
  CHECK(m.vram_write_bytes == 0);
}

TEST_CASE("L1 is emptied at each launch, L2 is not", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 2048);
  s.launch("read", rows(kLoad, x, 4));
  s.launch("read", rows(kLoad, x, 4));
  const MemoryCounts m = memory(s, "x");
  CHECK(m.l1_hit_bytes == 0);
  CHECK(m.l2_load_bytes == 4096);
  CHECK(m.l2_hit_bytes == 2048);
  CHECK(m.vram_read_bytes == 2048);
  s.recorder.cool_caches();
  s.launch("read", rows(kLoad, x, 4));
  CHECK(memory(s, "x").vram_read_bytes == 4096);
}

TEST_CASE("blocks on different SMs share L2 but not L1", "[traffic]") {
  Simulator s(small_gpu(2));
  const uint64_t x = s.allocate("x", 2048);
  s.launch("read", 4, [&](uint64_t) { return rows(kLoad, x, 4); });
  const MemoryCounts m = memory(s, "x");  // blocks 0 and 2 on one SM, 1 and 3 on the other
  CHECK(m.l1_load_bytes == 4 * 2048);
  CHECK(m.l2_load_bytes == 2 * 2048);
  CHECK(m.l1_hit_bytes == 2 * 2048);
  CHECK(m.vram_read_bytes == 2048);
}

TEST_CASE("a partly used sector is read whole", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 4096);
  s.launch("stride", {strided(kLoad, kDevice, x, 128, 4)});
  CHECK(memory(s, "x").vram_read_bytes == 32 * 32);
}

TEST_CASE("stores stay in L2 until the flush", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t y = s.allocate("y", 2048);
  s.launch("write", rows(kStore, y, 4));
  MemoryCounts m = memory(s, "y");
  CHECK(m.store_requests == 4);
  CHECK(m.l1_store_bytes == 2048);
  CHECK(m.l2_store_bytes == 2048);
  CHECK(m.vram_bytes() == 0);
  s.launch("read back", rows(kLoad, y, 4));
  CHECK(memory(s, "y").vram_bytes() == 0);
  s.recorder.finish();
  CHECK(memory(s, "y").vram_write_bytes == 2048);
  traffic::Filter flush;
  flush.phase = traffic::Phase::kFlush;
  flush.kernel = "(flush)";
  CHECK(s.recorder.totals(flush).memory.vram_write_bytes == 2048);
  s.recorder.finish();
  CHECK(memory(s, "y").vram_write_bytes == 2048);
}

TEST_CASE("writing a row twice writes it to VRAM once", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t y = s.allocate("y", 512);
  for (int i = 0; i < 3; ++i) s.launch("write", rows(kStore, y, 1));
  s.recorder.finish();
  CHECK(memory(s, "y").l2_store_bytes == 3 * 512);
  CHECK(memory(s, "y").vram_write_bytes == 512);
}

TEST_CASE("a write of part of a sector needs no fill, a read of it does", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t y = s.allocate("y", 4096);
  s.launch("write 4 bytes", {strided(kStore, kDevice, y, 0, 4, 1)});
  CHECK(memory(s, "y").vram_bytes() == 0);
  s.launch("read 4 bytes", {strided(kLoad, kDevice, y, 0, 4, 1)});
  CHECK(memory(s, "y").vram_read_bytes == 32);
  s.launch("write all but 4 bytes", {strided(kStore, kDevice, y + 128, 4, 4, 7)});
  s.launch("write the rest", {strided(kStore, kDevice, y + 128 + 28, 0, 4, 1)});
  s.launch("read it", {strided(kLoad, kDevice, y + 128, 4, 4, 8)});
  CHECK(memory(s, "y").vram_read_bytes == 32);
  s.recorder.finish();
  CHECK(memory(s, "y").vram_write_bytes == 64);
}

TEST_CASE("bytes written with gaps make a whole sector when they meet", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t y = s.allocate("y", 4096);
  s.launch("even floats", {strided(kStore, kDevice, y, 8, 4)});
  CHECK(memory(s, "y").l2_store_bytes == 256);
  s.launch("odd floats", {strided(kStore, kDevice, y + 4, 8, 4)});
  s.launch("read", {strided(kLoad, kDevice, y, 8, 8)});
  CHECK(memory(s, "y").vram_read_bytes == 0);
  CHECK(memory(s, "y").l2_hit_bytes == 256);
}

TEST_CASE("a dirty line that has to go is charged to its own tensor", "[traffic]") {
  Simulator s(small_gpu(2, 4096, 8 * 128));  // L2 of one set of 8 lines
  const uint64_t y = s.allocate("y", 512), x = s.allocate("x", 4096);
  s.launch("write y", rows(kStore, y, 1));
  s.recorder.phase(static_cast<int>(traffic::Phase::kDecode), 7);
  s.launch("read x", rows(kLoad, x, 2));
  CHECK(memory(s, "y").vram_write_bytes == 512);
  CHECK(memory(s, "x").vram_write_bytes == 0);
  traffic::Filter f;  // in the launch that drove it out
  f.tensor = "y";
  f.kernel = "read x";
  f.phase = traffic::Phase::kDecode;
  f.token = 7;
  CHECK(s.recorder.totals(f).memory.vram_write_bytes == 512);
}

TEST_CASE("a store updates L1 only where the sector is", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t y = s.allocate("y", 4096);
  s.launch("write then read",
           {strided(kStore, kDevice, y, 4, 4), strided(kLoad, kDevice, y, 4, 4)});
  CHECK(memory(s, "y").l1_hit_bytes == 0);
  CHECK(memory(s, "y").l2_hit_bytes == 128);
  s.launch("read, write, read",
           {strided(kLoad, kDevice, y, 4, 4), strided(kStore, kDevice, y, 4, 4),
            strided(kLoad, kDevice, y, 4, 4)});
  CHECK(memory(s, "y").l1_hit_bytes == 128);
}

TEST_CASE("an atomic is done at L2 and leaves L1", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t y = s.allocate("y", 4096);
  s.launch("atomics", {strided(kLoad, kDevice, y, 4, 4), strided(kAtomic, kDevice, y, 0, 4),
                       strided(kLoad, kDevice, y, 4, 4)});
  const MemoryCounts m = memory(s, "y");
  CHECK(m.atomic_requests == 1);
  CHECK(m.l2_atomic_bytes == 32);
  CHECK(m.l1_hit_bytes == 96);
  CHECK(m.vram_read_bytes == 128);
  CHECK(m.l2_load_bytes + m.l2_atomic_bytes == m.l2_hit_bytes + m.vram_read_bytes);
  s.recorder.finish();
  CHECK(memory(s, "y").vram_write_bytes == 32);
}

TEST_CASE("an atomic on cold memory reads its sector", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t y = s.allocate("y", 4096);
  s.launch("atomic", {strided(kAtomic, kDevice, y, 4, 4)});
  CHECK(memory(s, "y").vram_read_bytes == 128);
}

TEST_CASE("pinned host memory goes through L1 and PCIe, never through L2", "[traffic]") {
  Simulator s(small_gpu(2));
  const uint64_t h = s.allocate("kv", 4096, kHost);
  auto twice = [&](uint64_t) {
    return Requests{strided(kLoad, kHost, h, 4, 4), strided(kLoad, kHost, h, 4, 4),
                    strided(kStore, kHost, h + 1024, 4, 4),
                    strided(kAtomic, kHost, h + 2048, 0, 4)};
  };
  s.launch("host", 2, twice);
  const MemoryCounts m = memory(s, "kv");
  CHECK(m.l1_load_bytes == 4 * 128);
  CHECK(m.l1_hit_bytes == 2 * 128);
  CHECK(m.host_read_bytes == 2 * 128 + 2 * 32);
  CHECK(m.host_write_bytes == 2 * 128 + 2 * 32);
  CHECK(m.l2_bytes() == 0);
  CHECK(m.vram_bytes() == 0);
}

TEST_CASE("device and host memory at one offset are different lines", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t d = s.allocate("d", 4096), h = s.allocate("h", 4096, kHost);
  REQUIRE(d == h);
  s.launch("both", {strided(kLoad, kDevice, d, 4, 4), strided(kLoad, kHost, h, 4, 4)});
  CHECK(memory(s, "d").l1_hit_bytes == 0);
  CHECK(memory(s, "h").l1_hit_bytes == 0);
  CHECK(memory(s, "h").host_read_bytes == 128);
}

TEST_CASE("memory larger than L2 is read again from VRAM", "[traffic]") {
  Simulator s(small_gpu(2, 4096, 16384));
  const uint64_t x = s.allocate("x", 1 << 20);
  for (int i = 0; i < 2; ++i) s.launch("read", rows(kLoad, x, 2048));
  CHECK(memory(s, "x").vram_read_bytes == 2 << 20);
}

TEST_CASE("resident blocks take turns request by request", "[traffic]") {
  // Two blocks of one SM read the same rows with an L1 of 4 lines. In turns, the second one finds
  // each row that the first one has just read; one after the other, it would find none.
  Simulator s(small_gpu(1, 512));
  const uint64_t x = s.allocate("x", 8192);
  s.launch("read", 2, [&](uint64_t) { return rows(kLoad, x, 16); });
  CHECK(memory(s, "x").l1_hit_bytes == 8192);
}

TEST_CASE("a request that crosses two tensors is counted with the first", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t a = s.allocate("a", 4096);
  const std::vector<uint64_t> addresses = {a + 4092, a + 8192};
  s.allocate("b", 4096);
  s.launch("both", {scattered(kLoad, kDevice, addresses, 4)});
  CHECK(memory(s, "a").load_requests == 1);
  CHECK(memory(s, "b").load_requests == 0);
  CHECK(memory(s, "a").vram_read_bytes == 32);
  CHECK(memory(s, "b").vram_read_bytes == 32);
}

TEST_CASE("what belongs to no allocation is counted as unknown", "[traffic]") {
  Simulator s(small_gpu());
  s.launch("wild", {strided(kLoad, kDevice, 1 << 30, 4, 4)});
  CHECK(memory(s, "(unknown)").vram_read_bytes == 128);
}

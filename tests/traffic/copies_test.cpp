// cudaMemcpy and cudaMemset as they touch PCIe, L2 and VRAM.
#include "tests/catch.h"
#include "tests/traffic/stand_in.h"

using namespace stand_in;
using traffic::Totals;

namespace {

void copy(Simulator& s, simt::Space to, simt::Space from, const void* destination,
          const void* source, uint64_t bytes) {
  simt::CopyInfo c;
  c.to = to;
  c.from = from;
  c.destination = destination;
  c.source = source;
  c.bytes = bytes;
  s.recorder.copy(c);
}

Totals of(const Simulator& s, const char* kernel) {
  traffic::Filter f;
  f.kernel = kernel;
  return s.recorder.totals(f);
}

char host[8192];

}  // namespace

TEST_CASE("a copy to the device goes over PCIe into VRAM", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 4096);
  copy(s, kDevice, kHost, s.address(x), host, 1000);
  const Totals t = of(s, "(copy)");
  CHECK(t.copies.copies == 1);
  CHECK(t.copies.host_to_device_bytes == 1000);
  CHECK(t.memory.host_read_bytes == 1000);
  CHECK(t.memory.vram_write_bytes == 1024);  // whole sectors
  CHECK(t.memory.vram_read_bytes == 0);
  CHECK(t.modelled.copy_seconds > 0);
}

TEST_CASE("a copy to the device drops what L2 held", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 4096);
  s.launch("write", {strided(kStore, kDevice, x, 16, 16)});
  copy(s, kDevice, kHost, s.address(x), host, 512);
  CHECK(of(s, "(copy)").memory.vram_write_bytes == 512);
  s.recorder.finish();
  CHECK(of(s, "(flush)").memory.vram_write_bytes == 0);
  s.launch("read", {strided(kLoad, kDevice, x, 16, 16)});
  CHECK(of(s, "read").memory.vram_read_bytes == 512);
}

TEST_CASE("a copy over part of a dirty sector has it written back first", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 4096);
  s.launch("write", {strided(kStore, kDevice, x, 4, 4, 8)});
  copy(s, kDevice, kHost, s.address(x + 8), host, 4);
  CHECK(of(s, "(copy)").memory.vram_write_bytes == 64);
  s.recorder.finish();
  CHECK(of(s, "(flush)").memory.vram_write_bytes == 0);
}

TEST_CASE("a copy to the host takes from L2 what is there", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 4096);
  s.launch("write", {strided(kStore, kDevice, x, 16, 16)});
  copy(s, kHost, kDevice, host, s.address(x), 1024);
  const Totals t = of(s, "(copy)");
  CHECK(t.copies.device_to_host_bytes == 1024);
  CHECK(t.memory.host_write_bytes == 1024);
  CHECK(t.memory.l2_hit_bytes == 512);
  CHECK(t.memory.vram_read_bytes == 512);
  CHECK(t.memory.vram_write_bytes == 0);
}

TEST_CASE("a copy inside the device reads and writes VRAM and no PCIe", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 4096), y = s.allocate("y", 4096);
  copy(s, kDevice, kDevice, s.address(y), s.address(x), 4096);
  const Totals t = of(s, "(copy)");
  CHECK(t.copies.device_to_device_bytes == 4096);
  CHECK(t.memory.host_bytes() == 0);
  CHECK(s.recorder.totals({{}, {}, {}, "x"}).memory.vram_read_bytes == 4096);
  CHECK(s.recorder.totals({{}, {}, {}, "y"}).memory.vram_write_bytes == 4096);
}

TEST_CASE("a fill writes VRAM", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 4096);
  copy(s, kDevice, kHost, s.address(x), nullptr, 2048);
  const Totals t = of(s, "(copy)");
  CHECK(t.copies.fill_bytes == 2048);
  CHECK(t.memory.vram_write_bytes == 2048);
  CHECK(t.memory.host_bytes() == 0);
}

TEST_CASE("a copy inside the host does not touch the GPU", "[traffic]") {
  Simulator s(small_gpu());
  copy(s, kHost, kHost, host, host + 4096, 4096);
  copy(s, kDevice, kHost, s.address(0), host, 0);
  const Totals t = of(s, "(copy)");
  CHECK(t.copies.copies == 2);
  CHECK(t.copies.host_to_host_bytes == 4096);
  CHECK(t.memory == traffic::MemoryCounts{});
}

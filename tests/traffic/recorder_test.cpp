// Attribution, shared memory, declared work, and the same counts for any number of threads.
#include <random>

#include "tests/catch.h"
#include "tests/traffic/stand_in.h"

using namespace stand_in;
using traffic::Filter;
using traffic::Phase;
using traffic::Totals;

namespace {

// A launch with everything in it; what each block does depends on its number only.
void busy_launch(Simulator& s, const char* kernel, uint64_t x, uint64_t y, uint64_t blocks) {
  static std::vector<std::vector<uint64_t>> addresses(64);
  s.launch(kernel, blocks, [&](uint64_t block) {
    std::mt19937_64 random(block);
    std::vector<uint64_t>& a = addresses[block % 64];
    a.resize(32);
    for (uint64_t& one : a) one = x + random() % 65536 / 4 * 4;
    Requests r;
    for (int i = 0; i < 8; ++i) {
      r.push_back(strided(kLoad, kDevice, x + (block * 8 + static_cast<uint64_t>(i)) % 128 * 512,
                          16, 16, 32, 0x10));
      r.push_back(strided(kLoad, kShared, static_cast<uint64_t>(i) * 4, 132, 4, 32, 0x20));
      r.push_back(strided(kStore, kDevice, y + random() % 1000 * 4, 8, 4, 32, 0x30));
    }
    r.push_back(scattered(kLoad, kDevice, a, 4, 0x40));
    r.push_back(strided(kAtomic, kDevice, y, 0, 4, 32, 0x50));
    r.back().estimated = block % 2 == 0;
    return r;
  });
}

}  // namespace

TEST_CASE("counts are the same for any number of threads and any order of blocks", "[traffic]") {
  std::vector<Totals> totals;
  std::vector<std::vector<traffic::MemoryRow>> rows;
  std::vector<std::vector<traffic::InstructionRow>> instructions;
  for (unsigned threads : {1, 2, 3, 8}) {
    Simulator s(small_gpu(4, 2048, 8192));
    s.threads = threads;
    const uint64_t x = s.allocate("x", 1 << 17), y = s.allocate("y", 1 << 16);
    for (int token = 0; token < 3; ++token) {
      s.recorder.phase(static_cast<int>(Phase::kDecode), token);
      busy_launch(s, "a", x, y, 300);
      busy_launch(s, "b", x, y, 7);
    }
    s.recorder.finish();
    totals.push_back(s.recorder.totals());
    rows.push_back(s.recorder.memory_rows());
    instructions.push_back(s.recorder.instruction_rows());
  }
  CHECK(totals[0].memory.vram_bytes() > 0);
  for (size_t i = 1; i < totals.size(); ++i) {
    CHECK(totals[i] == totals[0]);
    REQUIRE(rows[i].size() == rows[0].size());
    for (size_t k = 0; k < rows[0].size(); ++k) {
      CHECK(rows[i][k].kernel == rows[0][k].kernel);
      CHECK(rows[i][k].tensor == rows[0][k].tensor);
      CHECK(rows[i][k].memory == rows[0][k].memory);
    }
    REQUIRE(instructions[i].size() == instructions[0].size());
    for (size_t k = 0; k < instructions[0].size(); ++k) {
      CHECK(instructions[i][k].counts == instructions[0][k].counts);
    }
  }
}

TEST_CASE("what is loaded is served by L1, L2, VRAM or the host", "[traffic]") {
  Simulator s(small_gpu(4, 2048, 8192));
  const uint64_t x = s.allocate("x", 1 << 17), y = s.allocate("y", 1 << 16);
  busy_launch(s, "a", x, y, 300);
  const traffic::MemoryCounts m = s.recorder.totals().memory;
  CHECK(m.l1_load_bytes == m.l1_hit_bytes + m.l2_load_bytes + m.host_read_bytes);
  CHECK(m.l2_load_bytes + m.l2_atomic_bytes == m.l2_hit_bytes + m.vram_read_bytes);
  CHECK(m.l1_store_bytes == m.l2_store_bytes + m.host_write_bytes);
}

TEST_CASE("counts are kept by phase, token, kernel and tensor", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t a = s.allocate("a", 4096), b = s.allocate("b", 4096);
  s.recorder.phase(static_cast<int>(Phase::kPrefill), 0);
  s.launch("k1", {strided(kLoad, kDevice, a, 4, 4)});
  for (int token : {1, 2}) {
    s.recorder.phase(static_cast<int>(Phase::kDecode), token);
    s.launch("k1", {strided(kLoad, kDevice, a, 4, 4)});
    s.launch("k2", {strided(kLoad, kDevice, b, 16, 16), strided(kStore, kDevice, a, 4, 4)});
  }
  const traffic::Recorder& r = s.recorder;
  CHECK(r.tokens(Phase::kDecode) == std::vector<int>{1, 2});
  CHECK(r.tokens(Phase::kDraft).empty());
  CHECK(r.totals().kernels.launches == 5);
  CHECK(r.totals({Phase::kDecode, {}, {}, {}}).kernels.launches == 4);
  CHECK(r.totals({Phase::kDecode, 2, {}, {}}).kernels.launches == 2);
  CHECK(r.totals({{}, {}, "k2", {}}).memory.l1_load_bytes == 2 * 512);
  CHECK(r.totals({{}, {}, "k2", "a"}).memory.l1_load_bytes == 0);
  CHECK(r.totals({{}, {}, "k2", "a"}).memory.l1_store_bytes == 2 * 128);
  CHECK(r.totals({{}, {}, {}, "a"}).kernels.launches == 0);  // belongs to no tensor
  CHECK(r.totals({{}, {}, "none", {}}) == Totals{});
  const auto rows = r.memory_rows();
  REQUIRE(rows.size() == 7);
  CHECK(rows[0].phase == Phase::kPrefill);
  CHECK(rows[1].token == 1);
  CHECK(rows[2].kernel == "k2");
  CHECK(rows[2].tensor == "a");
  Totals sum;
  for (const auto& row : r.kernel_rows()) sum += row.totals;
  CHECK(sum == r.totals());
}

TEST_CASE("allocations of one name are one tensor", "[traffic]") {
  Simulator s(small_gpu());
  for (int i = 0; i < 3; ++i) {
    s.launch("k", {strided(kLoad, kDevice, s.allocate("scratch", 4096), 4, 4)});
  }
  CHECK(s.recorder.totals({{}, {}, {}, "scratch"}).memory.vram_read_bytes == 3 * 128);
  CHECK(s.recorder.memory_rows().size() == 1);
}

TEST_CASE("shared memory has bytes, requests and wavefronts but no sectors", "[traffic]") {
  Simulator s(small_gpu());
  s.launch("shared", {strided(kLoad, kShared, 0, 128, 4), strided(kStore, kShared, 0, 16, 16),
                      strided(kAtomic, kShared, 0, 4, 4, 10)});
  const traffic::KernelCounts k = s.recorder.totals().kernels;
  CHECK(k.shared_requests == 3);
  CHECK(k.shared_read_bytes == 128 + 40);
  CHECK(k.shared_write_bytes == 512 + 40);
  CHECK(k.shared_wavefronts == 32 + 4 + 1);
  CHECK(k.shared_ideal_wavefronts == 1 + 4 + 1);
  CHECK(s.recorder.totals().memory == traffic::MemoryCounts{});
}

TEST_CASE("what the lanes ask for is counted beside the sectors that it takes", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 1 << 16);
  // 32 whole words in 4 sectors, one word in each of 32 sectors, one word for all lanes.
  s.launch("k", {strided(kLoad, kDevice, x, 4, 4), strided(kStore, kDevice, x, 32, 4),
                 strided(kAtomic, kDevice, x, 0, 4, 10), strided(kLoad, kShared, 0, 4, 4)});
  CHECK(s.recorder.totals().kernels.lane_bytes == 128 + 128 + 40);
  CHECK(s.recorder.totals().memory.l1_bytes() == 128 + 1024 + 32);
}

TEST_CASE("estimated requests are counted apart", "[traffic]") {
  Simulator s(small_gpu());
  Requests r = {strided(kLoad, kShared, 0, 4, 4), strided(kLoad, kDevice, 0, 4, 4)};
  r[0].estimated = true;
  s.launch("k", r);
  CHECK(s.recorder.totals().kernels.estimated_requests == 1);
}

TEST_CASE("instructions are told apart by place, kind, space and width", "[traffic]") {
  Simulator s(small_gpu());
  s.launch("k", 4, [](uint64_t) {
    return Requests{
        strided(kLoad, kDevice, 0, 4, 4, 32, 1), strided(kLoad, kDevice, 0, 16, 16, 8, 2),
        strided(kStore, kDevice, 0, 4, 4, 32, 2), strided(kLoad, kShared, 0, 4, 4, 32, 2),
        strided(kLoad, kDevice, 4, 4, 4, 32, 1)};
  });
  const auto rows = s.recorder.instruction_rows();
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].kernel == "k");
  CHECK(rows[0].counts.requests == 8);
  CHECK(rows[0].counts.lanes == 8 * 32);
  CHECK(rows[0].counts.sectors == 4 * (4 + 5));
  CHECK(rows[1].counts.bytes == 16);
  CHECK(rows[1].counts.sectors == 4 * 4);
  CHECK(rows[2].counts.kind == kStore);
  CHECK(rows[3].counts.space == kShared);
  CHECK(rows[3].counts.wavefronts == 4);
}

TEST_CASE("many instructions fit into the table", "[traffic]") {
  Simulator s(small_gpu());
  Requests r;
  for (uint64_t pc = 0; pc < 5000; ++pc) r.push_back(strided(kLoad, kShared, 0, 4, 4, 32, pc));
  s.launch("k", r);
  s.launch("k", r);
  const auto rows = s.recorder.instruction_rows();
  REQUIRE(rows.size() == 5000);
  for (uint64_t pc = 0; pc < 5000; ++pc) {
    REQUIRE(rows[pc].counts.pc == pc);
    REQUIRE(rows[pc].counts.requests == 2);
  }
}

TEST_CASE("declared work belongs to the next launch", "[traffic]") {
  Simulator s(small_gpu());
  s.recorder.work(1000, 0);
  s.recorder.work(0, 50);
  s.launch("declared", {});
  s.launch("undeclared", {});
  const auto declared = s.recorder.totals({{}, {}, "declared", {}}).declared;
  CHECK(declared.fp32_multiply_adds == 1000);
  CHECK(declared.int8_multiply_adds == 50);
  CHECK(declared.undeclared_launches == 0);
  CHECK(s.recorder.totals({{}, {}, "undeclared", {}}).declared.undeclared_launches == 1);
  CHECK(s.recorder.totals({{}, {}, "undeclared", {}}).declared.multiply_adds() == 0);
}

TEST_CASE("a library's bytes are declared and stay apart from the counted ones", "[traffic]") {
  Simulator s(small_gpu());
  s.recorder.phase(static_cast<int>(Phase::kDecode), 4);
  simt::LibraryInfo call;
  call.name = "thrust::sort_by_key";
  call.read_bytes = 4096;
  call.written_bytes = 2048;
  call.launches = 5;
  s.recorder.library(call);
  const Totals t = s.recorder.totals({Phase::kDecode, 4, "thrust::sort_by_key", {}});
  CHECK(t.libraries == traffic::LibraryCounts{1, 5, 4096, 2048});
  CHECK(t.memory == traffic::MemoryCounts{});
  CHECK(t.kernels.launches == 0);
  CHECK(t.modelled.library_seconds > 0);
  CHECK(t.modelled.kernel_seconds == 0);
}

TEST_CASE("the first launch of a kernel with static shared memory counts like the later ones",
          "[traffic]") {
  // 2 KB a block leave room for two blocks an SM; before the first wave that is not known.
  auto vram = [](bool known_before) {
    Simulator s(small_gpu(1, 4096, 1024));
    const uint64_t x = s.allocate("x", 1 << 16);
    auto body = [&](uint64_t block) {
      // Each row twice: two blocks' rows fit into L2, twelve blocks' do not.
      Requests r;
      for (uint64_t i = 0; i < 8; ++i) {
        r.push_back(strided(kLoad, kDevice, x + (block * 4 + i / 2) * 512, 16, 16));
      }
      return r;
    };
    if (known_before) {
      s.launch(
          "k", 1, [](uint64_t) { return Requests{}; }, 32, 2048);
    }
    s.launch("k", 12, body, 32, 2048);
    return s.recorder.totals().memory;
  };
  CHECK(vram(true).vram_read_bytes == 12 * 4 * 512);
  CHECK(vram(false) == vram(true));
}

TEST_CASE("reset forgets counts and caches but not names", "[traffic]") {
  Simulator s(small_gpu());
  const uint64_t x = s.allocate("x", 4096);
  s.recorder.phase(static_cast<int>(Phase::kDecode), 3);
  s.recorder.work(5, 5);
  s.launch("k", {strided(kStore, kDevice, x, 4, 4), strided(kLoad, kShared, 0, 4, 4)});
  s.recorder.reset();
  CHECK(s.recorder.totals() == Totals{});
  CHECK(s.recorder.instruction_rows().empty());
  s.launch("k", {strided(kLoad, kDevice, x, 4, 4)});
  const Totals t = s.recorder.totals({Phase::kLoad, -1, "k", "x"});
  CHECK(t.memory.vram_read_bytes == 128);
  s.recorder.finish();
  CHECK(s.recorder.totals().memory.vram_write_bytes == 0);
}

TEST_CASE("an unknown phase number counts as loading", "[traffic]") {
  Simulator s(small_gpu());
  s.recorder.phase(99, 1);
  s.launch("k", {});
  CHECK(s.recorder.totals({Phase::kLoad, 1, {}, {}}).kernels.launches == 1);
}

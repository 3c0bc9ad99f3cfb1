// The arena: places, offsets, guard pages, names, reuse.
#include "common/simt/arena.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/catch.h"

using namespace simt;

namespace {

constexpr int kChildPassed = 42;

unsigned char byte_at(const void* p, size_t i) { return static_cast<const unsigned char*>(p)[i]; }

// Does touching this byte end the process?
bool touching_kills(char* p) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    const rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    *static_cast<volatile char*>(p) = 1;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

}  // namespace

TEST_CASE("an address says which space it is in", "[simt]") {
  void* device = arena_allocate(Space::kDevice, 100);
  void* host = arena_allocate(Space::kHost, 100);
  void* shared = arena_allocate(Space::kShared, kSharedArenaBytes);
  REQUIRE(arena_offset(device) / kSpaceBytes == uint64_t(Space::kDevice));
  REQUIRE(arena_offset(host) / kSpaceBytes == uint64_t(Space::kHost));
  REQUIRE(arena_offset(shared) / kSpaceBytes == uint64_t(Space::kShared));
  int on_stack = 0;
  REQUIRE(in_arena(device));
  REQUIRE_FALSE(in_arena(&on_stack));
  REQUIRE_FALSE(in_arena(nullptr));
  REQUIRE(arena_free(Space::kDevice, device));
  REQUIRE(arena_free(Space::kHost, host));
}

TEST_CASE("an allocation is found by each of its bytes and by its guard page", "[simt]") {
  char* p = static_cast<char*>(arena_allocate(Space::kDevice, 5000));
  const Allocation* a = find_allocation(p);
  REQUIRE(a != nullptr);
  CHECK(a->bytes == 5000);
  CHECK(a->live);
  CHECK(a->name == "unnamed");
  CHECK(a->offset % kPageBytes == 0);
  CHECK(a->offset == arena_offset(p));
  CHECK(find_allocation(p + 4999) == a);
  CHECK(find_allocation(p + 2 * kPageBytes) == a);  // the guard page
  CHECK(&allocation(a->id) == a);
  CHECK(allocation_of_page(Space::kDevice, a->offset / kPageBytes) == a->id);
  name_allocation(p + 17, "scores");
  CHECK(a->name == "scores");
  REQUIRE(arena_free(Space::kDevice, p));
  CHECK_FALSE(a->live);
  CHECK(find_allocation(p) == a);  // so that a use after it can be named
}

TEST_CASE("new memory is filled with 0xFF", "[simt]") {
  void* p = arena_allocate(Space::kDevice, 10000);
  for (size_t i = 0; i < 10000; i++) REQUIRE(byte_at(p, i) == 0xFF);
  float number = 0;
  std::memcpy(&number, p, sizeof number);
  CHECK(number != number);
  arena_free(Space::kDevice, p);
}

TEST_CASE("the page behind an allocation and freed memory cannot be touched", "[simt]") {
  char* p = static_cast<char*>(arena_allocate(Space::kDevice, kPageBytes));
  CHECK_FALSE(touching_kills(p + kPageBytes - 1));
  CHECK(touching_kills(p + kPageBytes));
  CHECK(touching_kills(p - 1));
  REQUIRE(arena_free(Space::kDevice, p));
  CHECK(touching_kills(p));
}

TEST_CASE("freeing twice, elsewhere, or in the wrong space is refused", "[simt]") {
  char* p = static_cast<char*>(arena_allocate(Space::kDevice, 64));
  int on_stack = 0;
  CHECK_FALSE(arena_free(Space::kHost, p));
  CHECK_FALSE(arena_free(Space::kDevice, p + 1));
  CHECK_FALSE(arena_free(Space::kDevice, &on_stack));
  CHECK_FALSE(arena_free(Space::kDevice, nullptr));
  CHECK(arena_free(Space::kDevice, p));
  CHECK_FALSE(arena_free(Space::kDevice, p));
}

TEST_CASE("freed addresses are not given out again, and ids count up", "[simt]") {
  void* first = arena_allocate(Space::kDevice, 64);
  const uint32_t id = find_allocation(first)->id;
  arena_free(Space::kDevice, first);
  void* second = arena_allocate(Space::kDevice, 64);
  CHECK(second > first);
  CHECK(find_allocation(second)->id == id + 1);
  CHECK(allocation_count() == id + 1);
  CHECK_THROWS_AS(allocation(0), std::out_of_range);
  CHECK_THROWS_AS(allocation(id + 2), std::out_of_range);
  arena_free(Space::kDevice, second);
}

TEST_CASE("the distance of two allocations depends on their sizes only", "[simt]") {
  char* a = static_cast<char*>(arena_allocate(Space::kHost, kPageBytes + 1));
  char* b = static_cast<char*>(arena_allocate(Space::kHost, 1));
  CHECK(b - a == 3 * static_cast<long>(kPageBytes));  // two pages and the guard page
  arena_free(Space::kHost, a);
  arena_free(Space::kHost, b);
}

TEST_CASE("VRAM ends at its limit, and its use is counted", "[simt]") {
  const uint64_t limit = device_memory_limit(), used = device_memory_used();
  set_device_memory_limit(used + 1000);
  CHECK(arena_allocate(Space::kDevice, 1001) == nullptr);
  void* p = arena_allocate(Space::kDevice, 1000);
  CHECK(p != nullptr);
  CHECK(device_memory_used() == used + 1000);
  CHECK(arena_allocate(Space::kDevice, 1) == nullptr);
  CHECK(arena_allocate(Space::kDevice, ~uint64_t{0}) == nullptr);
  CHECK(arena_allocate(Space::kDevice, 0) == nullptr);
  arena_free(Space::kDevice, p);
  CHECK(device_memory_used() == used);
  set_device_memory_limit(limit);
}

TEST_CASE("more memory than this machine has is refused, not taken", "[simt]") {
  const uint64_t machine =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  if (machine < kSpaceBytes - (uint64_t{1} << 30)) {  // a larger machine has what a space can hold
    CHECK(arena_allocate(Space::kHost, machine + (uint64_t{1} << 20)) == nullptr);
  }
}

TEST_CASE("several threads may allocate at once", "[simt]") {
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([t, &wrong] {
      for (int i = 1; i <= 200; i++) {
        const size_t bytes = static_cast<size_t>(i) * 37;
        char* p = static_cast<char*>(arena_allocate(Space::kDevice, bytes));
        std::memset(p, t, bytes);
        if (find_allocation(p)->bytes != bytes || p[bytes - 1] != t) wrong++;
        if (!arena_free(Space::kDevice, p)) wrong++;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

// The child process has little address space, so that its arena is small and runs out.
TEST_CASE("freed ranges are used again once the addresses have run out", "[simt]") {
  if (const char* small = std::getenv("SIMT_TEST_SMALL_ARENA"); small && *small == '1') {
    void* first = nullptr;
    bool again = false;
    for (int i = 0; i < 100000 && !again; i++) {
      void* p = arena_allocate(Space::kHost, 32 << 20);
      REQUIRE(p != nullptr);
      if (!first) first = p;
      again = i > 0 && p == first;
      REQUIRE(byte_at(p, 1234) == 0xFF);
      std::memset(p, 0, 32 << 20);
      REQUIRE(arena_free(Space::kHost, p));
    }
    _exit(again ? kChildPassed : 1);
  }
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit = {rlim_t{1} << 30, rlim_t{1} << 30};
    setrlimit(RLIMIT_AS, &limit);
    setenv("SIMT_TEST_SMALL_ARENA", "1", 1);
    execl("/proc/self/exe", "small-arena",
          "freed ranges are used again once the addresses have run out", nullptr);
    _exit(99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == kChildPassed);
}

// Bank conflicts: closed forms, and random requests against an independent reference.
#include "common/traffic/banks.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "tests/catch.h"
#include "tests/traffic/stand_in.h"

using namespace stand_in;
using traffic::wavefronts;

namespace {

uint32_t count(const simt::WarpRequest& r) { return traffic::wavefronts(r).count; }
uint32_t ideal(const simt::WarpRequest& r) { return traffic::wavefronts(r).ideal; }

// Straight from the rule: parts of 32, 16 or 8 lanes; in each, the bank with the most distinct
// words.
traffic::Wavefronts reference(const std::vector<uint64_t>& addresses, uint32_t bytes) {
  const size_t part = bytes <= 4 ? 32 : bytes <= 8 ? 16 : 8;
  traffic::Wavefronts w;
  std::set<uint64_t> all;
  for (size_t first = 0; first < addresses.size(); first += part) {
    std::set<uint64_t> words;
    for (size_t i = first; i < std::min(addresses.size(), first + part); ++i) {
      for (uint64_t b = addresses[i]; b < addresses[i] + bytes; ++b) words.insert(b / 4);
      for (uint64_t b = addresses[i]; b < addresses[i] + bytes; ++b) all.insert(b);
    }
    std::vector<uint32_t> banks(32);
    for (uint64_t word : words) ++banks[word % 32];
    w.count += *std::max_element(banks.begin(), banks.end());
  }
  w.ideal = std::max<uint32_t>(1, static_cast<uint32_t>((all.size() + 127) / 128));
  if (std::set<uint64_t>(addresses.begin(), addresses.end()).size() == 1) w.count = 1;
  return w;
}

std::vector<uint64_t> lane_addresses(const simt::WarpRequest& r) {
  std::vector<uint64_t> a;
  for (int i = 0; i < r.lanes; ++i) a.push_back(r.first + static_cast<uint64_t>(r.stride * i));
  return a;
}

}  // namespace

TEST_CASE("a stride of n words takes gcd(n, 32) wavefronts", "[traffic]") {
  for (int n = 1; n <= 70; ++n) {
    const uint32_t expected = static_cast<uint32_t>(std::gcd(n, 32));
    CHECK(count(strided(kLoad, kShared, 0, n * 4, 4)) == expected);
    CHECK(count(strided(kStore, kShared, 1 << 16, -n * 4, 4)) == expected);
  }
  CHECK(count(strided(kLoad, kShared, 0, 4, 4)) == 1);
  CHECK(count(strided(kLoad, kShared, 0, 8, 4)) == 2);
  CHECK(count(strided(kLoad, kShared, 0, 32 * 4, 4)) == 32);
  CHECK(count(strided(kLoad, kShared, 0, 33 * 4, 4)) == 1);
}

TEST_CASE("a broadcast takes one wavefront at any width", "[traffic]") {
  for (uint32_t bytes : {1, 2, 4, 8, 16}) {
    CHECK(count(strided(kLoad, kShared, 64, 0, bytes)) == 1);
    CHECK(ideal(strided(kLoad, kShared, 64, 0, bytes)) == 1);
    const std::vector<uint64_t> same(32, 64), odd(32, 67);
    CHECK(count(scattered(kLoad, kShared, same, bytes)) == 1);
    CHECK(ideal(scattered(kLoad, kShared, same, bytes)) == 1);
    CHECK(count(scattered(kLoad, kShared, odd, bytes)) == 1);
  }
}

TEST_CASE("wide accesses in a row are ideal", "[traffic]") {
  CHECK(count(strided(kLoad, kShared, 0, 8, 8)) == 2);
  CHECK(ideal(strided(kLoad, kShared, 0, 8, 8)) == 2);
  CHECK(count(strided(kLoad, kShared, 0, 16, 16)) == 4);
  CHECK(ideal(strided(kLoad, kShared, 0, 16, 16)) == 4);
  CHECK(count(strided(kLoad, kShared, 0, 2, 2)) == 1);
  CHECK(count(strided(kLoad, kShared, 0, 1, 1)) == 1);
}

TEST_CASE("columns of 16-byte accesses conflict within a quarter warp", "[traffic]") {
  CHECK(count(strided(kLoad, kShared, 0, 128, 16)) == 32);  // 8 lanes in the same four banks
  CHECK(count(strided(kLoad, kShared, 0, 144, 16)) == 4);   // padded by one access
  CHECK(count(strided(kLoad, kShared, 0, 32, 16)) == 8);
}

TEST_CASE("few lanes take few wavefronts", "[traffic]") {
  CHECK(count(strided(kLoad, kShared, 0, 128, 4, 1)) == 1);
  CHECK(count(strided(kLoad, kShared, 0, 128, 4, 5)) == 5);
  CHECK(count(strided(kLoad, kShared, 0, 16, 16, 9)) == 2);
}

TEST_CASE("strided wavefronts are those of the reference", "[traffic]") {
  for (uint32_t bytes : {1, 2, 4, 8, 12, 16}) {
    for (int64_t stride = -300; stride <= 300; ++stride) {
      for (int lanes : {1, 7, 8, 9, 16, 17, 31, 32}) {
        for (uint64_t first : {1 << 14, (1 << 14) + 2, (1 << 14) + 4, (1 << 14) + 24}) {
          const auto r = strided(kLoad, kShared, first, stride, bytes, lanes);
          const traffic::Wavefronts want = reference(lane_addresses(r), bytes), got = wavefronts(r);
          CAPTURE(bytes, stride, lanes, first);
          REQUIRE(got.count == want.count);
          REQUIRE(got.count >= got.ideal);
          if (first % bytes == 0 && stride % bytes == 0) REQUIRE(got.ideal == want.ideal);
        }
      }
    }
  }
}

TEST_CASE("scattered wavefronts are those of the reference", "[traffic]") {
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; ++round) {
    const uint32_t bytes = 1u << random() % 5;
    std::vector<uint64_t> addresses(1 + random() % 32);
    const uint64_t range = uint64_t{64} << random() % 9;
    for (uint64_t& a : addresses) a = random() % range / bytes * bytes;
    const traffic::Wavefronts want = reference(addresses, bytes);
    const traffic::Wavefronts got = wavefronts(scattered(kLoad, kShared, addresses, bytes));
    REQUIRE(got.count == want.count);
    REQUIRE(got.ideal == want.ideal);
    REQUIRE(got.count >= got.ideal);
  }
}

TEST_CASE("a counted memcpy in shared memory goes in steps of 16 bytes", "[traffic]") {
  CHECK(count(strided(kLoad, kShared, 0, 0, 64, 1)) == 4);
  CHECK(count(strided(kStore, kShared, 0, 32, 32)) == 16);
}

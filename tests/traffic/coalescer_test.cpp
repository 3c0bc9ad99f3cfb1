// Requests become sectors: closed forms, and every byte against a slow reference.
#include "common/traffic/coalescer.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "common/traffic/cache.h"
#include "tests/catch.h"
#include "tests/traffic/stand_in.h"

using namespace stand_in;
using traffic::Entry;

namespace {

unsigned sectors(const simt::WarpRequest& r) {
  traffic::WordBuffer out;
  return traffic::coalesce(r, out);
}

// The bytes that a stream says are touched, and how often a sector appears in it.
struct Decoded {
  std::set<uint64_t> bytes;
  std::map<uint64_t, int> sectors;
  int firsts = 0;
};

Decoded decode(const traffic::WordBuffer& words) {
  Decoded d;
  const uint64_t* at = words.data();
  const uint64_t* end = at + words.size();
  while (at != end) {
    const Entry e{*at++};
    d.firsts += e.first();
    const uint64_t line = (e.key() & (traffic::kHostKey - 1)) * uint64_t{128};
    std::set<uint64_t> touched;
    if (e.gaps()) {
      const uint64_t masks[2] = {at[0], at[1]};
      at += 2;
      for (uint64_t b = 0; b < 128; ++b) {
        if (masks[b / 64] >> (b % 64) & 1) touched.insert(line + b);
      }
    } else {
      const uint64_t last = line + (e.lines() - 1) * uint64_t{128} + e.last();
      for (uint64_t b = line + e.begin(); b <= last; ++b) touched.insert(b);
    }
    std::set<uint64_t> own;
    for (uint64_t b : touched) own.insert(b / 32);
    for (uint64_t s : own) ++d.sectors[s];
    d.bytes.insert(touched.begin(), touched.end());
  }
  return d;
}

void check_against_reference(const simt::WarpRequest& r) {
  std::set<uint64_t> bytes, sector_set;
  for (int i = 0; i < r.lanes; ++i) {
    const uint64_t a = r.addresses ? r.addresses[i] : r.first + static_cast<uint64_t>(r.stride * i);
    for (uint64_t b = a; b < a + r.bytes; ++b) bytes.insert(b);
  }
  for (uint64_t b : bytes) sector_set.insert(b / 32);
  traffic::WordBuffer out;
  const unsigned count = traffic::coalesce(r, out);
  const Decoded d = decode(out);
  CHECK(count == sector_set.size());
  CHECK(d.firsts == 1);
  CHECK(traffic::is_first(out.data()[0]));
  std::set<uint64_t> found;
  bool once = true;
  for (const auto& [sector, times] : d.sectors) {
    found.insert(sector);
    once &= times == 1;
  }
  CHECK(found == sector_set);
  CHECK(once);  // or the replay would count it twice
  if (r.kind == kStore) CHECK(d.bytes == bytes);
}

}  // namespace

TEST_CASE("a coalesced request takes its bytes over 32 sectors", "[traffic]") {
  CHECK(sectors(strided(kLoad, kDevice, 0, 4, 4)) == 4);
  CHECK(sectors(strided(kLoad, kDevice, 0, 2, 2)) == 2);
  CHECK(sectors(strided(kLoad, kDevice, 0, 1, 1)) == 1);
  CHECK(sectors(strided(kLoad, kDevice, 0, 8, 8)) == 8);
  CHECK(sectors(strided(kLoad, kDevice, 4096, 16, 16)) == 16);
}

TEST_CASE("a misaligned request takes one sector more", "[traffic]") {
  CHECK(sectors(strided(kLoad, kDevice, 4, 4, 4)) == 5);
  CHECK(sectors(strided(kLoad, kDevice, 16, 16, 16)) == 17);
  CHECK(sectors(strided(kStore, kDevice, 28, 4, 4)) == 5);
}

TEST_CASE("a broadcast takes one sector", "[traffic]") {
  CHECK(sectors(strided(kLoad, kDevice, 256, 0, 4)) == 1);
  CHECK(sectors(strided(kLoad, kDevice, 24, 0, 16)) == 2);
  CHECK(sectors(strided(kAtomic, kDevice, 256, 0, 4)) == 1);
}

TEST_CASE("a strided request takes a sector a lane once the stride is 32 bytes", "[traffic]") {
  CHECK(sectors(strided(kLoad, kDevice, 0, 8, 4)) == 8);
  CHECK(sectors(strided(kLoad, kDevice, 0, 16, 4)) == 16);
  CHECK(sectors(strided(kLoad, kDevice, 0, 32, 4)) == 32);
  CHECK(sectors(strided(kLoad, kDevice, 0, 4096, 4)) == 32);
  CHECK(sectors(strided(kStore, kDevice, 1 << 20, -128, 4)) == 32);
  CHECK(sectors(strided(kLoad, kDevice, 31 * 4, -4, 4)) == 4);
}

TEST_CASE("a coalesced request is one word of the stream", "[traffic]") {
  for (auto kind : {kLoad, kStore, kAtomic}) {
    traffic::WordBuffer out;
    traffic::coalesce(strided(kind, kHost, 132, 16, 16), out);
    REQUIRE(out.size() == 1);
    const Entry e{out.data()[0]};
    CHECK(e.kind() == kind);
    CHECK(e.key() == (traffic::kHostKey | 1));
    CHECK(e.lines() == 5);
    CHECK(e.begin() == 4);
    CHECK(e.last() == 3);
  }
}

TEST_CASE("the last line of a space fits into an entry", "[traffic]") {
  traffic::WordBuffer out;
  CHECK(traffic::coalesce(strided(kStore, kHost, simt::kSpaceBytes - 128, 4, 4), out) == 4);
  CHECK(Entry{out.data()[0]}.key() == 0x7FFFFFFF);
}

TEST_CASE("requests of fixed strides touch the bytes that the lanes touch", "[traffic]") {
  for (auto kind : {kLoad, kStore, kAtomic}) {
    for (uint32_t bytes : {1, 2, 4, 8, 12, 16}) {
      for (int64_t stride :
           {0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 31, 32, 33, 36, 64, 100, 128, 132, 4096}) {
        for (int lanes : {1, 2, 31, 32}) {
          for (uint64_t first : {0, 4, 30, 100, 8192}) {
            check_against_reference(strided(kind, kDevice, first, stride, bytes, lanes));
            check_against_reference(
                strided(kind, kDevice, first + (1 << 20), -stride, bytes, lanes));
          }
        }
      }
    }
  }
}

TEST_CASE("requests of random addresses touch the bytes that the lanes touch", "[traffic]") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    const int lanes = 1 + static_cast<int>(random() % 32);
    const uint32_t bytes = 1u << random() % 5;
    const uint64_t range = uint64_t{16} << random() % 16;
    std::vector<uint64_t> addresses(static_cast<size_t>(lanes));
    for (uint64_t& a : addresses) {
      a = random() % range;
      if (round % 3 != 0) a = a / bytes * bytes;
    }
    if (round % 4 == 0) std::sort(addresses.begin(), addresses.end());
    for (auto kind : {kLoad, kStore, kAtomic}) {
      check_against_reference(scattered(kind, kDevice, addresses, bytes));
    }
  }
}

TEST_CASE("a counted memcpy may be longer than an entry can say", "[traffic]") {
  check_against_reference(strided(kStore, kDevice, 100, 300000, 300000, 2));
  check_against_reference(strided(kLoad, kDevice, 7, 0, 1024 * 128, 1));
  check_against_reference(strided(kLoad, kDevice, 0, 500000, 200001, 3));
  const std::vector<uint64_t> apart = {900000, 3, 400000};
  check_against_reference(scattered(kStore, kDevice, apart, 150000));
}

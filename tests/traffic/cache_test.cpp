// The cache model against a slow reference made of lists and sets.
#include "common/traffic/cache.h"

#include <list>
#include <map>
#include <random>
#include <set>

#include "tests/catch.h"

using traffic::ByteMask;

namespace {

// Lines in sets by the documented hash; each set a list, most recently used first. A line knows for
// every byte whether it is there and whether it is dirty.
class SlowCache {
 public:
  explicit SlowCache(uint64_t lines) : lines_(lines), sets_((lines + 7) / 8) {}

  struct Line {
    uint32_t key;
    std::set<int> here, dirty;
  };
  struct Result {
    unsigned hit = 0;
    uint32_t evicted = traffic::kNoLine;
    unsigned written_back = 0;
  };

  static unsigned sectors(const std::set<int>& bytes) {
    unsigned mask = 0;
    for (int b : bytes) mask |= 1u << b / 32;
    return mask;
  }
  static unsigned whole(const std::set<int>& bytes) {
    unsigned mask = 0;
    for (int s = 0; s < 4; ++s) {
      int n = 0;
      for (int b = 0; b < 32; ++b) n += static_cast<int>(bytes.count(s * 32 + b));
      if (n == 32) mask |= 1u << s;
    }
    return mask;
  }

  Line& use(uint32_t key, Result& result) {
    const uint64_t hash = key * uint64_t{0x9E3779B97F4A7C15} >> 32;
    const size_t index = hash * sets_.size() >> 32;
    const size_t ways = lines_ / sets_.size() + (index < lines_ % sets_.size() ? 1 : 0);
    std::list<Line>& set = sets_[index];
    for (auto it = set.begin(); it != set.end(); ++it) {
      if (it->key == key) {
        set.splice(set.begin(), set, it);
        return set.front();
      }
    }
    if (set.size() == ways) {
      result.evicted = set.back().key;
      result.written_back = sectors(set.back().dirty);
      set.pop_back();
    }
    set.push_front({key, {}, {}});
    return set.front();
  }

  Result load(uint32_t key, unsigned mask) {
    Result result;
    Line& line = use(key, result);
    result.hit = whole(line.here) & mask;
    fill(line, mask);
    return result;
  }
  Result atomic(uint32_t key, unsigned mask) {
    Result result = load(key, mask);
    Result ignored;
    Line& line = use(key, ignored);
    for (int b = 0; b < 128; ++b) {
      if (mask >> b / 32 & 1) line.dirty.insert(b);
    }
    return result;
  }
  Result store(uint32_t key, const std::set<int>& bytes) {
    Result result;
    Line& line = use(key, result);
    line.here.insert(bytes.begin(), bytes.end());
    line.dirty.insert(bytes.begin(), bytes.end());
    return result;
  }
  std::map<uint32_t, unsigned> flush() {
    std::map<uint32_t, unsigned> dirty;
    for (const std::list<Line>& set : sets_) {
      for (const Line& line : set) {
        if (!line.dirty.empty()) dirty[line.key] = sectors(line.dirty);
      }
    }
    return dirty;
  }

 private:
  static void fill(Line& line, unsigned mask) {
    for (int b = 0; b < 128; ++b) {
      if (mask >> b / 32 & 1) line.here.insert(b);
    }
  }
  uint64_t lines_;
  std::vector<std::list<Line>> sets_;
};

ByteMask mask_of(const std::set<int>& bytes) {
  ByteMask mask{};
  for (int b : bytes) mask[b / 32] |= 1u << b % 32;
  return mask;
}

void same(const traffic::L2Result& got, const SlowCache::Result& want) {
  REQUIRE(got.hit == want.hit);
  REQUIRE(got.written_back == want.written_back);
  if (want.written_back != 0) REQUIRE(got.evicted == want.evicted);
}

}  // namespace

TEST_CASE("L2 does what a slow write-back cache with byte masks does", "[traffic]") {
  for (uint64_t lines : {1, 2, 7, 8, 9, 15, 16, 17, 100, 191}) {
    std::mt19937_64 random(lines);
    traffic::L2Cache fast(lines * 128);
    SlowCache slow(lines);
    REQUIRE(fast.bytes() == lines * 128);
    for (int step = 0; step < 20000; ++step) {
      const uint32_t key = static_cast<uint32_t>(random() % (lines * 2 + 1)) * (step % 2 ? 1 : 32);
      const unsigned mask = 1 + random() % 15;
      switch (random() % 4) {
        case 0:
          same(fast.load(key, mask), slow.load(key, mask));
          break;
        case 1:
          same(fast.atomic(key, mask), slow.atomic(key, mask));
          break;
        case 2: {
          std::set<int> bytes;
          for (int b = 0; b < 128; ++b) {
            if (mask >> b / 32 & 1) bytes.insert(b);
          }
          same(fast.store(key, mask), slow.store(key, bytes));
          break;
        }
        default: {
          std::set<int> bytes;
          const int begin = static_cast<int>(random() % 128),
                    end = begin + static_cast<int>(random() % 70);
          for (int b = begin; b <= std::min(end, 127); ++b) bytes.insert(b);
          same(fast.store_bytes(key, mask_of(bytes)), slow.store(key, bytes));
        }
      }
    }
    std::map<uint32_t, unsigned> dirty;
    fast.flush([&](uint32_t line, unsigned mask) { dirty[line] = mask; });
    REQUIRE(dirty == slow.flush());
    fast.flush([&](uint32_t, unsigned) { FAIL("nothing is dirty after a flush"); });
  }
}

TEST_CASE("L1 does what a slow cache that knows only loads does", "[traffic]") {
  for (uint64_t lines : {0, 1, 8, 24, 100, 2048}) {
    std::mt19937_64 random(lines + 7);
    traffic::L1Cache fast;
    fast.resize(lines * 128);
    SlowCache slow(std::max<uint64_t>(lines, 1));
    for (int step = 0; step < 20000; ++step) {
      const uint32_t key = static_cast<uint32_t>(random() % (lines + lines / 2 + 2));
      const unsigned mask = 1 + random() % 15;
      REQUIRE(fast.load(key, mask) == (lines == 0 ? 0 : slow.load(key, mask).hit));
    }
  }
}

TEST_CASE("resizing or clearing L1 empties it", "[traffic]") {
  traffic::L1Cache l1;
  l1.resize(4096);
  for (uint64_t bytes : {4096, 8192, 128, 0, 4096}) {
    l1.resize(bytes);
    CHECK(l1.load(5, 15) == 0);
    CHECK(l1.load(5, 15) == (bytes == 0 ? 0 : 15));
  }
  l1.drop(5, 3);
  CHECK(l1.load(5, 15) == 12);
}

TEST_CASE("lines in a row fill a cache without pushing each other out", "[traffic]") {
  for (uint64_t lines : {64, 191, 2048, 409600}) {
    traffic::L2Cache l2(lines * 128);
    // The hash leaves a little room in some sets: 7 in 8 lines always fit.
    const uint32_t fit = static_cast<uint32_t>(lines * 7 / 8);
    for (uint32_t i = 0; i < fit; ++i) l2.load(1000 + i, 15);
    uint32_t hits = 0;
    for (uint32_t i = 0; i < fit; ++i) hits += l2.present(1000 + i, 15) == 15;
    CHECK(hits >= fit - fit / 50);
  }
}

TEST_CASE("a copy behind L2 keeps what it does not overwrite", "[traffic]") {
  traffic::L2Cache l2(8 * 128);
  l2.store(3, 15);
  CHECK(l2.present(3, 15) == 15);
  CHECK(l2.overwrite(3, 6, 2) == 4);  // sector 1 is dropped, sector 2 written back
  CHECK(l2.present(3, 15) == 9);
  CHECK(l2.overwrite(3, 9, 9) == 0);
  CHECK(l2.present(3, 15) == 0);
  l2.flush([](uint32_t, unsigned) { FAIL("nothing is left"); });
}

// Bits of sectors, and ranges from them.
#include "common/traffic/touched.h"

#include <algorithm>
#include <functional>

namespace traffic {
namespace {

constexpr uint32_t kPageLines = simt::kPageBytes / kLineBytes;
constexpr int kPageSectors = simt::kPageBytes / kSectorBytes;

}  // namespace

bool join_ranges(std::vector<ByteRange>& ranges, size_t most) {
  if (ranges.size() <= most) return false;
  std::vector<uint64_t> gaps;
  for (size_t i = 1; i < ranges.size(); ++i) gaps.push_back(ranges[i].begin - ranges[i - 1].end);
  // As many gaps stay as fit; equal ones go together, so that a regular pattern becomes one range.
  const auto largest = gaps.begin() + static_cast<int64_t>(most - 1);
  std::nth_element(gaps.begin(), largest, gaps.end(), std::greater<>());
  const uint64_t closed = *largest;
  size_t kept = 0;
  for (size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin - ranges[kept].end <= closed) {
      ranges[kept].end = ranges[i].end;
    } else {
      ranges[++kept] = ranges[i];
    }
  }
  ranges.resize(kept + 1);
  return true;
}

void TouchedSectors::mark(uint32_t key, unsigned sectors, simt::AccessKind kind) {
  const bool host = key >= kHostKey;
  const uint32_t line = key & (kHostKey - 1), page = line / kPageLines;
  std::vector<Page>& pages = pages_[host];
  if (page >= pages.size()) pages.resize(std::max<size_t>(page + 1, pages.size() * 3 / 2));
  Page& p = pages[page];
  if ((p.read[0] | p.read[1] | p.written[0] | p.written[1]) == 0) touched_[host].push_back(page);
  const uint32_t in_page = line % kPageLines;
  const uint64_t bits = uint64_t{sectors} << 4 * (in_page % 16);
  if (kind != simt::AccessKind::kStore) p.read[in_page / 16] |= bits;
  if (kind != simt::AccessKind::kLoad) p.written[in_page / 16] |= bits;
}

void TouchedSectors::add(const BlockStream& block) {
  for (const uint64_t* at = block.begin; at != block.end;) {
    const Entry e{*at++};
    if (e.gaps()) {
      const uint64_t low = *at++, high = *at++;
      mark(e.key(),
           touched_sectors({static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32),
                            static_cast<uint32_t>(high), static_cast<uint32_t>(high >> 32)}),
           e.kind());
      continue;
    }
    for (uint32_t i = 0, n = e.lines(); i < n; ++i) {
      mark(e.key() + i, sectors_of(i == 0 ? e.begin() : 0, i + 1 == n ? e.last() : kLineBytes - 1),
           e.kind());
    }
  }
}

void TouchedSectors::append(std::vector<ByteRange>& ranges, const Bits& bits, uint64_t page_begin,
                            const AllocationMap::Place& place) {
  for (int s = 0; s < kPageSectors; ++s) {
    if ((bits[s / 64] >> s % 64 & 1) == 0) continue;
    const uint64_t begin = page_begin + static_cast<uint64_t>(s) * kSectorBytes - place.offset;
    if (begin >= place.bytes) return;
    const uint64_t end = std::min(begin + kSectorBytes, place.bytes);
    if (!ranges.empty() && ranges.back().end == begin) {
      ranges.back().end = end;
    } else {
      ranges.push_back({begin, end});
    }
  }
}

std::vector<TouchedRanges> TouchedSectors::drain() {
  std::vector<TouchedRanges> result;
  for (const bool host : {false, true}) {
    std::vector<uint32_t>& touched = touched_[host];
    std::sort(touched.begin(), touched.end());
    for (const uint32_t number : touched) {
      Page& page = pages_[host][number];
      if (const uint32_t id = allocations_.of_page(host, number)) {
        if (result.empty() || result.back().id != id) result.push_back({id, {}, {}, false});
        const uint64_t begin = uint64_t{number} * simt::kPageBytes;
        append(result.back().read, page.read, begin, allocations_.place(id));
        append(result.back().written, page.written, begin, allocations_.place(id));
      }
      page = {};
    }
    touched.clear();
  }
  for (TouchedRanges& t : result) {
    t.coarse = join_ranges(t.read, kMaxRanges);
    t.coarse |= join_ranges(t.written, kMaxRanges);
  }
  std::sort(result.begin(), result.end(),
            [](const TouchedRanges& a, const TouchedRanges& b) { return a.id < b.id; });
  return result;
}

}  // namespace traffic

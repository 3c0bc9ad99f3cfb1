// Choosing the block that is watched.
#include "common/traffic/walk.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "common/traffic/gpu_spec.h"  // TrafficError

namespace traffic {

WalkChoice::WalkChoice(const std::string& text) {
  if (text == "none") return;
  kind_ = text == "middle" ? Kind::kMiddle : Kind::kNumber;
  if (text == "first" || text == "middle") return;
  if (text == "last") {
    number_ = std::numeric_limits<uint64_t>::max();
    return;
  }
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number_);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) {
    throw TrafficError("--walk-block: found '" + text +
                       "', expected first, middle, last, a block's number or none");
  }
}

std::optional<uint64_t> WalkChoice::of(uint64_t blocks) const {
  if (kind_ == Kind::kNone) return std::nullopt;
  return kind_ == Kind::kMiddle ? blocks / 2 : std::min(number_, blocks - 1);
}

}  // namespace traffic

// Which block of a launch is watched step by step, for LaunchEvent::walk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace traffic {

class WalkChoice {
 public:
  WalkChoice() = default;  // none
  // "first", "middle", "last", a block's number, or "none". Throws TrafficError.
  explicit WalkChoice(const std::string& text);

  // The linear index of the block among `blocks` (> 0): a number beyond them means the last.
  std::optional<uint64_t> of(uint64_t blocks) const;

 private:
  enum class Kind { kNone, kMiddle, kNumber } kind_ = Kind::kNone;
  uint64_t number_ = 0;
};

}  // namespace traffic

// Catch2 2.13 (Debian 12, Ubuntu 22.04) or 3.x (Debian 13, Ubuntu 24.04), as one include.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>

namespace Catch::Matchers {
// As version 3 names it.
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
}  // namespace Catch::Matchers
#endif

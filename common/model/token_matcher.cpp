// Longest match by narrowing a range of sorted tokens one byte at a time.
#include "common/model/token_matcher.h"

#include <algorithm>

namespace model {

void TokenMatcher::add(const std::string& text, int id) {
  if (text.empty()) return;
  tokens_.push_back({text, id});
  first_byte_[static_cast<unsigned char>(text[0])] = true;
}

void TokenMatcher::finish() { std::sort(tokens_.begin(), tokens_.end()); }

std::pair<int, size_t> TokenMatcher::longest(std::string_view text, size_t at) const {
  if (!first_byte_[static_cast<unsigned char>(text[at])]) return {-1, 0};
  std::pair<int, size_t> best = {-1, 0};
  auto low = tokens_.begin();
  auto high = tokens_.end();
  for (size_t depth = 0; at + depth < text.size(); ++depth) {
    // Of the tokens that agree with the text so far, keep those whose next byte agrees too. A token
    // that ends here has no next byte and comes first.
    int wanted = static_cast<unsigned char>(text[at + depth]);
    auto next_byte = [depth](const auto& token) {
      return depth < token.first.size() ? static_cast<unsigned char>(token.first[depth]) : -1;
    };
    low = std::lower_bound(low, high, wanted,
                           [&](const auto& token, int byte) { return next_byte(token) < byte; });
    high = std::upper_bound(low, high, wanted,
                            [&](int byte, const auto& token) { return byte < next_byte(token); });
    if (low == high) break;
    if (low->first.size() == depth + 1) best = {low->second, depth + 1};
  }
  return best;
}

}  // namespace model

#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// Counts texts, such as the kinds of reasons for which a step refuses records. Beyond `most_texts` all others count as one,
/// which is empty: whoever sends bad records does not decide how much is kept here.
///
/// Thread-safe.
class tally {
public:
  static constexpr std::size_t most_texts = 100;

  void add(std::string_view text) {
    const std::lock_guard lock{m_};
    auto at = counts_.find(text);
    if (at == counts_.end())
      at = counts_.try_emplace(counts_.size() < most_texts ? std::string{text} : std::string{}).first;
    ++at->second;
  }

  /// At most `count` texts with how often each was added, the most frequent first.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> most_frequent(std::size_t count) const {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    {
      const std::lock_guard lock{m_};
      all.assign(counts_.begin(), counts_.end());
    }
    std::ranges::stable_sort(all, [](const auto& a, const auto& b) { return a.second > b.second; });
    all.resize(std::min(all.size(), count));
    return all;
  }

private:
  mutable std::mutex m_;
  std::map<std::string, std::uint64_t, std::less<>> counts_; // guarded by m_
};

} // namespace leat

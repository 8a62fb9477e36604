#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace leat {

/// Keeps one cause from filling the log: of each kind of line, one passes in a span of time, and the next one learns how many
/// were held back before it.
///
/// Beyond `most_kinds` all further kinds are one: whoever sends bad records does not decide how much is kept here. Guarded by
/// its owner.
class log_limit {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::size_t most_kinds = 100;

  explicit log_limit(clock::duration quiet) : quiet_{quiet} {}

  /// @returns how many lines of this kind were held back since the last that passed; none: this one is held back too.
  std::optional<std::uint64_t> pass(std::string_view kind, clock::time_point now) {
    auto at = kinds_.find(kind);
    if (at == kinds_.end())
      at = kinds_.try_emplace(kinds_.size() < most_kinds ? std::string{kind} : std::string{}).first;
    auto& k = at->second;
    if (k.last && now - *k.last < quiet_) {
      ++k.held_back;
      return std::nullopt;
    }
    k.last = now;
    return std::exchange(k.held_back, 0);
  }

  /// The lines that are held back now, of all kinds.
  [[nodiscard]] std::uint64_t held_back() const {
    std::uint64_t all = 0;
    for (const auto& [name, k] : kinds_)
      all += k.held_back;
    return all;
  }

private:
  struct kind {
    std::optional<clock::time_point> last{};
    std::uint64_t held_back = 0;
  };

  const clock::duration quiet_;
  std::map<std::string, kind, std::less<>> kinds_;
};

} // namespace leat

#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace leat::cli {

/// How long many things took, in little memory: a value is known to a 64th of it.
class latency_histogram {
public:
  using micros = std::chrono::microseconds;

  void add(micros value) {
    ++counts_[slot_of(static_cast<std::uint64_t>(value.count() < 0 ? 0 : value.count()))];
    ++count_;
    largest_ = value > largest_ ? value : largest_;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] micros largest() const noexcept { return largest_; }

  /// What `share` of the values, 0 to 1, are not above; 0 when there are none.
  [[nodiscard]] micros percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t slot = 0; slot < slots; ++slot)
      if (seen += counts_[slot]; counts_[slot] > 0 && seen > wanted) {
        const micros least{static_cast<std::int64_t>(value_of(slot))};
        return least < largest_ ? least : largest_;
      }
    return largest_;
  }

private:
  // Below 64 a slot for each value; above, 64 for each power of two.
  static constexpr std::size_t fine = 64;
  static constexpr std::size_t slots = fine * 60;

  static std::size_t slot_of(std::uint64_t value) {
    if (value < fine)
      return static_cast<std::size_t>(value);
    const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 7;
    return fine * (shift + 1) + static_cast<std::size_t>(value >> shift) - fine;
  }
  static std::uint64_t value_of(std::size_t slot) {
    if (slot < 2 * fine)
      return slot;
    const auto shift = slot / fine - 1;
    return static_cast<std::uint64_t>(slot % fine + fine) << shift;
  }

  std::array<std::uint64_t, slots> counts_{};
  std::uint64_t count_ = 0;
  micros largest_{0};
};

} // namespace leat::cli

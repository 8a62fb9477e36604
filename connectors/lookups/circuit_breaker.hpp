#pragma once

#include <leat/base/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace leat {

/// When a service counts as broken, and for how long.
struct breaker_options {
  std::size_t calls = 20;   ///< so many of the latest are looked at, once there are so many
  double failures = 0.5;    ///< this share of them failed: it opens
  duration open_for{5'000}; ///< then one call may try, and the others wait for what becomes of it
};

/// Keeps calls from a service that fails anyway, as Nygard's "Release It!" has it: closed, it lets calls through; when too many of
/// the latest have failed it opens, and lets none through for a while; then, half open, one: if that succeeds it closes, else it is
/// open for as long again. Thread-safe.
class circuit_breaker {
public:
  using clock = std::chrono::steady_clock;
  enum class state : std::uint8_t { closed, open, half_open };

  explicit circuit_breaker(breaker_options options);

  /// Stands for a call that was allowed.
  using ticket = std::uint64_t;

  /// Allows a call, or none now. Whoever makes one tells `note` what has become of it.
  [[nodiscard]] std::optional<ticket> allow(clock::time_point now = clock::now());

  /// The call has succeeded or failed. One that was allowed before the state changed says nothing about the state now.
  /// @returns whether the state is another now.
  bool note(ticket call, bool succeeded, clock::time_point now = clock::now());

  [[nodiscard]] state current() const;

private:
  bool turn(state to, clock::time_point now);

  const breaker_options options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  state state_ = state::closed;
  ticket changes_ = 0; // of the state: the ticket of the calls that it allows
  clock::time_point opened_{};
  std::vector<bool> failed_; // of the latest calls, a ring
  std::size_t next_ = 0, known_ = 0, failures_ = 0;
};

/// "closed", "open", "half open".
[[nodiscard]] std::string_view to_text(circuit_breaker::state s) noexcept;

} // namespace leat

#pragma once

#include <atomic>

namespace leat {

/// Turns any number of wake-ups from other threads into at most one message that waits.
///
/// A client library calls back for every change; an actor wants to know once that it should look. The caller rings; the
/// first ring since the actor last answered says "send the message". The actor answers *before* it looks, so a change after
/// its look always rings again.
///
/// Thread-safe: any thread may ring, one answers.
class wake_gate {
public:
  /// @returns whether the caller must send the wake-up; false when one is on its way already.
  [[nodiscard]] bool ring() noexcept { return !rung_.exchange(true, std::memory_order_acq_rel); }

  /// The wake-up has arrived: what happens from now on rings again.
  void answer() noexcept { rung_.exchange(false, std::memory_order_acq_rel); }

private:
  std::atomic<bool> rung_{false};
};

} // namespace leat

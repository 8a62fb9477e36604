#pragma once

#include <leat/base/time.hpp>

#include <algorithm>

namespace leat {

/// Processing time as the steps of one actor see it: the wall clock when the actor began what it is doing now.
///
/// Steps read no clock themselves, so tests decide what time it is. Never goes back. Owned by one actor; not thread-safe.
class processing_clock {
public:
  [[nodiscard]] timestamp now() const noexcept { return now_; }

  /// Called by the actor before it works; an earlier time than the present one is ignored.
  void advance_to(timestamp t) noexcept { now_ = std::max(now_, t); }

private:
  timestamp now_ = min_timestamp;
};

} // namespace leat

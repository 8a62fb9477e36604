#pragma once

#include <leat/persistence/epoch_ledger.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// Tells a person why nothing is being committed.
///
/// That windows are open is no reason to say anything: an epoch lasts until they fire. It is said when an epoch should be
/// settled and is not: its barrier does not get through, or the newest source has passed its time, and for a minute it has
/// waited for a source that is silent or for a sink that does not deliver. Said again every minute while it lasts.
///
/// Owned by one coordinator; not thread-safe.
class commit_stall {
public:
  using clock = std::chrono::steady_clock;

  /// Called every second or so.
  /// @param wait what the ledger says.
  /// @param sinks the names of their stages.
  /// @param sources the newest watermark of each source's partitions that have not ended, by its name.
  /// @returns what to log; empty for nothing.
  [[nodiscard]] std::string observe(
    clock::time_point now, const std::optional<epoch_wait>& wait, const std::map<actor_id, std::string>& sinks,
    const std::map<std::string, timestamp>& sources);

private:
  std::uint64_t epoch_ = 0;
  clock::time_point begun_{};                // when `epoch_` was first seen
  std::optional<clock::time_point> since_{}; // since when there has been a reason
  std::optional<clock::time_point> said_{};
};

} // namespace leat

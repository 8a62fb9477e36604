#pragma once

#include <leat/base/time.hpp>
#include <leat/messages/partition.hpp>

#include <chrono>
#include <mutex>
#include <set>
#include <string_view>

namespace leat {

/// Which partitions are served by a broker that answers, so that a partition nobody can read is not taken for an idle one:
/// an idle partition no longer holds back the watermark, and what it holds would then come late.
///
/// Told by librdkafka's statistics, each broker for itself: while one is away, the partitions of the others stay in reach,
/// and a partition whose leader has moved is in reach again. A broker counts once its connection has stood for the time of
/// one fetch and has not been silent for much longer than that, as a stopped process is. So a partition in reach has been
/// asked for records after its broker came back. Words that are too old count for nothing.
///
/// Thread-safe.
class partition_reach {
public:
  /// Between two statistics.
  static constexpr std::chrono::milliseconds interval{500};

  /// @param fetch_wait how long a broker may hold back the answer to a fetch (`fetch.wait.max.ms`).
  explicit partition_reach(duration fetch_wait = std::chrono::milliseconds{500}) : fetch_wait_{fetch_wait} {}

  void set_fetch_wait(duration fetch_wait);

  /// Takes one statistics document of librdkafka's (STATISTICS.md there); one that cannot be understood changes nothing.
  void update(std::string_view statistics) noexcept;

  [[nodiscard]] bool in_reach(const partition& which) const;

private:
  mutable std::mutex m_;
  duration fetch_wait_;                           // guarded by m_, like all below
  std::set<partition> reached_;                   // by the last statistics
  std::chrono::steady_clock::time_point heard_{}; // when those came
};

} // namespace leat

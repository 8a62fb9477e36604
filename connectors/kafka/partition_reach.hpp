#pragma once

#include <leat/base/time.hpp>
#include <leat/messages/partition.hpp>

#include <chrono>
#include <map>
#include <mutex>
#include <string_view>

namespace leat {

/// Which partitions are served by a broker that answers, so that a partition nobody can read is not taken for an idle one:
/// an idle partition no longer holds back the watermark, and what it holds would then come late.
///
/// Told by librdkafka's statistics, each broker for itself: while one is away, the partitions of the others stay in reach,
/// and a partition whose leader has moved is in reach again. A broker counts once its connection has stood for the time of
/// one fetch, and while it has not been silent for a second more than that, as a stopped process is. So a partition in reach
/// has been asked for records after its broker came back, and an idle timeout above that silence never passes during one.
///
/// Thread-safe.
class partition_reach {
public:
  /// Between two statistics.
  static constexpr std::chrono::milliseconds interval{500};
  using clock = std::chrono::steady_clock;

  /// @param fetch_wait how long a broker may hold back the answer to a fetch (`fetch.wait.max.ms`).
  explicit partition_reach(duration fetch_wait = std::chrono::milliseconds{500}) : fetch_wait_{fetch_wait} {}

  void set_fetch_wait(duration fetch_wait);

  /// Takes one statistics document of librdkafka's (STATISTICS.md there); one that cannot be understood changes nothing.
  /// @param now when it was made.
  void update(std::string_view statistics, clock::time_point now = clock::now()) noexcept;

  [[nodiscard]] bool in_reach(const partition& which, clock::time_point now = clock::now()) const;

  /// Whether all brokers that there was something to ask of were connected, by the last statistics.
  [[nodiscard]] bool all_connected() const;

private:
  mutable std::mutex m_;
  duration fetch_wait_;                          // guarded by m_, like all below
  std::map<partition, clock::time_point> heard_; // when its broker has last said something, by the last statistics
  bool all_connected_ = false;
};

} // namespace leat

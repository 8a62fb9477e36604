#pragma once

#include <leat/apps/fraud_alerts/demo/fraud_plan.hpp>
#include <leat/apps/fraud_alerts/records.hpp>
#include <leat/apps/fraud_alerts/rules.hpp>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace leat::fraud {

/// Measures how long an alert takes from the moment when it could first be known to the moment when it is read.
///
/// An alert about one transaction could be known when that transaction was handed to the producer. An alert about a window
/// or a pair could be known when the last partition was handed a transaction that lets the watermark pass its end: one whose
/// event time is at least that end plus the out-of-orderness bound. Waiting in the producer and in Kafka is included.
///
/// Thread-safe: one thread feeds, another reads.
class latency_log {
public:
  using clock = std::chrono::steady_clock;

  /// @param late the bound on out-of-orderness that the job runs with.
  /// @param frauds those among the traffic: alerts about pairs are timed exactly for them.
  latency_log(const rules& what, duration late, const std::vector<injected_fraud>& frauds = {});

  /// A transaction that will raise an alert by itself was handed to the producer.
  void transaction_sent(const std::string& transaction_id, clock::time_point now);

  /// Every partition has been handed an event time of at least `newest`. Called by one thread, `newest` never decreasing.
  void all_reached(timestamp newest, clock::time_point now);

  /// An alert was read.
  void alert_read(const alert& raised, clock::time_point now);

  /// Milliseconds by rule, ascending.
  [[nodiscard]] std::map<std::string, std::vector<double>> milliseconds() const;

private:
  [[nodiscard]] std::optional<clock::time_point> knowable_since(const alert& raised) const;

  const duration late_;
  const duration step_;               // every window ends at a multiple of it
  std::vector<timestamp> fraud_ends_; // ascending
  std::size_t next_end_ = 0;          // in fraud_ends_, not passed yet; of the feeding thread
  timestamp passed_ = min_timestamp;  // multiple of step_; of the feeding thread
  mutable std::mutex m_;
  std::unordered_map<std::string, clock::time_point> sent_;        // guarded by m_
  std::vector<std::pair<timestamp, clock::time_point>> passed_at_; // guarded by m_; both ascending
  std::map<std::string, std::vector<double>> milliseconds_;        // guarded by m_
};

/// The value that a share `q` of `ascending` does not exceed (nearest rank); none of nothing.
[[nodiscard]] std::optional<double> percentile(const std::vector<double>& ascending, double q);

} // namespace leat::fraud

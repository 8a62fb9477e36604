#pragma once

#include <leat/apps/fraud_alerts/demo/scorecard.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace leat::fraud {

/// What a demo has measured.
struct demo_results {
  std::int64_t events = 0;
  double seconds = 0;       ///< from the first transaction fed to the last one read by the job
  double event_seconds = 0; ///< event time that went by
  std::map<std::string, rule_score> rules;
  std::int64_t false_alerts = 0;
  std::map<std::string, std::vector<double>> latencies; ///< milliseconds by rule, ascending
  std::int64_t late = 0;                                ///< transactions whose windows had fired
  std::optional<std::int64_t> peak_memory;              ///< bytes
  bool embedded = true;                                 ///< the broker is a part of this process
  std::int64_t rate = 0;                                ///< transactions per second that were fed at most; 0: no limit
};

/// The table at the end of a demo, with an explanation of its numbers.
[[nodiscard]] std::string report_table(const demo_results& results);

/// The largest resident memory this process ever had, in bytes (VmHWM of /proc/self/status); none where there is no such
/// file.
[[nodiscard]] std::optional<std::int64_t> peak_memory();

} // namespace leat::fraud

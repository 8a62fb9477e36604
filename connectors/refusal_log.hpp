#pragma once

#include <leat/base/metrics.hpp>
#include <leat/connectors/log_limit.hpp>
#include <leat/messages/dead_letter.hpp>

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace leat {

/// Says in the log which records one source or sink has refused, and why: without it, they would only be found by those who
/// look at dead letters, or at a count.
///
/// Reasons that differ in numbers and quoted values alone are of one kind. Of each kind, the first is logged at once, as a
/// warning, and then one in `quiet_time`, with how many others there were; what is held back at the end is counted then. The
/// record's bytes are not logged, but for what its reason quotes. The reason of the first of all stands in the job's metrics, as
/// the note `first_refusal` of the step, and how many there were of each kind in its tally `refusals`.
///
/// Thread-safe: the actors of a source share one; each actor of a sink has its own.
class refusal_log {
public:
  using clock = log_limit::clock;
  static constexpr std::chrono::seconds quiet_time{10};

  /// @param kind and `step` begin every line: "source 'events'".
  /// @param notes the job's metrics, which outlive this; null: none.
  refusal_log(std::string_view kind, std::string step, metrics* notes);
  refusal_log(const refusal_log&) = delete;
  refusal_log& operator=(const refusal_log&) = delete;
  ~refusal_log();

  /// @param kept whether it goes to the dead letters; otherwise it is dropped.
  void add(const dead_letter& refused, bool kept, clock::time_point now);

  /// The same of a record that has no place.
  void add(std::string_view reason, bool kept, clock::time_point now);

private:
  void log(const dead_letter* of, std::string_view reason, bool kept, clock::time_point now);

  const std::string step_;
  const std::string who_;
  metrics* const notes_;
  tally* const reasons_; // of all logs of the step; null as notes_
  std::mutex m_;
  log_limit limit_{quiet_time}; // guarded by m_
  bool noted_ = false;          // guarded by m_
};

} // namespace leat

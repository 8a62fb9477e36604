#pragma once

#include <leat/base/metrics.hpp>
#include <leat/base/time.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>

namespace leat {

/// How far a job has come, at some instant.
struct progress_snapshot {
  duration elapsed{0};             ///< since the job started
  std::int64_t records_in = 0;     ///< read by all sources
  std::int64_t records_out = 0;    ///< written by all sinks
  double records_per_second = 0;   ///< read, lately
  double bytes_per_second = 0;     ///< read, lately
  std::int64_t late = 0;           ///< dropped because their window had fired
  std::int64_t dead_letters = 0;   ///< rejected by a source or a sink
  std::optional<std::int64_t> lag; ///< records not yet read, unless some partition does not know
  std::optional<double> fraction;  ///< of a bounded input, in [0, 1]; nothing when it is not known
  std::optional<timestamp>
    watermark; ///< the smallest of all partitions and steps that are not idle; nothing before all have one
};

/// The snapshot as one line of at most `width` columns, without a line break:
/// `00:42  87%  1.23 M records/s  168 MB/s  51.7 M in  8.41 M out  lag 7.72 M  12 late  event time …`.
/// What is least important goes first when the line is too narrow. Numbers have three digits and a power of 1000.
[[nodiscard]] std::string progress_line(const progress_snapshot& snapshot, std::size_t width);

/// Makes snapshots from the metrics of a job: `records_in`, `records_out`, `bytes_in`, `late_records` and `dead_letters`
/// are summed over all steps and instances; `lag` (records, -1 unknown) is a gauge of each source partition, `watermark` (milliseconds)
/// and `idle` (0 or 1) of each partition and step. Event time does not go back but when the job starts again (`restarts`): a
/// partition that was idle may be behind, and while all are, it stands. Used by one thread.
class progress_meter {
public:
  /// @param bounded whether the input ends, so that a percentage means something.
  explicit progress_meter(bool bounded) noexcept : bounded_{bounded} {}

  /// @param elapsed since the job started; never decreases from call to call. Rates are taken over the last two seconds,
  /// or since the last call when that is longer ago.
  [[nodiscard]] progress_snapshot observe(duration elapsed, std::span<const metrics::sample> samples);

private:
  struct reading {
    duration elapsed;
    std::int64_t records, bytes;
  };

  const bool bounded_;
  std::deque<reading> readings_{{duration{0}, 0, 0}}; // oldest first
  std::optional<timestamp> watermark_;                // the latest that was shown
  std::int64_t restarts_ = 0;                         // until then
};

} // namespace leat

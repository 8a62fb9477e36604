#pragma once

#include <leat/base/metrics.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/source.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Event times that are believed: outside, a record is rejected rather than allowed to drag the watermark along.
struct time_bounds {
  duration max_past{};   ///< `time.max-past`
  duration max_future{}; ///< `time.max-future`

  /// @throws config_error when one is missing or no duration.
  static time_bounds of(const settings& config);
};

/// Counts the records of one partition that are refused for their event times: the metrics `future_records` and `past_records`.
struct time_refusals {
  metric* future = nullptr; ///< of those further ahead of the clock than is believed; none: nobody counts
  metric* past = nullptr;   ///< of those further behind

  static time_refusals of(metrics& registry, std::string_view step, std::uint32_t instance) {
    return {&registry.get("future_records", step, instance), &registry.get("past_records", step, instance)};
  }
};

/// The way of every source from bytes to a batch: decode, read event times, and set aside what cannot be used.
///
/// Belongs to one reader; not thread-safe.
class record_intake {
public:
  /// @param event_time none: the record's own time is its event time.
  /// @param refusals where records are counted whose event time is not believed.
  /// @param origins see `connector_context::origins`.
  record_intake(
    std::string step, partition from, std::unique_ptr<decoder> decoding,
    std::shared_ptr<const timestamp_assigner> event_time, time_bounds bounds, time_refusals refusals = {},
    bool origins = false);

  /// How many of `in`, from the first one on, `take` can be given now; see `decoder::ready`.
  [[nodiscard]] std::size_t ready(std::span<const raw_record> in, const waker& wake) { return decoder_->ready(in, wake); }

  /// Appends what `in` decodes to to `out`; each other record adds a dead letter with the reason and its bytes.
  /// @param now the wall clock, against which event times are judged.
  /// @throws step_error naming the step when the user's function for event times throws.
  void take(std::span<const raw_record> in, timestamp now, batch_base& out, batch<dead_letter>& rejected);

private:
  void set_origins(std::span<const raw_record> in, batch_base& out, std::size_t first) const;
  void take_own_times(std::span<const raw_record> in, std::span<timestamp> times) const;
  void reject_unbelievable(
    std::span<const raw_record> in, timestamp now, batch_base& out, std::size_t first, batch<dead_letter>& rejected);
  void reject(const raw_record& record, std::string reason, batch<dead_letter>& rejected);

  std::string step_;
  partition from_;
  std::unique_ptr<decoder> decoder_;
  std::shared_ptr<const timestamp_assigner> event_time_;
  time_bounds bounds_;
  time_refusals refusals_;
  bool origins_;
  std::vector<rejection> rejections_; // of the present call, in the order of the records
};

/// Why an event time outside `bounds` is not believed, with a guess at the mistake: seconds, microseconds or nanoseconds
/// where milliseconds were meant.
std::string explain_event_time(timestamp t, timestamp now, const time_bounds& bounds);

} // namespace leat

#pragma once

#include <leat/connectors/event_time.hpp>
#include <leat/connectors/spec.hpp>
#include <leat/connectors/watermark_alignment.hpp>

#include <memory>
#include <string>
#include <utility>

namespace leat {

/// What the descriptions of sources share: the step's name, where event times come from, whom they wait for. `Spec` is the
/// description itself; each call returns a changed copy.
template <class Spec, class T>
class timed_spec : public aligned_spec<Spec> {
public:
  using record = T;

  /// Takes event times from the records. Without this a record's time is the source's own: Kafka's, or when it was read.
  /// @param time_of a member of type `leat::timestamp`, or a function of the record that returns one.
  /// @param watermarks how far behind the newest record of its partition another may be and still count: `late_by(5s)`,
  /// `monotonous`, or `watermarks_by(…)` a strategy of one's own.
  template <class TimeOf>
  Spec event_time(TimeOf time_of, const watermark_rule& watermarks = {}) const {
    static_assert(
      reads_time<T, TimeOf>(),
      "event_time(f): f is a member of the record, of type leat::timestamp, or a function of the record "
      "that returns one");
    auto changed = static_cast<const Spec&>(*this);
    if constexpr (reads_time<T, TimeOf>())
      changed.times_ = std::make_shared<typed_timestamps<T, TimeOf>>(std::move(time_of));
    changed.watermarks_ = watermarks;
    return changed;
  }

  // What `.source(…)` asks:
  [[nodiscard]] std::string name() const { return name_; }
  [[nodiscard]] const watermark_rule& watermarks() const { return watermarks_; }
  [[nodiscard]] std::shared_ptr<sink> make_dead_letters() const { return nullptr; }

protected:
  explicit timed_spec(std::string name) : name_{std::move(name)} {}
  ~timed_spec() = default;

  std::string name_;
  std::shared_ptr<const timestamp_assigner> times_; // null: the source's own
  watermark_rule watermarks_;
};

} // namespace leat

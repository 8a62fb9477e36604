#pragma once

#include <leat/base/error.hpp>
#include <leat/base/steady_wall_clock.hpp>
#include <leat/connectors/alarm_clock.hpp>
#include <leat/connectors/timed_spec.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

/// How many records a generator makes, how fast, and in how many partitions.
struct generator_options {
  std::optional<std::int64_t> count;        ///< in all; none: for ever
  std::optional<double> records_per_second; ///< of all partitions together; none: as fast as they are read
  std::int32_t partitions = 1;
};

/// Makes records: record i is `make(i)` and belongs to partition i modulo their number.
template <class T, class Make>
class generator_source final : public source {
  using clock = std::chrono::steady_clock;

public:
  generator_source(Make make, generator_options options, std::shared_ptr<const timestamp_assigner> times)
    : make_{std::move(make)}, options_{options}, times_{std::move(times)} {}

  std::vector<partition> open(const connector_context& context) override {
    if (options_.partitions < 1 || options_.count.value_or(0) < 0 || !(options_.records_per_second.value_or(1) > 0))
      throw pipeline_error{
        "source '" + context.step +
        "': a generator needs at least one partition, a rate above 0, and a count that is not negative"};
    if (context.bounded && !options_.count)
      throw connector_error{
        "source '" + context.step +
        "': a generator without count has no end to read up to: give it .count(n), or leave "
        "--bounded out"};
    if (options_.records_per_second)
      alarms_ = std::make_unique<alarm_clock>();
    started_ = clock::now();
    std::vector<partition> all;
    for (std::int32_t p = 0; p < options_.partitions; ++p)
      all.push_back({context.step, p});
    return all;
  }

  std::unique_ptr<partition_reader>
  make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) override {
    return std::make_unique<reader>(*this, from.value_or(which.number), std::move(wake));
  }

  [[nodiscard]] std::shared_ptr<const timestamp_assigner> event_times() const override { return times_; }
  [[nodiscard]] bool timed_by_reading() const override { return !times_; }

private:
  class reader final : public partition_reader {
  public:
    reader(generator_source& from, std::int64_t first, waker wake)
      : from_{from}, make_{from.make_}, first_{first}, next_{first}, wake_{std::move(wake)} {}

    read_status read(batch_base& out, batch<dead_letter>&) override {
      auto& typed = batch<T>::of(out);
      const auto now = clock::now();
      const auto read_at = steady_wall_clock();
      while (!ended() && !typed.full() && due() <= now) {
        typed.push(make_(next_), read_at);
        next_ += from_.options_.partitions;
      }
      if (from_.times_)
        from_.times_->assign(out, 0);
      if (ended())
        return read_status::ended;
      if (due() <= now)
        return read_status::more;
      from_.alarms_->wake_at(due(), wake_);
      return read_status::drained;
    }

    [[nodiscard]] std::int64_t position() const override { return next_; }
    void commit(std::int64_t, timestamp) override {} // each run makes them anew

  private:
    [[nodiscard]] bool ended() const { return from_.options_.count && next_ >= *from_.options_.count; }

    [[nodiscard]] clock::time_point due() const {
      if (!from_.options_.records_per_second)
        return from_.started_;
      const std::chrono::duration<double> after{
        static_cast<double>(next_ - first_ + first_ % from_.options_.partitions) / *from_.options_.records_per_second};
      return from_.started_ + std::chrono::duration_cast<clock::duration>(after);
    }

    const generator_source& from_;
    Make make_; // one per reader: it may keep state
    const std::int64_t first_;
    std::int64_t next_;
    const waker wake_;
  };

  const Make make_;
  const generator_options options_;
  const std::shared_ptr<const timestamp_assigner> times_;
  std::unique_ptr<alarm_clock> alarms_; // null: as fast as they are read
  clock::time_point started_{};
};

/// Describes the making of records; see `generator`.
template <class T, class Make>
class generator_spec final : public timed_spec<generator_spec<T, Make>, T> {
public:
  explicit generator_spec(Make make) : timed_spec<generator_spec, T>{"generator"}, make_{std::move(make)} {}

  /// Ends after so many records.
  generator_spec count(std::int64_t records) const {
    auto changed = *this;
    changed.options_.count = records;
    return changed;
  }

  /// Makes so many records per second, all partitions together.
  generator_spec rate(double records_per_second) const {
    auto changed = *this;
    changed.options_.records_per_second = records_per_second;
    return changed;
  }

  /// Deals the records out to so many partitions, which are read at the same time.
  generator_spec partitions(std::int32_t number) const {
    auto changed = *this;
    changed.options_.partitions = number;
    return changed;
  }

  [[nodiscard]] std::shared_ptr<source> make_source() const {
    return std::make_shared<generator_source<T, Make>>(make_, options_, this->times_);
  }

private:
  Make make_;
  generator_options options_;
};

/// A source of made-up records: `generator([](std::int64_t i) { return reading{i}; }).rate(1'000)`. Record i is `make(i)`; each
/// partition calls a copy of `make`.
template <class Make>
auto generator(Make make) {
  static_assert(std::is_invocable_v<Make&, std::int64_t>, "generator(f): f takes a std::int64_t, and returns a record");
  using record = std::remove_cvref_t<std::invoke_result_t<Make&, std::int64_t>>;
  return generator_spec<record, Make>{std::move(make)};
}

} // namespace leat

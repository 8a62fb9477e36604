#pragma once

#include "crash_point.hpp"

#include <leat/connectors/alarm_clock.hpp>
#include <leat/connectors/source.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace leat::testing {

/// Hands a partition's records on a few at a time, so that many checkpoints lie between them, most of them in the middle of what was
/// read from outside. Passes "position" when it is asked for that.
///
/// Offsets have to be without gaps.
template <class T>
class paced_reader final : public partition_reader {
public:
  using clock = alarm_clock::clock;
  static constexpr std::chrono::milliseconds tick{10};

  /// @param each how many records a tick; 0: as they come.
  paced_reader(std::unique_ptr<partition_reader> inner, std::size_t each, std::shared_ptr<alarm_clock> alarms, waker wake)
    : inner_{std::move(inner)}, each_{each}, alarms_{std::move(alarms)}, wake_{std::move(wake)} {}

  read_status read(batch_base& out, batch<dead_letter>& rejected) override {
    if (each_ == 0)
      return inner_->read(out, rejected);
    const auto now = clock::now();
    if (now < next_)
      return read_status::drained; // an alarm is set
    if (left() == 0) {
      held_->clear();
      taken_ = 0;
      status_ = inner_->read(*held_, rejected);
    }
    for (std::size_t i = 0; i < each_ && left() > 0; ++i, ++taken_)
      batch<T>::of(out).push(held_->records()[taken_], held_->timestamps()[taken_]);
    if (left() == 0 && status_ == read_status::ended)
      return status_;
    next_ = now + tick;
    alarms_->wake_at(next_, wake_);
    return read_status::drained;
  }

  [[nodiscard]] std::int64_t position() const override {
    pass("position");
    return inner_->position() - static_cast<std::int64_t>(left());
  }

  void commit(std::int64_t position, timestamp settled) override { inner_->commit(position, settled); }
  [[nodiscard]] std::int64_t lag() const override { return inner_->lag(); }
  [[nodiscard]] bool caught_up() const override { return left() == 0 && inner_->caught_up(); }

private:
  [[nodiscard]] std::size_t left() const noexcept { return held_->size() - taken_; }

  const std::unique_ptr<partition_reader> inner_;
  const std::size_t each_;
  const std::shared_ptr<alarm_clock> alarms_;
  const waker wake_;
  boost::intrusive_ptr<batch<T>> held_ = batch<T>::fresh();
  std::size_t taken_ = 0; // of those held
  read_status status_ = read_status::more;
  clock::time_point next_{};
};

template <class T>
class paced_source final : public source {
public:
  paced_source(std::shared_ptr<source> inner, std::size_t each) : inner_{std::move(inner)}, each_{each} {}

  std::vector<partition> open(const connector_context& context) override { return inner_->open(context); }
  [[nodiscard]] position_store positions() const override { return inner_->positions(); }
  std::unique_ptr<partition_reader>
  make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) override {
    return std::make_unique<paced_reader<T>>(inner_->make_reader(which, from, wake), each_, alarms_, wake);
  }
  [[nodiscard]] std::shared_ptr<const timestamp_assigner> event_times() const override { return inner_->event_times(); }
  void watch(const std::function<void(partition)>& on_new) override { inner_->watch(on_new); }
  [[nodiscard]] timestamp settled() const override { return inner_->settled(); }
  [[nodiscard]] std::optional<std::string> close(duration deadline) override { return inner_->close(deadline); }

private:
  const std::shared_ptr<source> inner_;
  const std::size_t each_;
  const std::shared_ptr<alarm_clock> alarms_ = std::make_shared<alarm_clock>();
};

} // namespace leat::testing

#pragma once

#include <leat/connectors/alarm_clock.hpp>
#include <leat/connectors/immediate_writer.hpp>
#include <leat/connectors/sink.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace leat::testing {

/// Takes so many records a second in each of its actors, and throws them away.
class slow_writer final : public immediate_writer {
public:
  using clock = alarm_clock::clock;

  /// @param rate records a second; 0: as they come.
  slow_writer(double rate, std::shared_ptr<alarm_clock> alarms, waker wake)
    : rate_{rate}, alarms_{std::move(alarms)}, wake_{std::move(wake)} {}

  std::size_t write(const batch_base& in, std::size_t from) override {
    if (rate_ == 0)
      return in.size() - from;
    const auto now = clock::now();
    if (now < next_)
      return 0; // an alarm is set
    next_ = now + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{1 / rate_});
    alarms_->wake_at(next_, wake_);
    return 1;
  }

private:
  const double rate_;
  const std::shared_ptr<alarm_clock> alarms_;
  const waker wake_;
  clock::time_point next_{};
};

/// Describes it to the typed API.
template <class T>
struct slow_rows {
  using record = T;
  double rate = 0;

  class as_sink final : public sink {
  public:
    explicit as_sink(double rate) : rate_{rate} {}

    void open(const connector_context&) override {}
    std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker wake) override {
      return std::make_unique<slow_writer>(rate_, alarms_, std::move(wake));
    }

  private:
    const double rate_;
    const std::shared_ptr<alarm_clock> alarms_ = std::make_shared<alarm_clock>();
  };

  [[nodiscard]] std::string name() const { return "slow"; }
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const { return std::make_shared<as_sink>(rate); }
};

} // namespace leat::testing

#pragma once

#include "../support/wake_up.hpp"
#include "line_format.hpp"

#include <leat/base/settings.hpp>
#include <leat/connectors/kafka/kafka_dead_letter_sink.hpp>
#include <leat/connectors/kafka/kafka_source.hpp>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace leat::testing {

/// What a job would give its connectors. Copies share it.
class job_context {
public:
  explicit job_context(const std::string& brokers, const std::string& job = "test");

  job_context& set(const std::string& key, const std::string& value);
  job_context& bounded();
  job_context& without_dead_letters();

  /// Lets the job log in by name and password; needs the guarded listener of a broker.
  job_context& log_in(const std::string& user, const std::string& password);

  [[nodiscard]] const connector_context& get() const noexcept { return context_; }
  [[nodiscard]] metrics& counters() noexcept { return *metrics_; }

private:
  std::shared_ptr<settings> settings_ = std::make_shared<settings>();
  std::shared_ptr<metrics> metrics_ = std::make_shared<metrics>();
  connector_context context_;
};

/// A source with readers of some or all partitions, read by hand.
class source_under_test {
public:
  /// @param event_time none: Kafka's timestamp.
  source_under_test(
    job_context with, const std::string& topic, std::optional<kafka_start> start = {},
    std::shared_ptr<const timestamp_assigner> event_time = nullptr);

  /// Makes the readers of all partitions.
  void start_reading();
  void start_reading(const partition& which);

  /// Reads until `count` records and dead letters have come, all readers have ended, or ten seconds are over.
  void read(std::size_t count);

  /// Reads until all readers have ended; returns whether they did.
  bool read_to_end();

  /// Reads whatever comes for some time.
  void read_for(std::chrono::milliseconds span);

  /// Commits everything read, and ends the source. @returns why not all is stored; empty when it is.
  std::string commit_and_close(timestamp settled);

  [[nodiscard]] std::size_t count() const noexcept { return lines.size() + letters.size(); }
  [[nodiscard]] std::vector<std::string> sorted_lines() const;

  const job_context context;
  kafka_source source;
  std::vector<partition> partitions;
  std::map<std::int32_t, std::unique_ptr<partition_reader>> readers;
  std::vector<std::string> lines;
  std::vector<timestamp> times; // of each line
  std::vector<dead_letter> letters;

private:
  bool read_once();

  static const line_format format_;
  wake_up wake_;
  std::map<std::int32_t, bool> ended_;
};

/// A writer, written to by hand.
template <class Sink>
class writer_under_test {
public:
  template <class... Args>
  explicit writer_under_test(job_context with, Args&&... args)
    : context{std::move(with)}, sink{std::forward<Args>(args)...} {
    sink.open(context.get());
    writer = sink.make_writer(0, 1, wake.as_waker());
  }

  /// Writes all of a batch, waiting for room.
  void write(const batch_base& in) {
    std::size_t done = 0;
    while (done < in.size()) {
      const auto taken = writer->write(in, done);
      done += taken;
      if (done < in.size() && taken == 0)
        wake.wait(std::chrono::milliseconds{100});
    }
  }

  /// Waits until `segment` is delivered.
  bool wait_delivered(std::uint64_t segment, std::chrono::milliseconds patience = std::chrono::seconds{15}) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (writer->delivered() < segment) {
      if (std::chrono::steady_clock::now() > end)
        return false;
      wake.wait(std::chrono::milliseconds{100});
    }
    return true;
  }

  const job_context context;
  Sink sink;
  wake_up wake;
  std::unique_ptr<sink_writer> writer;
};

/// A batch of lines.
boost::intrusive_ptr<batch<line>> lines_batch(const std::vector<std::string>& texts);

/// The text of what an action throws; empty when it throws nothing.
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const std::exception& e) {
    return e.what();
  }
  return {};
}

/// Resident memory of this process in bytes.
std::size_t resident_memory();

} // namespace leat::testing

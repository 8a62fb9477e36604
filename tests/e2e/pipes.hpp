#pragma once

#include "payments.hpp"

#include "../support/job_process.hpp"
#include "../support/servers/kafka_server.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace leat::testing {

/// Topics of a test's own on the shared broker, and the runs of a program that reads one and writes the other.
class pipes {
public:
  /// Creates both topics.
  /// @param program a path, such as `windowed_totals`.
  explicit pipes(std::string program, int partitions = 4, const std::map<std::string, std::string>& input_configs = {});

  /// Puts payments into the input topic and waits until they are there.
  void feed(std::span<const payment> payments);

  /// Starts the program.
  std::unique_ptr<job_process> start(const std::vector<std::string>& more = {}, const std::string& redirections = {});

  /// Runs the program with `--bounded` to its end, which must be a good one.
  job_summary run_bounded(const std::vector<std::string>& more = {});

  /// The totals in the output topic, sorted.
  std::vector<total_row> rows() const;

  /// Waits until the output topic holds so many records.
  void wait_for_rows(std::size_t count, std::chrono::milliseconds patience = std::chrono::seconds{30}) const;

  /// Waits until each of `wanted`, which are sorted, is in the output topic.
  void wait_for_rows(const std::vector<total_row>& wanted) const;

  [[nodiscard]] std::int64_t row_count() const;

  /// Records of the input before the offsets that `group` has committed.
  [[nodiscard]] std::int64_t committed(const std::string& group) const;

  const std::string input;
  const std::string output;
  std::vector<std::string> settings; ///< arguments that every run gets

private:
  const std::string program_;
  std::unique_ptr<kafka_admin> admin_;
};

/// The programs under test, by path.
extern const std::string windowed_totals;
extern const std::string sliding_totals;

/// Of the cluster in use: the shared broker, unless the test uses another.
std::string brokers();

/// Tests use this cluster while it lives.
class using_brokers {
public:
  explicit using_brokers(std::string brokers);
  ~using_brokers();

  using_brokers(const using_brokers&) = delete;
  using_brokers& operator=(const using_brokers&) = delete;
};

/// Lets a fault last: `shortly`, or with LONG_FAULTS=1 in the environment as long as a job has to bear it.
void let_last(std::chrono::seconds shortly, std::chrono::seconds at_length);

/// Starts the shared broker again after `stop` and waits until all its topics have a leader.
void restart_broker();

/// Of expected rows, those whose windows end by `time`.
std::vector<total_row> ending_by(std::int64_t time, const std::vector<total_row>& rows);

/// `difference` of rows of totals.
std::string difference(const std::vector<total_row>& found, const std::vector<total_row>& expected);

} // namespace leat::testing

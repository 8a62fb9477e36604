#pragma once

#include "../support/saved_epochs.hpp"
#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/kafka_sink.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace leat::testing {

/// A writer of an exactly-once sink, driven as an actor would.
class transactional_under_test {
public:
  /// @param key of its records; null: they have none.
  transactional_under_test(
    job_context with, const std::string& topic, std::uint32_t instance = 0,
    std::function<void(transaction_point)> passes = {},
    std::shared_ptr<const key_extractor> key = std::make_shared<first_word>());

  /// Goes on from what is saved, and waits until that is done.
  void restore(const saved_epochs& from, std::uint32_t parallelism = 1);

  /// Takes all of the lines into the epoch, waiting for room.
  void write(const std::vector<std::string>& lines);

  /// One whole epoch: its lines, its barrier, its checkpoint, its transaction.
  void epoch(std::uint64_t number, const std::vector<std::string>& lines, saved_epochs& store);

  /// Waits until this epoch is out; throws what the writer throws.
  void wait_committed(std::uint64_t epoch, std::chrono::milliseconds patience = std::chrono::seconds{30});

  const job_context context;
  kafka_sink sink;
  wake_up wake;
  std::unique_ptr<transactional_writer> writer;

private:
  const std::uint32_t instance_;
};

/// Reads what is committed to a topic while it is written, on a thread of its own.
class committed_reader {
public:
  committed_reader(const std::string& brokers, const std::string& topic);
  ~committed_reader();

  /// Waits until `count` records have come, and a moment for more than that.
  std::vector<std::string> wait_for(std::size_t count);

private:
  void run(const std::string& brokers, const std::string& topic);

  std::mutex m_;
  std::vector<std::string> lines_; // guarded by m_
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// "epoch 3 line 0" and on.
std::vector<std::string> lines_of_epoch(std::uint64_t epoch, std::size_t count);

} // namespace leat::testing

#pragma once

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

/// What a checkpoint store holds of one sink: the last durable checkpoint, and the logs in it.
class saved_epochs {
public:
  /// Makes checkpoint `epoch` durable with what an actor changes in it.
  void apply(std::uint64_t epoch, epoch_cut changed);

  /// The checkpoint does not come about: what was to change in it goes with the next one.
  void fail(epoch_cut changed) { changes_.push_back(std::move(changed)); }

  /// The logs of the shards that actor `instance` of `parallelism` stands in for.
  [[nodiscard]] std::vector<saved_epoch_log> logs_for(std::uint32_t instance, std::uint32_t parallelism) const;

  [[nodiscard]] std::uint64_t checkpoint() const noexcept { return checkpoint_; }
  [[nodiscard]] std::vector<epoch_log_name> names() const;

  /// Keeps it in a file that is replaced whole, and reads it back; a file that is not there is empty.
  void save(const std::filesystem::path& file) const;
  static saved_epochs load(const std::filesystem::path& file);

private:
  std::uint64_t checkpoint_ = 0;
  std::map<epoch_log_name, std::string> logs_;
  std::vector<epoch_cut> changes_; // of the next checkpoint
};

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

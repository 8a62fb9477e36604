#pragma once

#include <leat/connectors/epochs/logging_writer.hpp>
#include <leat/connectors/postgres/row_lineup.hpp>
#include <leat/connectors/postgres/row_store.hpp>
#include <leat/connectors/sink.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace leat {

/// The writer of an exactly-once sink: rows are in the log as they are to be sent.
class postgres_transactional_writer final : public logging_writer {
public:
  /// @param memory bytes of logs that it keeps at most.
  postgres_transactional_writer(
    std::uint32_t shard, row_lineup::parts rows, std::unique_ptr<epoch_committer> committer, std::size_t memory);

private:
  std::uint64_t log(const batch_base& in, std::size_t from, std::size_t count, epoch_log_writer& to) override;

  const bool writes_letters_;
  row_lineup lineup_;
  const std::string layout_; // encoded
};

/// When rows that wait are written.
struct row_batching {
  std::size_t rows = 5'000;
  std::size_t bytes = 1'000'000;
  std::chrono::milliseconds delay{100}; ///< at the latest, after the first of them came
};

/// Writes rows in transactions of their own, at least once: what was written when the connection went down is written again.
///
/// A thread of its own waits for the server; at the end it is waited for no longer than `epoch_committer::patience`.
class postgres_sink_writer final : public sink_writer {
public:
  /// Bytes of rows that wait for the server, at most.
  static constexpr std::size_t most_waiting = 16'000'000;

  struct parts {
    pg_transactions::parts session; ///< without `stop`
    row_store::parts rows;
    row_batching batching;
  };

  postgres_sink_writer(parts with, row_lineup::parts rows, waker wake);
  ~postgres_sink_writer() override;

  std::size_t write(const batch_base& in, std::size_t from) override;
  std::uint64_t mark() override;
  std::uint64_t delivered() override;
  [[nodiscard]] std::uint64_t rejected() const override;

private:
  struct core;

  const bool writes_letters_;
  row_lineup lineup_;
  const std::shared_ptr<core> core_; // the thread's too
  std::thread thread_;
};

} // namespace leat

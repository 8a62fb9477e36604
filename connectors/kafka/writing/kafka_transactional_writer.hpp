#pragma once

#include <leat/connectors/kafka/writing/epoch_committer.hpp>
#include <leat/connectors/kafka/writing/epoch_log.hpp>
#include <leat/connectors/kafka/writing/record_lineup.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace leat {

/// Keeps the records of an epoch as a log and has it written out once its checkpoint is durable: exactly once.
///
/// Memory: half of its bound is for the epoch under way and those whose checkpoint is not durable, half for those that wait for
/// Kafka. It asks for a barrier at a quarter. Beside that, the memory of one log that is out may be kept for the next.
class kafka_transactional_writer final : public transactional_writer {
public:
  using clock = std::chrono::steady_clock;

  /// How often an epoch without records sets the marker: Kafka forgets the offsets of an idle group after a week.
  static constexpr std::chrono::hours marker_refresh{24};

  struct parts {
    std::uint32_t shard = 0;
    std::string topic;
    std::size_t memory = 0; ///< bytes of logs that it keeps at most
    bool writes_letters = true;
  };

  kafka_transactional_writer(record_lineup::parts records, std::unique_ptr<epoch_committer> committer, parts with);

  void restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) override;
  [[nodiscard]] bool restored() override;
  std::size_t write(const batch_base& in, std::size_t from) override;
  [[nodiscard]] epoch_room room() const override;
  [[nodiscard]] std::string epoch_too_large() const override;
  epoch_cut cut(std::uint64_t epoch) override;
  void commit(std::uint64_t epoch) override;
  std::uint64_t committed() override;
  [[nodiscard]] std::uint64_t rejected() const override { return rejected_ + committer_->rejected(); }

private:
  record_lineup lineup_;
  const parts with_;
  epoch_log_writer open_;
  epoch_book book_;
  bool restored_ = false;                      // the restore is over
  std::optional<clock::time_point> marked_at_; // none: not in this run
  std::uint64_t rejected_ = 0;
  std::unique_ptr<epoch_committer> committer_; // last: its thread wakes the actor
};

} // namespace leat

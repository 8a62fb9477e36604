#pragma once

#include <leat/connectors/epochs/epoch_book.hpp>
#include <leat/connectors/epochs/epoch_committer.hpp>
#include <leat/connectors/epochs/epoch_log.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// Keeps the records of an epoch as a log and has it written out once its checkpoint is durable: exactly once. What a record is in
/// the log is for who derives from this to say.
///
/// Memory: half of its bound is for the epoch under way and those whose checkpoint is not durable, half for those that wait for
/// the outside. It asks for a barrier at a quarter. Beside that, the memory of one log that is out may be kept for the next.
class logging_writer : public transactional_writer {
public:
  using clock = std::chrono::steady_clock;

  /// How often an epoch without records sets the marker: Kafka forgets the offsets of an idle group after a week.
  static constexpr std::chrono::hours marker_refresh{24};

  void restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) override;
  [[nodiscard]] bool restored() override;
  std::size_t write(const batch_base& in, std::size_t from) override;
  [[nodiscard]] epoch_room room() const override;
  [[nodiscard]] std::string epoch_too_large() const override;
  epoch_cut cut(std::uint64_t epoch) override;
  void commit(std::uint64_t epoch) override;
  std::uint64_t committed() override;
  [[nodiscard]] std::uint64_t rejected() const override { return rejected_ + committer_->rejected(); }

protected:
  struct memory_bound {
    std::size_t bytes = 0;   ///< of logs that it keeps at most
    std::string destination; ///< of the records, for errors: `topic "alerts"`
    std::string setting;     ///< "kafka.epoch-memory"
  };

  logging_writer(std::uint32_t shard, memory_bound bound, std::unique_ptr<epoch_committer> committer);

  /// Puts `count` records of `in` from index `from` on into the log; dead letters of those that cannot be written, too.
  /// @returns how many became dead letters.
  virtual std::uint64_t log(const batch_base& in, std::size_t from, std::size_t count, epoch_log_writer& to) = 0;

private:
  const memory_bound bound_;
  epoch_log_writer open_;
  epoch_book book_;
  bool restored_ = false;                      // the restore is over
  std::optional<clock::time_point> marked_at_; // none: not in this run
  std::uint64_t rejected_ = 0;
  std::unique_ptr<epoch_committer> committer_; // last: its thread wakes the actor
};

} // namespace leat

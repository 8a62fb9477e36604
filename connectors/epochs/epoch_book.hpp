#pragma once

#include <leat/connectors/transactional_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace leat {

/// The log of an epoch that waits to be written out.
struct epoch_section {
  std::uint64_t epoch = 0;
  std::shared_ptr<const std::string> log;
  bool sets_marker = false; ///< false: it has no records, and nothing is written for it
};

/// What one actor of an exactly-once sink knows of its epochs: which logs the checkpoints hold, which are durable, and which are
/// out. Every writer keeps such a book, whatever it writes to.
///
/// A pure state machine: no clock and no I/O. Not thread-safe.
class epoch_book {
public:
  /// @param shard the actor's number, under which its logs are saved.
  explicit epoch_book(std::uint32_t shard) : shard_{shard} {}

  /// The logs that the checkpoint holds which the job goes on from, of this actor and of those that it stands in for.
  void restore(const std::vector<saved_epoch_log>& logs);

  /// They are out. @param marker that the outside has now for this actor; 0: none.
  void restored(std::uint64_t marker) noexcept { last_marker_ = marker; }

  /// The marker that there is when everything that was cut is out: what the log of the next epoch says that it follows.
  [[nodiscard]] std::uint64_t last_marker() const noexcept { return last_marker_; }

  /// Epoch N has ended. @returns what changes in checkpoint N.
  /// @param log of its records, `sets_marker` whether it is to be written, with N as the marker.
  [[nodiscard]] epoch_cut cut(std::uint64_t epoch, std::shared_ptr<const std::string> log, bool sets_marker);

  /// Checkpoint N is durable. @returns what is to be written out now, ascending.
  [[nodiscard]] std::vector<std::shared_ptr<const epoch_section>> commit(std::uint64_t epoch);

  /// All epochs up to this one are out.
  void written(std::uint64_t epoch);

  /// How an epoch under way of `open` bytes stands to the `most` that it may take with all logs whose checkpoint is not durable.
  [[nodiscard]] epoch_room room(std::size_t open, std::size_t most) const noexcept;

  /// Bytes of logs that wait for the outside alone.
  [[nodiscard]] std::size_t durable_bytes() const noexcept { return durable_bytes_; }

private:
  struct waiting {
    std::shared_ptr<const epoch_section> section;
    bool durable = false; // its checkpoint is
  };

  const std::uint32_t shard_;
  std::deque<waiting> waiting_;       // cut and not out, ascending
  std::vector<epoch_log_name> saved_; // and not said to be removed
  std::uint64_t last_marker_ = 0;
  std::uint64_t out_ = 0;
  std::size_t undecided_bytes_ = 0; // of logs whose checkpoint is not durable
  std::size_t durable_bytes_ = 0;
};

} // namespace leat

#pragma once

#include <leat/connectors/epochs/epoch_book.hpp>
#include <leat/connectors/epochs/epoch_outlet.hpp>
#include <leat/connectors/source.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace leat {

/// Writes epochs out on a thread of its own, one transaction at a time and in order.
///
/// Epochs that wait are written together. The thread may wait for the outside without limit, so the end of the committer does not
/// wait for it for longer than `patience`: it is left behind then, with all that it uses, and writes nothing any more
/// that another instance has taken over.
///
/// Its calls come from one actor; the waker is called on its thread.
class epoch_committer {
public:
  static constexpr std::chrono::seconds patience{5};

  /// @param shard of this actor. @param outlets are made on the thread, of this shard and of those that it stands in for.
  epoch_committer(std::uint32_t shard, outlet_maker outlets, waker wake);
  ~epoch_committer();

  epoch_committer(const epoch_committer&) = delete;
  epoch_committer& operator=(const epoch_committer&) = delete;

  /// Brings out what is in these logs: of each other shard, then of this actor's own.
  void restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs);

  /// Writes sections out, ascending, of which `epoch` is the last one's or larger.
  void commit(std::uint64_t epoch, std::vector<std::shared_ptr<const epoch_section>> sections);

  /// The marker of this actor's shard after the restore, 0: none; nothing before.
  [[nodiscard]] std::optional<std::uint64_t> restored() const;

  /// The last epoch that is out; 0 before the restore is over.
  /// @throws what ended the thread: connector_error, state_error.
  std::uint64_t committed() const;

  /// How many records only the outside has refused.
  [[nodiscard]] std::uint64_t rejected() const;

private:
  struct core;

  const std::shared_ptr<core> core_; // the thread's too
  std::thread thread_;
};

} // namespace leat

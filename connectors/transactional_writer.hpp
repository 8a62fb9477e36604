#pragma once

#include <leat/messages/batch.hpp>

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// Names the log of one epoch of one actor of a sink: the key of its entry in a checkpoint.
struct epoch_log_name {
  std::uint32_t shard = 0; ///< the actor's number when the log was written
  std::uint64_t epoch = 0;

  friend auto operator<=>(const epoch_log_name&, const epoch_log_name&) = default;
};
BOOST_DESCRIBE_STRUCT(epoch_log_name, (), (shard, epoch))

/// The log of an epoch as it lies in a checkpoint.
struct saved_epoch_log {
  epoch_log_name name;
  std::string bytes; ///< of the sink's own format
};

/// The log of an epoch on its way into a checkpoint. Logs are large: whoever writes it out later shares the bytes.
struct cut_epoch_log {
  epoch_log_name name;
  std::shared_ptr<const std::string> bytes;
};

/// What a sink's actor changes in checkpoint N, said once: if N does not come about, it goes with the next one.
struct epoch_cut {
  std::optional<cut_epoch_log> log; ///< to be put in: that of N; none while nothing was taken
  std::vector<epoch_log_name> done; ///< to be removed: they are out, so a restore from N does not need them
};

/// How the epoch under way stands to the memory that it may take.
enum class epoch_room {
  plenty,
  wants_barrier, ///< ask for a checkpoint now: records are still taken while its barrier is on its way
  unstored,      ///< nothing is taken before a checkpoint is durable that has logs which were cut
  full,          ///< nothing is taken before the next cut: the epoch under way alone takes what it may
};

/// Writes the records of one actor of a sink out exactly once: an epoch at a time, in one transaction of the outside.
///
/// The records between two barriers are kept as a log, which is part of the checkpoint, or names what holds them (`prepared`). When that is durable, the log is written
/// out together with the number of its epoch, the *marker*. After a crash the marker says whether the last log is out, and
/// if it is not, it is written again: see `epoch_decision.hpp`. Meanwhile the next epoch is logged.
///
/// In order: `restore` once, then `write` for records, `cut(N)` when barrier N has come, `prepared(N)` until it is, `commit(N)` once checkpoint N is
/// durable. A checkpoint that comes to nothing is not told of: the next cut hands its records over again.
///
/// **Logs in a checkpoint** are entries of the owner `anyone`. Those of shard s go to actor s modulo the parallelism, all of them
/// to that one: it takes over their transactions, and an actor that was in the middle of one would lose it. An actor that
/// has gone leaves at least one log, so that whoever takes it over can shut it out should it still run.
///
/// **Memory.** A writer keeps logs until they are out, within a bound of its own. What waits for the outside alone makes `write`
/// take nothing, and goes away by itself. So does what was cut for a checkpoint that is under way (`unstored`): all that comes to
/// this writer has passed on its barrier, so it needs nothing from here any more. An epoch under way does not: its barrier may
/// be behind the very records that are offered, as may be the next one when a checkpoint has come to nothing. So a writer first
/// asks for a barrier (`room`), and is `full` long after. Then a caller whose barriers overtake waits for one; one whose
/// barriers do not has to fail with `epoch_too_large`.
///
/// Lives in one actor; all calls come from it, one at a time, and none blocks. What waits for the outside does so on a thread of
/// the writer's own, and calls the actor's waker when it has come further or has failed.
class transactional_writer {
public:
  virtual ~transactional_writer() = default;

  /// Goes on from a checkpoint: shuts out whoever wrote before, and writes what is in the logs and not out. Until that is done
  /// `write` takes nothing.
  /// @param checkpoint its number; 0: there is none.
  /// @param logs those of this actor and of those that it stands in for.
  virtual void restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) = 0;

  /// Whether that is done.
  /// @throws connector_error when it cannot be: the outside contradicts the checkpoint, or does not let it be written.
  [[nodiscard]] virtual bool restored() = 0;

  /// Takes records of `in` from index `from` on into the epoch under way. As `sink_writer::write`; dead letters of these
  /// records are part of the epoch.
  /// @throws connector_error when writing cannot go on.
  virtual std::size_t write(const batch_base& in, std::size_t from) = 0;

  [[nodiscard]] virtual epoch_room room() const = 0;

  /// What to say when nothing is taken and no barrier can come.
  [[nodiscard]] virtual std::string epoch_too_large() const = 0;

  /// Ends epoch N and begins the next: larger than any before. @returns what changes in checkpoint N.
  virtual epoch_cut cut(std::uint64_t epoch) = 0;

  /// The input has ended: cuts the last epoch, and completes whatever is kept open from one epoch to the next. No record comes
  /// after it.
  virtual epoch_cut finish(std::uint64_t epoch) { return cut(epoch); }

  /// Whether an epoch that was cut may be part of a checkpoint: what its log names outside is there to stay. The waker calls when
  /// it has come to be.
  /// @throws connector_error when it never will.
  [[nodiscard]] virtual bool prepared(std::uint64_t) { return true; }

  /// Checkpoint N is durable: writes out all that was cut up to it, behind what is being written already.
  virtual void commit(std::uint64_t epoch) = 0;

  /// The last epoch that is out, with all before it: that of `commit`, or the checkpoint's after a restore. 0 until then.
  /// @throws connector_error when writing out cannot go on.
  virtual std::uint64_t committed() = 0;

  /// How many of all the records taken became dead letters.
  [[nodiscard]] virtual std::uint64_t rejected() const { return 0; }
};

} // namespace leat

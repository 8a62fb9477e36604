#pragma once

#include <leat/base/metrics.hpp>
#include <leat/base/settings.hpp>
#include <leat/base/time.hpp>
#include <leat/messages/batch.hpp>
#include <leat/messages/dead_letter.hpp>
#include <leat/messages/partition.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace leat {

/// Calls back from any thread, at any time, also spuriously; must return quickly and not throw.
using waker = std::function<void()>;

/// How far a partition was read, as a checkpoint has it.
struct saved_reading {
  partition which;
  std::int64_t position = 0;
  std::string evidence; ///< see `partition_reader::evidence`
};

/// What a connector may know of the job it serves.
struct connector_context {
  std::string job;                   ///< the job's name
  std::string step;                  ///< the step's name, for errors and metrics
  const settings* config = nullptr;  ///< outlives the connector
  leat::metrics* metrics = nullptr;  ///< outlives the connector
  bool bounded = false;              ///< read up to what was the end at start, then end
  bool restored = false;             ///< positions come from a checkpoint: what is kept outside does not count
  bool dead_letters = true;          ///< write what cannot be processed to dead letters; otherwise it is counted only
  std::stop_token stop{};            ///< requested: `open` need not wait any longer for what does not answer
  std::string uid{};                 ///< identifies the step's saved state; empty: the step's name does
  std::vector<saved_reading> read{}; ///< what the checkpoint that the job goes on from has of this source
  bool origins = false; ///< of a source: its batches keep what their records are made of (`batch_base::origin`)
};

/// What a read has left behind.
enum class read_status {
  more,    ///< there may be more at once
  drained, ///< nothing for now; the waker will call
  ended,   ///< nothing ever again (bounded)
};

/// Reads one partition in order.
///
/// Lives in one `partition_source` actor; all calls come from it, one at a time. No call blocks.
class partition_reader {
public:
  virtual ~partition_reader() = default;

  /// Appends what is there now to `out`, with event times, until `out` is full or nothing is left; what cannot be
  /// decoded goes to `rejected`.
  /// Both batches come empty. At most `max_batch_records` records are taken in all, rejected ones included.
  /// @throws connector_error when reading cannot go on (topic gone, offsets out of range, no permission).
  virtual read_status read(batch_base& out, batch<dead_letter>& rejected) = 0;

  /// The offset after the last record that `read` has taken: a reader that starts there misses and repeats nothing.
  [[nodiscard]] virtual std::int64_t position() const = 0;

  /// What a checkpoint keeps beside the position, as text: what the reader needs besides to go on there, and by which a later
  /// run finds out whether what lies before it is still what was read. Empty: nothing.
  [[nodiscard]] virtual std::string evidence() const { return {}; }

  /// Remembers outside, without waiting, that everything before `position` is delivered, and that every result up to
  /// event time `settled` is (see `source::settled`).
  virtual void commit(std::int64_t position, timestamp settled) = 0;

  /// Records between the position and the end of the partition as last heard; -1 when unknown.
  [[nodiscard]] virtual std::int64_t lag() const { return -1; }

  /// Whether nothing more is to be read for now as far as the source can tell: false while the partition's server is out of
  /// reach or lag is known to be above 0.
  [[nodiscard]] virtual bool caught_up() const { return true; }
};

/// Where a source keeps its positions between two runs.
struct position_store {
  std::string name;   ///< `group "fraud" on kafka:9092`; empty: nowhere that another source could write to
  std::string advice; ///< how to have a source keep them elsewhere: `give one of them another group: .group("…")`
};

/// Reads the event times of a batch's records, from index `from` on, into its column of timestamps. One virtual call per
/// batch; made by the typed API. Used by one reader at a time.
class timestamp_assigner {
public:
  virtual ~timestamp_assigner() = default;
  virtual void assign(batch_base& records, std::size_t from) const = 0;
};

/// A source of one job: finds the partitions and makes their readers.
///
/// Made by the pipeline, then owned by the running job. `open` may block; it is called once, before any reader is made,
/// on the thread that starts the job.
class source {
public:
  virtual ~source() = default;

  /// Connects and finds out what there is to read.
  /// @throws connector_error within 10 s when the source cannot be read: no broker, no topic, no permission; within a second
  ///         of a stop when nothing has answered until then.
  virtual std::vector<partition> open(const connector_context& context) = 0;

  /// Where the positions are kept, once open. A job in which two sources keep those of one partition in one place is
  /// refused: each would overwrite what the other has committed, and a restart would skip records.
  [[nodiscard]] virtual position_store positions() const { return {}; }

  /// A reader for one partition that `open` or the watch has named. `wake` calls after `drained` when there is more.
  /// @param from the position to read from, of a checkpoint; none: where the source itself says. A source that has looked at
  ///        `connector_context::read` may know better.
  /// @throws connector_error when there is nothing at that position any more.
  virtual std::unique_ptr<partition_reader>
  make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) = 0;

  /// How the event times of its records are read from them; null: they come from outside, as Kafka's do.
  [[nodiscard]] virtual std::shared_ptr<const timestamp_assigner> event_times() const { return nullptr; }

  /// Whether the event time of a record is when it is read: the outside has none, and nobody said which of its fields is one.
  [[nodiscard]] virtual bool timed_by_reading() const { return false; }

  /// Looks for new partitions from time to time, on a thread of the source's own, and reports each once. Sources whose
  /// partitions never change ignore this.
  virtual void watch(const std::function<void(partition)>& on_new) { (void)on_new; }

  /// Every result up to this event time was delivered by an earlier run that committed the positions now started from:
  /// watermarks start here, so that a window which straddles a position is not sent again in part.
  [[nodiscard]] virtual timestamp settled() const { return min_timestamp; }

  /// Waits, at most `deadline`, until what was committed is stored. No reader is used any more.
  /// @returns why not all of it is, for a person: the next run then reads something again. Nothing when it is.
  [[nodiscard]] virtual std::optional<std::string> close(duration deadline) {
    (void)deadline;
    return std::nullopt;
  }
};

} // namespace leat

#pragma once

#include <leat/connectors/source.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace leat {

/// Writes the records of one sink actor out.
///
/// Lives in one `sink` actor; all calls come from it, one at a time. No call blocks: a writer that has no room says so and
/// wakes the actor later.
///
/// Deliveries are counted in segments: `mark` closes the current segment, and `delivered` tells the last segment up to
/// which everything has been acknowledged. That is how an offset is committed only after what came of it has arrived.
class sink_writer {
public:
  virtual ~sink_writer() = default;

  /// Takes records of `in` from index `from` on, in order, as many as there is room for.
  /// A record that cannot be written ever (too large, not representable) goes to the sink's own dead letters, where the
  /// job writes any, and counts as taken and as rejected.
  /// @returns how many were taken; fewer than offered means: wait for the waker.
  /// @throws connector_error when writing cannot go on.
  virtual std::size_t write(const batch_base& in, std::size_t from) = 0;

  /// Closes the current segment, hurries what is buffered on its way, and returns the segment's number: 1, 2, 3, …
  virtual std::uint64_t mark() = 0;

  /// The input has ended: closes the last segment as `mark` does, and whatever is left open; no record comes after it. Not
  /// called when the job has failed.
  virtual std::uint64_t finish() { return mark(); }

  /// The last segment that is delivered, with all before it; 0 before the first.
  /// @throws connector_error when a record could not be delivered and retrying is over.
  virtual std::uint64_t delivered() = 0;

  /// How many of all the records taken became dead letters, as far as `write` and `delivered` have found out: some are
  /// refused only by the other side.
  [[nodiscard]] virtual std::uint64_t rejected() const { return 0; }
};

/// What a sink promises about each record that reaches it.
enum class delivery {
  at_least_once, ///< never lost; after a failure some may come twice
  exactly_once,  ///< each once, also after a failure
};

/// A sink of one job: makes the writers of its parallel actors.
class sink {
public:
  virtual ~sink() = default;

  /// Connects and checks that the sink can be written. May block; called once on the thread that starts the job.
  /// @throws connector_error within 10 s when it cannot, or soon after a stop, as `source::open`.
  virtual void open(const connector_context& context) = 0;

  /// The writer of actor `instance` of `parallelism`. `wake` calls when there is room again, when a segment may have been
  /// delivered, and when a delivery has failed.
  virtual std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) = 0;

  /// The writer of actor `instance` of `parallelism` in a job that has checkpoints and asks for each record exactly once. Null: the sink knows no
  /// transactions. `wake` calls when there is room again, when `committed` may have moved, and when it has failed.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): a sink that knows transactions keeps it
  virtual std::unique_ptr<transactional_writer> make_transactional_writer(std::uint32_t, std::uint32_t, waker) {
    return nullptr;
  }

  /// Where the dead letters are that it writes, of its own records or of a source's, for a person: `topic "clicks-dlq"`. Once
  /// open; empty: nowhere.
  [[nodiscard]] virtual std::string dead_letters_in() const { return {}; }
};

} // namespace leat

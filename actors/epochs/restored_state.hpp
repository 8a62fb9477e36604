#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/actors/epochs/in_flight.hpp>
#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/recovery/state_adaptation.hpp>
#include <leat/connectors/source.hpp>
#include <leat/connectors/transactional_writer.hpp>
#include <leat/persistence/checkpoint_storage.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// How far a source had read, by its uid.
[[nodiscard]] std::vector<saved_reading> read_so_far(const stored_checkpoint& in, const std::string& source);

/// How much memory the rows of all shards may take when they are found in the store as well; none: they have to be in memory.
/// @param bound that a job was given. @param load_at_start without one, of less state everything is loaded.
[[nodiscard]] std::optional<std::size_t>
memory_of_rows(std::optional<std::size_t> bound, std::size_t load_at_start, const std::optional<stored_checkpoint>& from);

/// What stages kept in the checkpoint that a job goes on from, divided by what it is for, and what became of it.
class restored_state {
public:
  /// @param epoch of the checkpoint. @param foreign see `stored_checkpoint`.
  restored_state(std::uint64_t epoch, bool foreign) : epoch_{epoch}, foreign_{foreign} {}

  /// Takes an entry that belongs to a stage. @returns false when it belongs to a step.
  bool take(const stored_entry& entry);

  /// That was all. @param how it was made to fit the job.
  void complete(adapted_state how);

  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  /// Whether the job's own store holds a step's entries as they are here; otherwise the next checkpoint has to bring all of them.
  [[nodiscard]] bool is_stored(const std::string& uid) const { return !foreign_ && !how_.changed.contains(uid); }

  /// The uids of steps whose state goes with the next checkpoint.
  [[nodiscard]] const std::set<std::string>& dropped() const noexcept { return how_.dropped; }

  /// How far a partition of a source was read; none: it is new.
  [[nodiscard]] std::optional<partition_position> position(const stage_plan& source, const partition& which) const;

  /// Where the watermark of a stage was; `min_timestamp` when nothing is known.
  [[nodiscard]] timestamp watermark(const stage_plan& stage) const;

  /// What a sink had logged and maybe not written out, of those of its actors that `instance` of `parallelism` stands in for.
  [[nodiscard]] std::vector<saved_epoch_log>
  epoch_logs(const stage_plan& sink, std::uint32_t instance, std::uint32_t parallelism) const;

  /// The batches that were on their way, those of a channel in their order.
  struct in_flight_entry {
    in_flight_name name;
    in_flight_records saved;
  };

  [[nodiscard]] const std::vector<in_flight_entry>& in_flight() const noexcept { return in_flight_; }

private:
  std::uint64_t epoch_;
  bool foreign_;
  adapted_state how_;
  std::map<std::string, std::map<partition, partition_position>> positions_;
  std::map<std::string, timestamp> watermarks_;
  std::map<std::string, std::vector<saved_epoch_log>> epoch_logs_;
  std::vector<in_flight_entry> in_flight_; // in the order of their names
};

} // namespace leat

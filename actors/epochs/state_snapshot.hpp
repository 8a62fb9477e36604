#pragma once

#include <leat/messages/partition.hpp>
#include <leat/messages/snapshot.hpp>
#include <leat/operators/step.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// The name of the state that says how far event time was at the input of a stage, or in a partition.
inline constexpr std::string_view input_watermark_state = "leat.input_watermark";

/// The name of the state that has the positions of a source's partitions.
inline constexpr std::string_view positions_state = "leat.positions";

/// How far a partition was read.
struct partition_position {
  std::int64_t offset = 0;             ///< of the first record that was not
  timestamp watermark = min_timestamp; ///< that the records before it have led to
  std::string evidence{};              ///< see `partition_reader::evidence`
};
BOOST_DESCRIBE_STRUCT(partition_position, (), (offset, watermark, evidence))

/// The entry of `positions_state` for a partition, and back.
[[nodiscard]] saved_entry saved_position(const partition& of, const partition_position& at);
[[nodiscard]] std::pair<partition, partition_position> position_of(const state_entry& entry);

/// All groups that an actor may have entries in: its key groups, and those of all and of anyone.
[[nodiscard]] std::set<std::uint16_t>
groups_of(std::uint32_t instance, std::uint32_t parallelism, std::uint32_t max_parallelism);

/// What the steps of an actor were loaded from, as seen from the store that its snapshots go to.
enum class loaded_from {
  nothing,  ///< they begin anew
  store,    ///< what lies there, and nothing else
  elsewhere ///< a checkpoint that does not
};

/// What the store that snapshots go to has of an actor before the first of them.
struct store_contents {
  loaded_from steps = loaded_from::nothing;
  std::set<std::uint16_t> groups{}; ///< that there may be entries in: `groups_of`; none when the store is empty
};

/// The steps of one actor by the names that their state is saved under.
///
/// One snapshot after the other goes to one store, and each says what is different from the one before: in the groups of keys,
/// what the steps say has changed; in the groups of all and of anyone, all there is in the place of what was there, but for
/// what the stage itself gives to anyone, for that has keys of its own. The first one says everything, unless the steps were
/// loaded from what lies in the store.
class state_snapshot {
public:
  struct named_step {
    std::string uid;
    step* what = nullptr; ///< outlives this
  };

  /// @param stage its uid, under which what belongs to no step is saved.
  state_snapshot(
    std::string stage, std::uint32_t max_parallelism, std::vector<named_step> steps, store_contents before = {});

  /// What is different from the last snapshot; between two messages.
  /// @param watermark of the stage's input.
  /// @param more of the stage itself.
  [[nodiscard]] std::shared_ptr<actor_state> take(timestamp watermark, std::span<const saved_entry> more = {});

  /// The last one was taken for this checkpoint.
  void taken_for(std::uint64_t epoch) { taken_.emplace_back(epoch, count_); }

  /// Checkpoint `epoch` is stored: the steps hear which of their snapshots are.
  void on_stored(std::uint64_t epoch);

  /// One has come to nothing.
  void on_failed() {
    for (const auto& s : steps_)
      s.what->on_failed();
  }

  /// Somebody adds entries to what the last snapshot says of the stage, in a group of all or of anyone: the next one replaces
  /// them.
  void add_group(std::uint16_t group) { stage_.groups.insert(group); }

private:
  /// What is saved under one name.
  struct part {
    std::string uid;
    step* what;                     // null: the stage itself
    std::set<std::uint16_t> groups; // that the store may have entries in
  };

  void take(part& of, actor_state& to);

  std::uint32_t max_parallelism_;
  part stage_;
  std::vector<part> steps_;
  std::optional<loaded_from> before_; // the first snapshot
  std::uint32_t count_ = 0;           // of snapshots
  std::deque<std::pair<std::uint64_t, std::uint32_t>>
    taken_; // of checkpoints that are not stored: how many snapshots there were
};

/// Gives an entry of a step to whom it belongs; those of a state in the order of their keys.
/// @param subtasks of the step, in the order of their index.
/// @param group see `stored_group`. @param may_stay an entry of a key need not be loaded, see `step::leave_stored`.
/// @param turn counts the entries that any may have; 0 before the first.
void load_entry(
  std::span<step* const> subtasks, const state_entry& entry, std::uint16_t group, std::uint32_t max_parallelism,
  bool may_stay, std::size_t& turn);

} // namespace leat

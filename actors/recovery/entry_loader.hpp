#pragma once

#include <leat/actors/recovery/batch_lanes.hpp>
#include <leat/messages/saved_state.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace leat {

class step;

/// Gives steps the entries that they kept. A restart waits for it, so subtasks load theirs side by side; those of one subtask come
/// in order and one at a time. Few entries are loaded by the caller.
///
/// Belongs to one thread. From the first `load` to the end of `finish` nobody else uses the steps.
class entry_loader {
public:
  /// @param threads that load at most.
  explicit entry_loader(std::size_t threads);
  ~entry_loader();

  entry_loader(const entry_loader&) = delete;
  entry_loader& operator=(const entry_loader&) = delete;

  /// An entry of a step for whom it belongs to; those of a state come in the order of their keys.
  /// @param subtasks of the step, in the order of their index.
  /// @param group see `stored_group`. @param may_stay an entry of a key need not be loaded, see `step::leave_stored`.
  /// @param turn counts the entries of the step that any may have; 0 before the first.
  /// @throws what a step threw that was loaded meanwhile.
  void load(
    std::span<step* const> subtasks, const state_entry& entry, std::uint16_t group, std::uint32_t max_parallelism,
    bool may_stay, std::size_t& turn);

  /// All are loaded. @throws what a step threw.
  void finish();

private:
  struct loading {
    step* to;
    std::size_t state, key, value; // how long they are
    state_owner owner;
    std::uint64_t hash;
    bool may_stay;
  };
  struct entries {
    std::vector<loading> list{};
    std::string bytes{}; // of all, one after the other
  };

  static void load(const entries& all);
  void add(std::size_t subtask, step& to, const state_entry& entry, bool may_stay);

  const std::size_t threads_;
  std::vector<entries> open_; // of each lane
  std::unique_ptr<batch_lanes<entries>> lanes_;
};

} // namespace leat

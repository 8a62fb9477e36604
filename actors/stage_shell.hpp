#pragma once

#include <leat/actors/shell.hpp>

#include <optional>

namespace leat {

/// The actor around a `stage_task`: a `keyed_shard`, a worker, or a `sink` when the task's chain ends in a writer.
class stage_shell_state : public shell {
public:
  static inline const char* name = "stage";
  caf::behavior make_behavior();

private:
  std::shared_ptr<stage_task> task_;
  std::optional<overtake_barrier> early_; // before the start: control messages overtake it
};

caf::behavior stage_actor(caf::stateful_actor<stage_shell_state>* self, shell_options options);

} // namespace leat

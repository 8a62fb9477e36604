#pragma once

#include <leat/actors/shell.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace leat {

/// The actor around a `source_task`.
class partition_source_state : public shell {
public:
  static inline const char* name = "partition_source";
  caf::behavior make_behavior();

private:
  void start(std::shared_ptr<source_task> task);

  std::shared_ptr<source_task> task_; // null before the start and after the end
  bool closed_ = false;
  std::vector<trigger_barrier> early_;         // asked for before the start: control messages overtake it
  std::optional<watermark_limit> early_limit_; // so does this
  let_read early_reads_{};                     // … and this
  bool stop_early_ = false;
};

caf::behavior partition_source(caf::stateful_actor<partition_source_state>* self, shell_options options);

} // namespace leat

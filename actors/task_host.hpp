#pragma once

#include <leat/messages/control.hpp>
#include <leat/messages/snapshot.hpp>

namespace leat {

/// What a task asks of the actor around it. The tasks hold all of the logic and know no CAF: tests drive them by plain
/// calls, with a host that writes down what it is asked.
class task_host {
public:
  virtual ~task_host() = default;

  /// Calls the task's `run` once, behind the messages that wait already.
  virtual void run_later() = 0;

  /// Processing time now: the wall clock, which does not jump.
  [[nodiscard]] virtual timestamp now() const = 0;

  /// Calls the task's `on_processing_time` once, at `when` or soon after.
  virtual void wake_at(timestamp when) = 0;

  virtual void report(const source_ended& what) = 0;
  virtual void report(const watermark_report& what) = 0;
  virtual void report(const barrier_arrived& what) = 0;
  virtual void report(const epoch_settled& what) = 0;
  virtual void report(const sink_ended& what) = 0;
  virtual void report(const snapshot_taken& what) = 0;
  virtual void report(const actor_ended& what) = 0;
  virtual void report(const checkpoint_wanted& what) = 0;
  virtual void report(const epoch_committed& what) = 0;
};

} // namespace leat

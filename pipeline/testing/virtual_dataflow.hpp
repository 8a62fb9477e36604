#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/base/metrics.hpp>
#include <leat/pipeline/testing/job_snapshot.hpp>
#include <leat/pipeline/testing/test_options.hpp>
#include <leat/pipeline/testing/virtual_task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace leat::testing {

/// One partition of a source.
struct fed_input {
  virtual_task* task = nullptr;
  boost::intrusive_ptr<batch_pool> pool; ///< of its record type
  std::uint64_t sequence = 0;            ///< of the messages to the task
  job_snapshot::input_progress progress{};
  metric* records_in = nullptr;
  metric* watermark = nullptr;
};

/// A sink: keeps what arrives, of all of its subtasks.
struct sink_buffer {
  std::size_t stage = 0;
  std::vector<batch_ptr> arrived;
};

/// All the tasks of a plan in one thread, connected: what `virtual_job` says things to.
class virtual_dataflow {
public:
  /// @param from how many partitions sources had, and what time it was; null: starts anew.
  virtual_dataflow(dataflow_plan plan, const test_options& options, const job_snapshot* from);

  [[nodiscard]] const dataflow_plan& plan() const noexcept { return plan_; }
  [[nodiscard]] const stage_plan& stage_of(const fed_input& i) const { return graph_.stage_of(i.task->place()); }
  [[nodiscard]] std::size_t subtasks(std::size_t stage) const { return graph_.subtasks_of(stage).size(); }
  [[nodiscard]] metrics& registry() noexcept { return registry_; }

  /// In the order of the plan, and then of partitions.
  [[nodiscard]] std::vector<fed_input>& inputs() noexcept { return inputs_; }
  [[nodiscard]] std::vector<std::unique_ptr<sink_buffer>>& sinks() noexcept { return sinks_; }

  /// The instances of a step of a stage, by the index of their subtask; none for the head of a stage.
  [[nodiscard]] std::vector<step*> instances(std::size_t stage, std::size_t step) const;

  /// The least of a stage's subtasks.
  [[nodiscard]] timestamp watermark_of(std::size_t stage) const;

  /// Where the watermark of a stage's subtasks starts; before they work.
  void start_at(std::size_t stage, timestamp watermark);

  // What `work_off` then works off:

  void push(fed_input& to, batch_ptr records);
  void say(fed_input& to, const signal& s);

  /// Lets every task look at the time: one that was loaded may have something to wait for.
  void wake_all();

  void work_off();
  void drop_messages() { around_.drop_messages(); }

  [[nodiscard]] timestamp now() const noexcept { return around_.now(); }

  /// Lets time pass, and works off what comes due on the way.
  void advance_to(timestamp until);

  /// Of all steps, see `step::calls_outside`.
  [[nodiscard]] std::size_t calls_outside() const;

  /// Waits until something outside has woken a task. @returns false when nothing has by `deadline`.
  [[nodiscard]] bool wait_for_wake_up(std::chrono::steady_clock::time_point deadline) {
    return around_.woken()->wait(deadline);
  }

private:
  [[nodiscard]] std::uint32_t count_of(std::size_t stage, const job_snapshot* from) const;
  void assemble(virtual_task& task);
  void add_input(virtual_task& task);
  void add_end(virtual_task& task);
  bool work_once();
  [[nodiscard]] virtual_task* first_due(timestamp until) const;

  const dataflow_plan plan_;
  const test_options options_;
  metrics registry_;
  execution_graph graph_;
  virtual_surroundings around_;
  std::vector<std::unique_ptr<virtual_task>> tasks_; // by their id, from 1
  std::vector<fed_input> inputs_;
  std::vector<std::unique_ptr<sink_buffer>> sinks_;
  std::vector<std::unique_ptr<receiver>> ends_; // of the sinks' chains
};

} // namespace leat::testing

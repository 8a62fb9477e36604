#include <leat/pipeline/testing/virtual_dataflow.hpp>

#include <leat/pipeline/testing/saved_steps.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace leat::testing {

namespace {

/// The end of a sink's chain.
class buffering_end final : public receiver {
public:
  buffering_end(sink_buffer& to, metric& records_out) : to_{to}, records_out_{records_out} {}

  void on_batch(batch_ptr in) override {
    records_out_.add(static_cast<std::int64_t>(in->size()));
    to_.arrived.push_back(std::move(in));
  }
  void on_signal(const signal&) override {}

private:
  sink_buffer& to_;
  metric& records_out_;
};

/// Nobody limits a test.
class no_credit final : public upstream_link {
public:
  void refund(std::uint32_t) override {}
};

dataflow_plan with_options(dataflow_plan plan, const test_options& options) {
  plan.max_parallelism = options.max_parallelism;
  return plan;
}

} // namespace

virtual_dataflow::virtual_dataflow(dataflow_plan plan, const test_options& options, const job_snapshot* from)
  : plan_{with_options(std::move(plan), options)}, options_{options}, graph_{plan_, options.parallelism} {
  around_.set_now(options.start.value_or(from ? from->taken_at : timestamp{}));
  for (std::size_t s = 0; s < plan_.stages.size(); ++s)
    for (auto n = count_of(s, from); n != 0; --n)
      tasks_.push_back(std::make_unique<virtual_task>(graph_.add(s), plan_.stages[s].name, registry_, around_));
  for (const auto& task : tasks_)
    assemble(*task);
}

std::uint32_t virtual_dataflow::count_of(std::size_t stage, const job_snapshot* from) const {
  const auto& s = plan_.stages[stage];
  if (s.kind != stage_kind::source)
    return graph_.parallelism_of(stage);
  if (const auto said = options_.partitions.find(s.name); said != options_.partitions.end())
    return said->second;
  if (from)
    if (const auto saved = from->inputs.find(uid_of(s)); saved != from->inputs.end())
      return static_cast<std::uint32_t>(saved->second.size());
  return 1;
}

void virtual_dataflow::assemble(virtual_task& task) {
  auto& engine = task.engine();
  engine.steps().clock().advance_to(now());
  const auto channels = graph_.connect(task.place());
  const task_surroundings surroundings{options_.credit, &registry_, task.waker(), [this](const subtask_channel& c) {
                                         return std::make_unique<virtual_downstream>(around_, *tasks_[c.receiver - 1]);
                                       }};
  task.parts = assemble_task(graph_, task.place(), channels, surroundings, engine.steps(), engine.outputs());
  for (const auto& c : channels)
    tasks_[c.receiver - 1]->engine().add_input(
      c.input, 1, options_.credit, std::make_shared<virtual_upstream>(around_, task, c.output), c.from_stage, c.to_input);
  const auto kind = graph_.stage_of(task.place()).kind;
  if (kind == stage_kind::source)
    add_input(task);
  else if (kind == stage_kind::sink)
    add_end(task);
}

void virtual_dataflow::add_input(virtual_task& task) {
  const auto& stage = graph_.stage_of(task.place());
  const auto index = task.place().index;
  task.engine().add_input(0, 1, std::numeric_limits<std::uint32_t>::max(), std::make_shared<no_credit>());
  inputs_.push_back(
    {&task,
     stage.make_pool(),
     0,
     {},
     &registry_.get("records_in", stage.name, index),
     &registry_.get("watermark", stage.name, index)});
}

void virtual_dataflow::add_end(virtual_task& task) {
  const auto& [id, stage, index, name] = task.place();
  const auto& plan = plan_.stages[stage];
  if (sinks_.empty() || sinks_.back()->stage != stage)
    sinks_.push_back(std::make_unique<sink_buffer>(sink_buffer{stage, {}}));
  auto& out = registry_.get(plan.takes_dead_letters ? "dead_letters_out" : "records_out", plan.name, index);
  ends_.push_back(std::make_unique<buffering_end>(*sinks_.back(), out));
  task.engine().steps().last().connect(*ends_.back());
}

std::vector<step*> virtual_dataflow::instances(std::size_t stage, std::size_t step) const {
  std::vector<leat::step*> all;
  if (step != stage_head)
    for (const auto id : graph_.subtasks_of(stage))
      all.push_back(tasks_[id - 1]->parts.steps[step]);
  return all;
}

timestamp virtual_dataflow::watermark_of(std::size_t stage) const {
  auto least = max_timestamp;
  for (const auto id : graph_.subtasks_of(stage))
    least = std::min(least, tasks_[id - 1]->engine().watermark());
  return least;
}

void virtual_dataflow::start_at(std::size_t stage, timestamp watermark) {
  for (const auto id : graph_.subtasks_of(stage))
    tasks_[id - 1]->engine().set_settled(watermark);
}

std::size_t virtual_dataflow::calls_outside() const {
  std::size_t all = 0;
  for (const auto& task : tasks_)
    for (const auto* s : task->parts.steps)
      all += s->calls_outside();
  return all;
}

void virtual_dataflow::push(fed_input& to, batch_ptr records) {
  to.records_in->add(static_cast<std::int64_t>(records->size()));
  if (std::exchange(to.progress.idle, false)) // every receiver waits for it again before it sees a record
    say(to, signal::watermark(to.progress.watermark));
  around_.send(*to.task, data_message{0, ++to.sequence, std::move(records)});
}

void virtual_dataflow::say(fed_input& to, const signal& s) {
  if (s.kind == signal_kind::watermark)
    to.watermark->set(to_millis(s.time));
  around_.send(*to.task, signal_message{0, ++to.sequence, s});
  if (auto* letters = to.task->parts.dead_letters)
    letters->on_signal(s);
}

void virtual_dataflow::wake_all() {
  for (const auto& task : tasks_)
    task->on_processing_time();
}

void virtual_dataflow::work_off() {
  while (work_once()) {
  }
}

/// One message, or else what was woken from outside, or else a task whose time has come. @returns whether there was any.
bool virtual_dataflow::work_once() {
  if (auto next = around_.next()) {
    next->first->handle(next->second);
    return true;
  }
  const auto woken = around_.woken()->take();
  for (auto* task : woken)
    task->on_wake();
  if (!woken.empty())
    return true;
  auto* const due = first_due(now());
  if (due)
    due->on_processing_time();
  return due != nullptr;
}

/// The task that wants to hear of processing time first, up to `until`; null when none does.
virtual_task* virtual_dataflow::first_due(timestamp until) const {
  virtual_task* first = nullptr;
  for (const auto& t : tasks_)
    if (t->wakes_at() <= until && (!first || t->wakes_at() < first->wakes_at()))
      first = t.get();
  return first;
}

void virtual_dataflow::advance_to(timestamp until) {
  work_off();
  while (const auto* next = first_due(until)) {
    around_.set_now(std::max(now(), next->wakes_at()));
    work_off();
  }
  around_.set_now(until);
}

} // namespace leat::testing

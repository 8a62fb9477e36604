#include <leat/pipeline/testing/virtual_job.hpp>

#include <leat/base/error.hpp>
#include <leat/pipeline/testing/saved_steps.hpp>
#include <leat/pipeline/testing/virtual_task.hpp>

#include <boost/core/demangle.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace leat::testing {

namespace {

/// A sink in a test: keeps what arrives, of all of its subtasks.
struct sink_buffer {
  std::size_t stage = 0;
  std::vector<batch_ptr> arrived;
};

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

/// One partition of a source.
struct fed_input {
  virtual_task* task = nullptr;
  boost::intrusive_ptr<batch_pool> pool;
  std::uint64_t sequence = 0; // of the messages to the task
  job_snapshot::input_progress progress{};
  metric* records_in = nullptr;
  metric* watermark = nullptr;
};

/// Nobody limits a test.
class no_credit final : public upstream_link {
public:
  void refund(std::uint32_t) override {}
};

std::string name_of(const std::type_info& record) { return boost::core::demangle(record.name()); }

std::string quoted(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const auto& n : names)
    all.push_back('\'' + n + '\'');
  return all.empty() ? "none" : fmt::format("{}", fmt::join(all, ", "));
}

} // namespace

struct virtual_job::parts {
  parts(dataflow_plan p, const test_options& o)
    : plan{with_options(std::move(p), o)}, options{o}, graph{plan, o.parallelism} {
    validate(plan);
    if (o.parallelism == 0 || o.parallelism > o.max_parallelism || o.credit == 0)
      throw pipeline_error{fmt::format(
        "a test runs with a parallelism from 1 to its max_parallelism, and with credit: {} of at most {}, credit {}",
        o.parallelism, o.max_parallelism, o.credit)};
    for (const auto& [source, n] : o.partitions)
      if (n == 0 || plan.stages[stage_named(source, stage_kind::source)].source == nullptr)
        throw pipeline_error{fmt::format("source '{}' needs at least one partition", source)};
  }

  static dataflow_plan with_options(dataflow_plan p, const test_options& o) {
    p.max_parallelism = o.max_parallelism;
    return p;
  }

  [[nodiscard]] const stage_plan& stage_of(const virtual_task& t) const { return graph.stage_of(t.place()); }

  [[nodiscard]] std::size_t stage_named(std::string_view name, stage_kind kind) const {
    std::vector<std::string> there;
    for (std::size_t s = 0; s < plan.stages.size(); ++s) {
      if (plan.stages[s].kind != kind)
        continue;
      if (plan.stages[s].name == name)
        return s;
      there.push_back(plan.stages[s].name);
    }
    const auto* const what = kind == stage_kind::source ? "source" : "sink";
    throw pipeline_error{fmt::format("job '{}' has no {} '{}'; its {}s: {}", plan.job, what, name, what, quoted(there))};
  }

  void check_record(const std::string& name, const std::type_info* has, const std::type_info& asked) const {
    if (has && *has != asked)
      throw pipeline_error{fmt::format("the records of '{}' are of type {}, not {}", name, name_of(*has), name_of(asked))};
  }

  // Making the tasks:

  void make_tasks(const job_snapshot* from);
  void assemble_all();
  void add_input(virtual_task& task);
  [[nodiscard]] std::uint32_t subtasks_of(std::size_t stage, const job_snapshot* from) const;
  void load(const job_snapshot& from);
  void replay(const job_snapshot& from);

  // Running them:

  template <class Work>
  void run(Work&& work);
  void work_off();
  bool work_once();
  [[nodiscard]] virtual_task* first_due(timestamp until) const;
  void say(fed_input& to, const signal& s);
  void check_unfinished(const fed_input& input) const;

  /// The subtasks' instances of a step, by their index. Empty for the head of a stage.
  [[nodiscard]] std::vector<step*> instances(std::size_t stage, std::size_t step) const;
  [[nodiscard]] std::pair<std::size_t, std::size_t> step_named(std::string_view name) const;
  [[nodiscard]] timestamp watermark_of(std::size_t stage) const;

  const dataflow_plan plan;
  const test_options options;
  metrics registry;
  execution_graph graph;
  virtual_surroundings around;
  std::vector<std::unique_ptr<virtual_task>> tasks; // by their id, from 1
  std::vector<fed_input> inputs;
  std::vector<std::unique_ptr<sink_buffer>> sinks;
  std::vector<std::unique_ptr<receiver>> ends;
  std::string failed; // why, once it has
};

std::uint32_t virtual_job::parts::subtasks_of(std::size_t stage, const job_snapshot* from) const {
  const auto& s = plan.stages[stage];
  if (s.kind != stage_kind::source)
    return graph.parallelism_of(stage);
  if (const auto said = options.partitions.find(s.name); said != options.partitions.end())
    return said->second;
  if (from)
    if (const auto saved = from->inputs.find(uid_of(s)); saved != from->inputs.end())
      return static_cast<std::uint32_t>(saved->second.size());
  return 1;
}

void virtual_job::parts::make_tasks(const job_snapshot* from) {
  around.set_now(options.start.value_or(from ? from->taken_at : timestamp{}));
  for (std::size_t s = 0; s < plan.stages.size(); ++s)
    for (auto n = subtasks_of(s, from); n != 0; --n)
      tasks.push_back(std::make_unique<virtual_task>(graph.add(s), plan.stages[s].name, registry, around));
  assemble_all();
}

void virtual_job::parts::assemble_all() {
  for (const auto& task : tasks) {
    const auto& stage = stage_of(*task);
    auto& engine = task->engine();
    engine.steps().clock().advance_to(around.now());
    const auto channels = graph.connect(task->place());
    task->parts = assemble_task(
      graph, task->place(), channels,
      {options.credit, &registry, task->waker(),
       [this](const subtask_channel& c) { return std::make_unique<virtual_downstream>(around, *tasks[c.receiver - 1]); }},
      engine.steps(), engine.outputs());
    for (const auto& c : channels)
      tasks[c.receiver - 1]->engine().add_input(
        c.input, 1, options.credit, std::make_shared<virtual_upstream>(around, *task, c.output), c.from_stage, c.to_input);
    if (stage.kind == stage_kind::source)
      add_input(*task);
    if (stage.kind != stage_kind::sink)
      continue;
    if (sinks.empty() || sinks.back()->stage != task->place().stage)
      sinks.push_back(std::make_unique<sink_buffer>(sink_buffer{task->place().stage, {}}));
    auto& out =
      registry.get(stage.takes_dead_letters ? "dead_letters_out" : "records_out", stage.name, task->place().index);
    ends.push_back(std::make_unique<buffering_end>(*sinks.back(), out));
    engine.steps().last().connect(*ends.back());
  }
}

void virtual_job::parts::add_input(virtual_task& task) {
  const auto& stage = stage_of(task);
  const auto index = task.place().index;
  task.engine().add_input(0, 1, std::numeric_limits<std::uint32_t>::max(), std::make_shared<no_credit>());
  inputs.push_back(
    {&task,
     stage.make_pool(),
     0,
     {},
     &registry.get("records_in", stage.name, index),
     &registry.get("watermark", stage.name, index)});
}

std::vector<step*> virtual_job::parts::instances(std::size_t stage, std::size_t step) const {
  std::vector<leat::step*> all;
  if (step != stage_head)
    for (const auto id : graph.subtasks_of(stage))
      all.push_back(tasks[id - 1]->parts.steps[step]);
  return all;
}

void virtual_job::parts::load(const job_snapshot& from) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> there;
  std::vector<std::string> names;
  for (std::size_t s = 0; s < plan.stages.size(); ++s)
    for (std::size_t i = 0; i < plan.stages[s].steps.size(); ++i) {
      there.emplace(uid_of(plan.stages[s].steps[i]), std::pair{s, i});
      names.push_back(uid_of(plan.stages[s].steps[i]));
    }
  for (const auto& [uid, entries] : from.steps) {
    const auto at = there.find(uid);
    if (at == there.end())
      throw state_error{fmt::format(
        "the snapshot has {} entries of state of step '{}', which job '{}' does not have; its steps: {}. Give the step "
        "that is to have the state .uid(\"{}\")",
        entries.size(), uid, plan.job, quoted(names), uid)};
    const auto subtasks = instances(at->second.first, at->second.second);
    load_step(subtasks, plan.max_parallelism, entries);
  }
}

/// Says again how far the inputs had come: watermarks are not state of the steps.
void virtual_job::parts::replay(const job_snapshot& from) {
  for (auto& input : inputs) {
    const auto saved = from.inputs.find(uid_of(stage_of(*input.task)));
    const auto partition = input.task->place().index;
    if (saved == from.inputs.end() || partition >= saved->second.size())
      continue;
    input.progress = saved->second[partition];
    if (input.progress.watermark != min_timestamp)
      say(input, signal::watermark(input.progress.watermark));
    if (input.progress.finished)
      say(input, signal::end());
    else if (input.progress.idle)
      say(input, signal::idle());
  }
}

/// Does `work`, and then all that it has led to.
template <class Work>
void virtual_job::parts::run(Work&& work) {
  if (!failed.empty())
    throw pipeline_error{fmt::format("job '{}' has failed, and takes nothing more: {}", plan.job, failed)};
  try {
    work();
    work_off();
  } catch (const std::exception& e) {
    failed = e.what();
    around.drop_messages();
    throw;
  }
}

void virtual_job::parts::work_off() {
  while (work_once()) {
  }
}

/// One message, or else what was woken from outside, or else a task whose time has come. @returns whether there was any.
bool virtual_job::parts::work_once() {
  if (auto next = around.next()) {
    next->first->handle(next->second);
    return true;
  }
  const auto woken = around.woken()->take();
  for (auto* task : woken)
    task->on_wake();
  if (!woken.empty())
    return true;
  auto* const due = first_due(around.now());
  if (due)
    due->on_processing_time();
  return due != nullptr;
}

/// The task that wants to hear of processing time first, up to `until`; null when none does.
virtual_task* virtual_job::parts::first_due(timestamp until) const {
  virtual_task* first = nullptr;
  for (const auto& t : tasks)
    if (t->wakes_at() <= until && (!first || t->wakes_at() < first->wakes_at()))
      first = t.get();
  return first;
}

void virtual_job::parts::say(fed_input& to, const signal& s) {
  around.send(*to.task, signal_message{0, ++to.sequence, s});
  if (auto* letters = to.task->parts.dead_letters)
    letters->on_signal(s);
}

void virtual_job::parts::check_unfinished(const fed_input& input) const {
  if (input.progress.finished)
    throw pipeline_error{fmt::format("source {} has been finished: nothing can come after that", input.task->place().name)};
}

std::pair<std::size_t, std::size_t> virtual_job::parts::step_named(std::string_view name) const {
  std::vector<std::string> there;
  for (std::size_t s = 0; s < plan.stages.size(); ++s) {
    const auto& stage = plan.stages[s];
    for (std::size_t i = 0; i < stage.steps.size(); ++i) {
      if (stage.steps[i].name == name)
        return {s, i};
      there.push_back(stage.steps[i].name);
    }
    if (stage.name == name)
      return {s, stage_head};
    if (stage.steps.empty() || stage.steps.front().name != stage.name)
      there.push_back(stage.name);
  }
  throw pipeline_error{fmt::format("job '{}' has no step '{}'; its steps: {}", plan.job, name, quoted(there))};
}

timestamp virtual_job::parts::watermark_of(std::size_t stage) const {
  auto least = max_timestamp;
  for (const auto id : graph.subtasks_of(stage))
    least = std::min(least, tasks[id - 1]->engine().watermark());
  return least;
}

virtual_job::virtual_job(dataflow_plan plan, const test_options& options, const job_snapshot* from)
  : parts_{std::make_unique<parts>(std::move(plan), options)} {
  parts_->make_tasks(from);
  if (!from)
    return;
  parts_->load(*from);
  parts_->run([&] { parts_->replay(*from); });
}

virtual_job::~virtual_job() = default;

std::size_t virtual_job::find_input(std::string_view source, std::uint32_t partition, const std::type_info& record) const {
  const auto stage = parts_->stage_named(source, stage_kind::source);
  for (std::size_t i = 0; i < parts_->inputs.size(); ++i)
    if (const auto& place = parts_->inputs[i].task->place(); place.stage == stage && place.index == partition) {
      parts_->check_record(parts_->plan.stages[stage].name, parts_->inputs[i].pool->take()->record_type(), record);
      return i;
    }
  throw pipeline_error{fmt::format(
    "source '{}' has no partition {}, only {}: say how many it has with {{.partitions = {{{{\"{}\", {}}}}}}}", source,
    partition, parts_->graph.subtasks_of(stage).size(), source, partition + 1)};
}

std::size_t virtual_job::find_output(std::string_view sink, const std::type_info& record) const {
  const auto stage = parts_->stage_named(sink, stage_kind::sink);
  parts_->check_record(parts_->plan.stages[stage].name, parts_->plan.stages[stage].record_type, record);
  const auto at =
    std::find_if(parts_->sinks.begin(), parts_->sinks.end(), [&](const auto& s) { return s->stage == stage; });
  return static_cast<std::size_t>(at - parts_->sinks.begin());
}

batch_ptr virtual_job::empty_batch(std::size_t input) { return parts_->inputs[input].pool->take(); }

void virtual_job::push(std::size_t input, batch_ptr records) {
  auto& to = parts_->inputs[input];
  parts_->check_unfinished(to);
  parts_->run([&] {
    to.records_in->add(static_cast<std::int64_t>(records->size()));
    if (std::exchange(to.progress.idle, false)) // every receiver waits for it again before it sees a record
      parts_->say(to, signal::watermark(to.progress.watermark));
    parts_->around.send(*to.task, data_message{0, ++to.sequence, std::move(records)});
  });
}

void virtual_job::push_timed(std::size_t input, batch_ptr records) {
  const auto& stage = parts_->stage_of(*parts_->inputs[input].task);
  const auto times = stage.source->event_times();
  if (!times)
    throw pipeline_error{fmt::format(
      "source '{}' does not read event times from its records: say the time, push(record, at), or give the source "
      ".event_time(…)",
      stage.name)};
  times->assign(*records, 0);
  push(input, std::move(records));
}

void virtual_job::watermark(std::size_t input, timestamp time) {
  auto& to = parts_->inputs[input];
  parts_->check_unfinished(to);
  parts_->run([&] {
    to.progress.idle = false;
    to.progress.watermark = std::max(to.progress.watermark, time);
    to.watermark->set(to_millis(to.progress.watermark));
    parts_->say(to, signal::watermark(to.progress.watermark));
  });
}

void virtual_job::idle(std::size_t input) {
  auto& to = parts_->inputs[input];
  parts_->check_unfinished(to);
  if (std::exchange(to.progress.idle, true))
    return;
  parts_->run([&] { parts_->say(to, signal::idle()); });
}

void virtual_job::finish(std::size_t input) {
  watermark(input, max_timestamp);
  auto& to = parts_->inputs[input];
  parts_->run([&] {
    to.progress.finished = true;
    parts_->say(to, signal::end());
  });
}

void virtual_job::finish_all() {
  for (std::size_t i = 0; i < parts_->inputs.size(); ++i)
    if (!parts_->inputs[i].progress.finished)
      finish(i);
}

std::vector<batch_ptr> virtual_job::take(std::size_t output) { return std::exchange(parts_->sinks[output]->arrived, {}); }

timestamp virtual_job::output_watermark(std::size_t output) const {
  return parts_->watermark_of(parts_->sinks[output]->stage);
}

timestamp virtual_job::now() const noexcept { return parts_->around.now(); }

void virtual_job::advance(duration by) {
  if (by < duration::zero())
    throw pipeline_error{"advance(…) takes a span that is not negative: time does not go back"};
  const auto until = now() + by;
  parts_->run([&] {
    while (const auto* next = parts_->first_due(until)) {
      parts_->around.set_now(std::max(now(), next->wakes_at()));
      parts_->work_off();
    }
    parts_->around.set_now(until);
  });
}

void virtual_job::settle(duration real_time) {
  const auto deadline = std::chrono::steady_clock::now() + real_time;
  parts_->run([] {});
  while (const auto calls = parts_->registry.sum("calls_in_flight")) {
    if (!parts_->around.woken()->wait(deadline))
      throw error{
        fault::outside,
        fmt::format(
          "{} calls to the outside have not ended within {}. Those that wait to be made again do so in virtual time: "
          "call advance(…)",
          calls, format_duration(real_time))};
    parts_->run([] {});
  }
}

timestamp virtual_job::watermark_of(std::string_view step) const {
  return parts_->watermark_of(parts_->step_named(step).first);
}

const metrics& virtual_job::registry() const noexcept { return parts_->registry; }

job_snapshot virtual_job::save() const {
  job_snapshot saved{now(), {}, {}};
  for (const auto& input : parts_->inputs)
    saved.inputs[uid_of(parts_->stage_of(*input.task))].push_back(input.progress);
  for (std::size_t s = 0; s < parts_->plan.stages.size(); ++s)
    for (std::size_t i = 0; i < parts_->plan.stages[s].steps.size(); ++i)
      if (auto entries = save_step(parts_->instances(s, i)); !entries.empty())
        saved.steps.emplace(uid_of(parts_->plan.stages[s].steps[i]), std::move(entries));
  return saved;
}

std::vector<saved_entry> virtual_job::entries(std::string_view step, std::string_view state) const {
  const auto [stage, index] = parts_->step_named(step);
  auto all = save_step(parts_->instances(stage, index));
  std::erase_if(all, [&](const saved_entry& e) { return e.state != state; });
  return all;
}

} // namespace leat::testing

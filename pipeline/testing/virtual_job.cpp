#include <leat/pipeline/testing/virtual_job.hpp>

#include <leat/actors/epochs/state_snapshot.hpp>

#include <leat/base/error.hpp>
#include <leat/base/user_code.hpp>
#include <leat/pipeline/testing/saved_steps.hpp>
#include <leat/pipeline/testing/virtual_dataflow.hpp>

#include <boost/algorithm/string/replace.hpp>
#include <boost/core/demangle.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace leat::testing {

namespace {

/// Names that a test can say, for an error.
class known_names {
public:
  void add(std::string_view name) { text_ += fmt::format("{}'{}'", text_.empty() ? "" : ", ", name); }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::string text_;
};

std::size_t stage_named(const dataflow_plan& plan, std::string_view name, stage_kind kind) {
  known_names there;
  for (std::size_t s = 0; s < plan.stages.size(); ++s) {
    if (plan.stages[s].kind != kind)
      continue;
    if (plan.stages[s].name == name)
      return s;
    there.add(plan.stages[s].name);
  }
  const auto* const what = kind == stage_kind::source ? "source" : "sink";
  throw pipeline_error{fmt::format("job '{}' has no {} '{}'; its {}s: {}", plan.job, what, name, what, there.text())};
}

/// The stage and the step in it; the head of the stage for a source or sink.
std::pair<std::size_t, std::size_t> step_named(const dataflow_plan& plan, std::string_view name) {
  known_names there;
  for (std::size_t s = 0; s < plan.stages.size(); ++s) {
    const auto& stage = plan.stages[s];
    if (stage.kind == stage_kind::source || stage.kind == stage_kind::sink) { // others are named after their first step
      if (stage.name == name || stage.uid == name)
        return {s, stage_head};
      there.add(stage.name);
    }
    for (std::size_t i = 0; i < stage.steps.size(); ++i) {
      if (stage.steps[i].name == name || stage.steps[i].uid == name)
        return {s, i};
      there.add(stage.steps[i].name);
    }
  }
  throw pipeline_error{fmt::format("job '{}' has no step '{}'; its steps: {}", plan.job, name, there.text())};
}

/// A type as its user writes it.
std::string name_of(const std::type_info& type) {
  auto name = boost::core::demangle(type.name());
  boost::replace_all(
    name, "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string");
  return name;
}

void check_record(std::string_view name, const std::type_info* has, const std::type_info& asked) {
  if (has && *has != asked)
    throw pipeline_error{fmt::format("the records of '{}' are of type {}, not {}", name, name_of(*has), name_of(asked))};
}

void check_state(std::string_view step, const state_description& state, const std::type_info* asked) {
  if (asked && state.type && *asked != *state.type)
    throw state_error{fmt::format(
      "step '{}' keeps state '{}' as {}, and the test asks for {}: name the type that the function keeps", step, state.name,
      name_of(*state.type), name_of(*asked))};
}

/// Whether a test can ask for it: it knows the types of a user's states only.
bool can_be_named(const state_description& state) { return !state.name.starts_with("leat."); }

/// A source or sink was asked for state or timers.
pipeline_error keeps_nothing(const virtual_dataflow& flow, const stage_plan& asked) {
  known_names there;
  for (std::size_t s = 0; s < flow.plan().stages.size(); ++s)
    for (std::size_t i = 0; i < flow.plan().stages[s].steps.size(); ++i)
      if (const auto states = flow.instances(s, i).front()->states();
          std::any_of(states.begin(), states.end(), can_be_named))
        there.add(flow.plan().stages[s].steps[i].name);
  return pipeline_error{fmt::format(
    "'{}' is a {} and keeps no state; {}", asked.name, asked.kind == stage_kind::source ? "source" : "sink",
    there.text().empty() ? "neither does a step of the job" : "steps with state: " + there.text())};
}

pipeline_error no_state(std::string_view step, std::string_view state, const known_names& there) {
  if (state == "leat.timers" || state == "leat.processing_timers")
    return pipeline_error{fmt::format("step '{}' has no timers", step)};
  return pipeline_error{fmt::format(
    "step '{}' keeps no state '{}'; {}", step, state,
    there.text().empty() ? "it keeps none that a test could name" : "its states: " + there.text())};
}

dataflow_plan checked(dataflow_plan plan, const test_options& o) {
  validate(plan);
  if (o.parallelism == 0 || o.parallelism > o.max_parallelism || o.credit == 0)
    throw pipeline_error{fmt::format(
      "a test runs with a parallelism from 1 to its max_parallelism, and with credit: {} of at most {}, credit {}",
      o.parallelism, o.max_parallelism, o.credit)};
  for (const auto& [source, partitions] : o.partitions)
    if (stage_named(plan, source, stage_kind::source); partitions == 0)
      throw pipeline_error{fmt::format("source '{}' needs at least one partition", source)};
  return plan;
}

} // namespace

struct virtual_job::parts {
  /// Does `work`, and then all that it has led to.
  template <class Work>
  void run(Work&& work) {
    if (!failed.empty())
      throw pipeline_error{fmt::format("job '{}' has failed, and takes nothing more: {}", flow.plan().job, failed)};
    try {
      work();
      flow.work_off();
    } catch (const std::exception& e) {
      failed = e.what();
      flow.drop_messages();
      throw;
    }
  }

  /// The input, which must not have ended.
  fed_input& open_input(std::size_t input) {
    auto& found = flow.inputs()[input];
    if (found.progress.finished)
      throw pipeline_error{
        fmt::format("source {} has been finished: nothing can come after that", found.task->place().name)};
    return found;
  }

  void load(const job_snapshot& from);
  void replay(const job_snapshot& from);

  virtual_dataflow flow;
  std::string failed{}; // why, once it has
};

void virtual_job::parts::load(const job_snapshot& from) {
  if (from.key_groups != flow.plan().max_parallelism)
    throw state_error{fmt::format(
      "the snapshot was taken with a max_parallelism of {}, and job '{}' now runs with {}: it decides which key lies "
      "where, and never changes while there is state; set test_options::max_parallelism to {}",
      from.key_groups, flow.plan().job, flow.plan().max_parallelism, from.key_groups)};
  std::map<std::string, std::pair<std::size_t, std::size_t>> there;
  known_names names;
  for (std::size_t s = 0; s < flow.plan().stages.size(); ++s)
    for (std::size_t i = 0; i < flow.plan().stages[s].steps.size(); ++i) {
      const auto& uid = uid_of(flow.plan().stages[s].steps[i]);
      there.emplace(uid, std::pair{s, i});
      names.add(uid);
    }
  for (std::size_t s = 0; s < flow.plan().stages.size(); ++s) {
    const auto& stage = flow.plan().stages[s];
    if (const auto at = from.watermarks.find(uid_of(stage));
        at != from.watermarks.end() && stage.kind != stage_kind::source)
      flow.start_at(s, at->second);
  }
  for (const auto& [uid, entries] : from.steps) {
    const auto at = there.find(uid);
    if (at == there.end())
      throw state_error{fmt::format(
        "the snapshot has {} entries of state of step '{}', which job '{}' does not have; its steps: {}. Give the step "
        "that is to go on with the state .uid(\"{}\")",
        entries.size(), uid, flow.plan().job, names.text(), uid)};
    const auto subtasks = flow.instances(at->second.first, at->second.second);
    std::size_t turn = 0;
    for (const auto& e : entries)
      load_entry(
        subtasks, e.view(), stored_group(e.owner, e.hash, from.key_groups), flow.plan().max_parallelism, false, turn);
  }
}

/// Says again how far the inputs had come, which no step keeps.
void virtual_job::parts::replay(const job_snapshot& from) {
  for (auto& input : flow.inputs()) {
    const auto saved = from.inputs.find(uid_of(flow.stage_of(input)));
    const auto partition = input.task->place().index;
    if (saved == from.inputs.end() || partition >= saved->second.size())
      continue;
    input.progress = saved->second[partition];
    if (input.progress.watermark != min_timestamp)
      flow.say(input, signal::watermark(input.progress.watermark));
    if (input.progress.finished)
      flow.say(input, signal::end());
    else if (input.progress.idle)
      flow.say(input, signal::idle());
  }
}

virtual_job::virtual_job(const dataflow_plan& plan, const test_options& options, const job_snapshot* from)
  : parts_{new parts{virtual_dataflow{checked(plan, options), options, from}}} {
  if (!from)
    return;
  parts_->load(*from);
  parts_->run([&] {
    parts_->replay(*from);
    parts_->flow.wake_all();
  });
}

virtual_job::~virtual_job() = default;

std::size_t virtual_job::find_input(std::string_view source, std::uint32_t partition, const std::type_info& record) const {
  auto& inputs = parts_->flow.inputs();
  const auto stage = stage_named(parts_->flow.plan(), source, stage_kind::source);
  const auto at = std::find_if(inputs.begin(), inputs.end(), [&](const fed_input& i) {
    return i.task->place().stage == stage && i.task->place().index == partition;
  });
  if (at == inputs.end())
    throw pipeline_error{fmt::format(
      "source '{}' has no partition {}, because it has {}: test_options say how many, in partitions", source, partition,
      parts_->flow.subtasks(stage))};
  check_record(source, at->pool->take()->record_type(), record);
  return static_cast<std::size_t>(at - inputs.begin());
}

std::size_t virtual_job::find_output(std::string_view sink, const std::type_info& record) const {
  const auto& sinks = parts_->flow.sinks();
  const auto stage = stage_named(parts_->flow.plan(), sink, stage_kind::sink);
  check_record(sink, parts_->flow.plan().stages[stage].record_type, record);
  const auto at = std::find_if(sinks.begin(), sinks.end(), [&](const auto& s) { return s->stage == stage; });
  return static_cast<std::size_t>(at - sinks.begin());
}

batch_ptr virtual_job::empty_batch(std::size_t input) { return parts_->flow.inputs()[input].pool->take(); }

void virtual_job::push(std::size_t input, batch_ptr records) {
  auto& to = parts_->open_input(input);
  parts_->run([&] { parts_->flow.push(to, std::move(records)); });
}

void virtual_job::push_timed(std::size_t input, batch_ptr records) {
  const auto& stage = parts_->flow.stage_of(parts_->open_input(input));
  const auto times = stage.source->event_times();
  if (!times)
    throw pipeline_error{fmt::format(
      "source '{}' does not read event times from its records: say the time, push(record, at), or give the source "
      ".event_time(…)",
      stage.name)};
  run_user_code(stage.name, "event_time", [&] { times->assign(*records, 0); });
  push(input, std::move(records));
}

void virtual_job::watermark(std::size_t input, timestamp time) {
  auto& to = parts_->open_input(input);
  to.progress.idle = false;
  to.progress.watermark = std::max(to.progress.watermark, time);
  parts_->run([&] { parts_->flow.say(to, signal::watermark(to.progress.watermark)); });
}

void virtual_job::idle(std::size_t input) {
  auto& to = parts_->open_input(input);
  if (!std::exchange(to.progress.idle, true))
    parts_->run([&] { parts_->flow.say(to, signal::idle()); });
}

void virtual_job::finish(std::size_t input) {
  watermark(input, max_timestamp);
  auto& to = parts_->open_input(input);
  to.progress.finished = true;
  parts_->run([&] { parts_->flow.say(to, signal::end()); });
}

void virtual_job::finish_all() {
  for (std::size_t i = 0; i < parts_->flow.inputs().size(); ++i)
    if (!parts_->flow.inputs()[i].progress.finished)
      finish(i);
}

std::vector<batch_ptr> virtual_job::take(std::size_t output) {
  return std::exchange(parts_->flow.sinks()[output]->arrived, {});
}

timestamp virtual_job::output_watermark(std::size_t output) const {
  return parts_->flow.watermark_of(parts_->flow.sinks()[output]->stage);
}

timestamp virtual_job::now() const noexcept { return parts_->flow.now(); }

void virtual_job::advance(duration by) {
  if (by < duration::zero())
    throw pipeline_error{"advance(…) takes a span that is not negative: time does not go back"};
  parts_->run([&] { parts_->flow.advance_to(now() + by); });
}

void virtual_job::settle(duration real_time) {
  const auto deadline = std::chrono::steady_clock::now() + real_time;
  parts_->run([] {});
  while (const auto calls = parts_->flow.calls_outside()) {
    if (!parts_->flow.wait_for_wake_up(deadline))
      throw error{
        fault::outside,
        fmt::format(
          "{} to the outside {} not ended within {}: let the test end what they wait for, or say settle(…) a longer time. "
          "Their timeout goes by virtual time: advance(…) lets it pass",
          calls == 1 ? "1 call" : fmt::format("{} calls", calls), calls == 1 ? "has" : "have", format_duration(real_time))};
    parts_->run([] {});
  }
}

timestamp virtual_job::watermark_of(std::string_view step) const {
  return parts_->flow.watermark_of(step_named(parts_->flow.plan(), step).first);
}

std::int64_t virtual_job::metric_of(std::string_view name, std::string_view step) const {
  const auto [stage, index] = step_named(parts_->flow.plan(), step);
  const auto& in_stage = parts_->flow.plan().stages[stage];
  const auto& registered = index == stage_head ? in_stage.name : in_stage.steps[index].name;
  std::set<std::string> there;
  for (const auto& s : parts_->flow.registry().samples())
    if (s.step == registered)
      there.insert(s.name);
  if (!there.contains(std::string{name}))
    throw pipeline_error{fmt::format("step '{}' has no metric '{}'; its metrics: {}", step, name, fmt::join(there, ", "))};
  return parts_->flow.registry().sum(name, registered);
}

job_snapshot virtual_job::save() const {
  const auto& stages = parts_->flow.plan().stages;
  job_snapshot saved{now(), parts_->flow.plan().max_parallelism, {}, {}, {}};
  for (const auto& input : parts_->flow.inputs())
    saved.inputs[uid_of(parts_->flow.stage_of(input))].push_back(input.progress);
  for (std::size_t s = 0; s < stages.size(); ++s)
    if (const auto watermark = parts_->flow.watermark_of(s);
        stages[s].kind != stage_kind::source && watermark != min_timestamp)
      saved.watermarks.emplace(uid_of(stages[s]), watermark);
  for (std::size_t s = 0; s < stages.size(); ++s)
    for (std::size_t i = 0; i < stages[s].steps.size(); ++i) {
      const auto instances = parts_->flow.instances(s, i);
      const auto& uid = uid_of(stages[s].steps[i]);
      if (auto entries = save_step(instances); !entries.empty())
        saved.steps.emplace(uid, std::move(entries));
      for (auto& state : instances.front()->states())
        saved.printed.emplace(std::pair{uid, state.name}, state);
    }
  return saved;
}

std::vector<saved_entry>
virtual_job::entries(std::string_view step, std::string_view state, const std::type_info* as) const {
  const auto [stage, index] = step_named(parts_->flow.plan(), step);
  if (index == stage_head)
    throw keeps_nothing(parts_->flow, parts_->flow.plan().stages[stage]);
  const auto instances = parts_->flow.instances(stage, index);
  known_names names;
  bool known = false;
  for (const auto& kept : instances.front()->states()) {
    if (kept.name == state) {
      check_state(step, kept, as);
      known = true;
    }
    if (can_be_named(kept))
      names.add(kept.name);
  }
  if (!known)
    throw no_state(step, state, names);
  auto all = save_step(instances);
  std::erase_if(all, [&](const saved_entry& e) { return e.state != state; });
  return all;
}

} // namespace leat::testing

#pragma once

#include <leat/operators/windows/evictors.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/pipeline/testing/saved_values.hpp>
#include <leat/pipeline/testing/virtual_job.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

/// Pipelines under test: in one thread, in virtual time, without a broker. Needs no test framework and goes with any.
namespace leat::testing {

/// One partition of a source of a `test_run`. Everything that a call leads to has happened when it returns.
///
/// All calls throw what a user's function throws, as a `step_error` that names the step; the job then takes nothing more.
template <class T>
class test_input {
public:
  test_input(virtual_job& job, std::size_t input) : job_{&job}, input_{input} {}

  /// A record with this event time.
  void push(const T& record, timestamp at) { push_batch({{record, at}}); }

  /// A record whose event time is read from it, as the source does.
  /// @throws pipeline_error when the source has no rule for that.
  void push(const T& record) {
    auto one = empty();
    one->push(record, timestamp{});
    job_->push_timed(input_, std::move(one));
  }

  /// Records that come together: in as few batches as they fit in.
  void push_batch(const std::vector<timed_record<T>>& records) {
    auto batch = empty();
    for (const auto& r : records) {
      batch->push(r.record, r.time);
      if (batch->full())
        job_->push(input_, std::exchange(batch, empty()));
    }
    if (!batch->empty())
      job_->push(input_, std::move(batch));
  }

  /// Says that every record up to this time has come. Nothing else moves the watermark; one that lies before the last is
  /// ignored.
  void watermark(timestamp t) { job_->watermark(input_, t); }

  /// Says that nothing is to be expected for now: the watermark of what reads this no longer waits for it. It does again
  /// from the next record or watermark on.
  void idle() { job_->idle(input_); }

  /// Ends the partition: the watermark goes to the end of time.
  void finish() { job_->finish(input_); }

private:
  [[nodiscard]] boost::intrusive_ptr<batch<T>> empty() {
    auto taken = job_->empty_batch(input_);
    return boost::intrusive_ptr<batch<T>>{&batch<T>::of(*taken)};
  }

  virtual_job* job_;
  std::size_t input_;
};

/// A sink of a `test_run`: what has come there.
template <class T>
class test_output {
public:
  test_output(virtual_job& job, std::size_t output) : job_{&job}, output_{output} {}

  /// What has come since it was last taken, in that order.
  [[nodiscard]] std::vector<T> take() {
    std::vector<T> all;
    for (const auto& b : job_->take(output_))
      for (const auto& record : batch<T>::of(*b).records())
        all.push_back(record);
    return all;
  }

  /// The same with event times.
  [[nodiscard]] std::vector<timed_record<T>> take_timed() {
    std::vector<timed_record<T>> all;
    for (const auto& b : job_->take(output_)) {
      const auto& typed = batch<T>::of(*b);
      for (std::size_t i = 0; i < typed.size(); ++i)
        all.push_back({typed.records()[i], typed.timestamps()[i]});
    }
    return all;
  }

  /// How far event time has come here; `min_timestamp` before any watermark.
  [[nodiscard]] timestamp watermark() const { return job_->output_watermark(output_); }

private:
  virtual_job* job_;
  std::size_t output_;
};

/// A job in a test: the steps, partitioners, channels and shards that it has in production, in one thread, with a clock that
/// stands still until the test advances it. Its sources and sinks are never opened: by the names of their steps the test feeds
/// and reads them.
///
///     job fraud{"fraud"};
///     describe(fraud);                                            // what main does before run(fraud, …)
///     test_run run{fraud, {.parallelism = 2}};
///     auto payments = run.input<payment>("payments");
///     payments.push({"4711", 0.5}, from_millis(1'000));
///     payments.watermark(from_millis(60'000));
///     CHECK(run.output<alert>("alerts").take() == std::vector<alert>{…});
///
/// Deterministic: the same calls give the same rows in the same order. No thread but those on which a user's own asynchronous
/// calls end (see `settle`); nothing sleeps; nothing is logged. Not thread-safe.
class test_run {
public:
  /// @throws pipeline_error for a job that `run` would refuse, naming the step and what to do.
  explicit test_run(const job& what, const test_options& options = {})
    : job_{std::make_unique<virtual_job>(what.plan(), options, nullptr)} {}

  /// The same, with what another run has kept: also of a job that has been changed, and at another parallelism.
  /// @throws state_error when the job no longer has a step whose state is there, or the step cannot read it.
  test_run(const job& what, const job_snapshot& from, const test_options& options = {})
    : job_{std::make_unique<virtual_job>(what.plan(), options, &from)} {}

  /// The source whose step has this name.
  /// @throws pipeline_error that lists the sources there are, or says the type of its records.
  template <class T>
  [[nodiscard]] test_input<T> input(std::string_view source, std::uint32_t partition = 0) {
    return {*job_, job_->find_input(source, partition, typeid(T))};
  }

  /// The sink whose step has this name; what reads a side output is one like any other. What cannot be decoded by a source
  /// that has dead letters comes to "<source>-dead-letters".
  /// @throws pipeline_error that lists the sinks there are, or says the type of its records.
  template <class T>
  [[nodiscard]] test_output<T> output(std::string_view sink) {
    return {*job_, job_->find_output(sink, typeid(T))};
  }

  /// Ends all partitions of all sources: windows fire, timers of event time too.
  void finish() { job_->finish_all(); }

  /// Processing time as the steps see it.
  [[nodiscard]] timestamp now() const noexcept { return job_->now(); }

  /// Lets processing time go by: timers, times to live and timeouts come due in their order.
  void advance(duration by) { job_->advance(by); }

  /// Waits for asynchronous calls that end on other threads. Whatever ends within the function that makes it needs no waiting,
  /// and a call that is to be made again after a delay waits for `advance`, not here.
  /// @param at_most in real time.
  /// @throws error when calls are still on their way by then.
  void settle(duration at_most = 10s) { job_->settle(at_most); }

  /// How far event time has come in the actors that a step, or sink, runs in: the least of them.
  [[nodiscard]] timestamp watermark(std::string_view step) const { return job_->watermark_of(step); }

  /// A metric such as "late_records", summed over a step's actors.
  /// @throws pipeline_error when the step has no such metric.
  [[nodiscard]] std::int64_t metric(std::string_view name, std::string_view step) const {
    return job_->metric_of(name, step);
  }

  /// What a step keeps in one of its states under a key, by the names of both; `State` is the state's type: a
  /// `value_state<V>` gives an optional of `V`, a `list_state<V>` a vector, a `map_state<K, V>` a map, a `window_state<V>` a map
  /// by window. What has expired is not there. `State` may be the type of a plain value too: that of a broadcast state, under
  /// its own key.
  /// @param key of exactly the type that `key_by` gives; text in any form.
  /// @throws pipeline_error when there is no such step or state, state_error when the state is of another type, which
  ///         names both.
  template <class State, class Key>
  [[nodiscard]] typename saved_value<State>::type
  state(std::string_view step, std::string_view state, const Key& key) const {
    const auto bytes = saved_key(key);
    for (const auto& e : job_->entries(step, state, &typeid(State)))
      if (e.key == bytes)
        return read_as<typename saved_value<State>::type>(
          step, state, [&] { return saved_value<State>::of(e.value, now()); });
    return {};
  }

  /// The timers that wait in a step with keys of type `Key`, those by event time first, each in the order of their times.
  /// @throws pipeline_error when there is no such step or it has no timers, state_error when the keys are of another type.
  template <class Key>
  [[nodiscard]] std::vector<pending_timer<Key>> timers(std::string_view step) const {
    std::vector<pending_timer<Key>> all;
    add_timers(all, step, "leat.timers", time_domain::event);
    add_timers(all, step, "leat.processing_timers", time_domain::processing);
    return all;
  }

  /// All that the steps keep, and how far the inputs have come. The virtual time goes on from there in a run made of it.
  /// @throws pipeline_error while asynchronous calls hold a step in the middle of a batch: see `settle`.
  [[nodiscard]] job_snapshot snapshot() const { return job_->save(); }

private:
  template <class Value, class Read>
  static Value read_as(std::string_view step, std::string_view state, Read&& read) {
    try {
      return read();
    } catch (const state_error&) {
      throw state_error{
        "step '" + std::string{step} + "', " + std::string{state} +
        ": what is kept there is of another type than the test asks for"};
    }
  }

  template <class Key>
  void
  add_timers(std::vector<pending_timer<Key>>& to, std::string_view step, std::string_view state, time_domain domain) const {
    const auto first = to.size();
    for (const auto& e : job_->entries(step, state)) {
      auto [when, key] =
        read_as<std::pair<timestamp, Key>>(step, "timers", [&] { return decoded<std::pair<timestamp, Key>>(e.key); });
      to.push_back({when, std::move(key), domain});
    }
    std::stable_sort(to.begin() + static_cast<std::ptrdiff_t>(first), to.end(), [](const auto& a, const auto& b) {
      return a.when < b.when;
    });
  }

  std::unique_ptr<virtual_job> job_;
};

} // namespace leat::testing

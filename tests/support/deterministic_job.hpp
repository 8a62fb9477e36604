#pragma once

#include <leat/actors/job_actors.hpp>
#include <leat/tests/support/lifeline.hpp>
#include <leat/tests/support/testing_system.hpp>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace leat::testing {

/// The real actors of a plan on a scheduler that the test turns by hand: one message at a time, in an order that a seed
/// decides. Time passes when the test says so.
class deterministic_job {
public:
  deterministic_job(const dataflow_plan& plan, const run_options& options, unsigned seed)
    : plan_{mortal(checked(plan), alive_)}, options_{options}, random_{seed}, actors_{*system_, plan_, options_, registry} {
    try {
      actors_.start(nullptr);
    } catch (...) {
      actors_.kill();
      system_.settle();
      throw;
    }
  }

  /// Crashes, if the job still runs: nothing that it has not written or committed by now ever arrives.
  ~deterministic_job() {
    *alive_ = false;
    if (!ended())
      caf::anon_send<caf::message_priority::high>(actors_.supervisor(), abandon_job{});
    system_.settle();
  }

  deterministic_job(const deterministic_job&) = delete;
  deterministic_job& operator=(const deterministic_job&) = delete;

  /// One actor, chosen at random, handles one message. @returns false when every mailbox is empty.
  bool step() {
    auto& jobs = scheduler_.jobs;
    if (jobs.empty())
      return false;
    std::swap(jobs.front(), jobs[random_() % jobs.size()]);
    return scheduler_.try_run_once();
  }

  /// Steps until every mailbox is empty.
  void settle() {
    while (step()) {
    }
  }

  /// Lets `time` pass, for epochs and ticks.
  void pass(duration time) { scheduler_.advance_time(time); }

  /// Steps and lets time pass until the job has ended, `each_step` in between. Fails after a million steps.
  job_result run(const std::function<void()>& each_step = [] {}) {
    for (int i = 0; i < 1'000'000; ++i) {
      if (auto result = ended())
        return *result;
      if (!step() || random_() % 100 == 0)
        pass(options_.commit_interval);
      each_step();
    }
    return {true, "the job has not ended after a million steps"};
  }

  [[nodiscard]] std::optional<job_result> ended() { return actors_.outcome().wait_for(duration{0}); }

  void stop() { caf::anon_send(actors_.supervisor(), stop_job{}); }

  /// What holds event time where, when every mailbox is empty.
  [[nodiscard]] time_report explain_time() {
    auto report = actors_.explain_time(1s);
    settle();
    return report.get();
  }

  metrics registry;

  [[nodiscard]] std::future<savepoint_outcome> take_savepoint() { return actors_.take_savepoint(); }

  /// What the last checkpoints took, when every mailbox is empty.
  [[nodiscard]] std::vector<checkpoint_summary> checkpoints() {
    auto all = actors_.checkpoints();
    settle();
    return all.get();
  }

private:
  static const dataflow_plan& checked(const dataflow_plan& plan) {
    validate(plan);
    return plan;
  }

  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  const dataflow_plan plan_;
  const run_options options_;
  std::mt19937 random_;
  testing_system system_;
  caf::scheduler::test_coordinator& scheduler_ = system_.scheduler();
  job_actors actors_;
};

} // namespace leat::testing

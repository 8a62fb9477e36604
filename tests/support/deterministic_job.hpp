#pragma once

#include <leat/actors/checkpoint_coordinator.hpp>
#include <leat/actors/deployment.hpp>
#include <leat/actors/job_supervisor.hpp>

#include <caf/scheduler/test_coordinator.hpp>

#include <functional>
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
    : plan_{plan}, options_{options}, random_{seed}, system_{config_},
      scheduler_{dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())},
      actors_{std::make_shared<deployment>(system_, plan_, options_, registry)} {
    validate(plan_);
    start();
  }

  /// Kills what still runs, as a crash would: nothing is flushed, nothing committed.
  ~deterministic_job() {
    for (const auto& i : actors_->instances())
      caf::anon_send_exit(i->actor, caf::exit_reason::kill);
    caf::anon_send_exit(coordinator, caf::exit_reason::kill);
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    scheduler_.run();
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

  [[nodiscard]] std::optional<job_result> ended() { return outcome_->wait_for(duration{0}); }

  void stop() { caf::anon_send(supervisor, stop_job{}); }

  [[nodiscard]] deployment& actors() noexcept { return *actors_; }
  [[nodiscard]] std::size_t jobs() const noexcept { return scheduler_.jobs.size(); }

  metrics registry;
  caf::actor supervisor;
  caf::actor coordinator;

private:
  struct testing_config : caf::actor_system_config {
    testing_config() { set("scheduler.policy", caf::atom("testing")); }
  };

  /// As `running_job` does it.
  void start() {
    supervisor = system_.spawn(job_supervisor, source_tick_interval);
    coordinator = system_.spawn(checkpoint_coordinator, options_.commit_interval);
    actors_->spawn_stages(supervisor, coordinator);
    std::vector<std::pair<std::size_t, partition>> partitions;
    auto settled = min_timestamp;
    for (std::size_t s = 0; s < plan_.stages.size(); ++s)
      if (const auto& source = plan_.stages[s].source) {
        for (auto& which : source->open({plan_.job, plan_.stages[s].name, nullptr, &registry, options_.bounded}))
          partitions.emplace_back(s, std::move(which));
        settled = std::max(settled, source->settled());
      }
    std::vector<deployment::instance*> sources;
    for (const auto& [stage, which] : partitions)
      sources.push_back(&actors_->spawn_partition(stage));
    actors_->start_stages(settled);
    std::vector<std::vector<deployment::connection>> connections;
    for (const auto* source : sources) {
      connections.push_back(actors_->connect(*source));
      for (const auto& c : connections.back())
        caf::anon_send(c.receiver, c.input);
    }
    caf::anon_send<caf::message_priority::high>(
      coordinator,
      coordinator_options{actors_->of_kind(stage_kind::source), actors_->of_kind(stage_kind::sink), supervisor, settled});
    caf::anon_send<caf::message_priority::high>(supervisor, supervise{{actors_, outcome_, coordinator}});
    for (std::size_t i = 0; i < sources.size(); ++i)
      actors_->start_partition(*sources[i], partitions[i].second, connections[i]);
    for (std::size_t s = 0; s < plan_.stages.size() && !options_.bounded; ++s)
      if (const auto& source = plan_.stages[s].source)
        source->watch([target = caf::actor_cast<caf::weak_actor_ptr>(supervisor), s](partition which) {
          if (const auto alive = caf::actor_cast<caf::actor>(target))
            caf::anon_send(alive, partition_found{s, std::move(which)});
        });
  }

  const dataflow_plan plan_;
  const run_options options_;
  std::mt19937 random_;
  testing_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  std::shared_ptr<deployment> actors_;
  std::shared_ptr<job_outcome> outcome_ = std::make_shared<job_outcome>();
};

} // namespace leat::testing

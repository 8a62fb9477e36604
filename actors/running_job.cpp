#include <leat/actors/running_job.hpp>

#include <leat/actors/checkpoint_coordinator.hpp>
#include <leat/actors/deployment.hpp>
#include <leat/actors/job_outcome.hpp>
#include <leat/actors/job_supervisor.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/discarding_sink.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

namespace leat {

namespace {

std::uint32_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

std::uint32_t number_or_auto(const settings& config, std::string_view key, std::uint32_t max) {
  if (config.text(key) == "auto")
    return cores();
  return static_cast<std::uint32_t>(config.integer(key, 1, max));
}

caf::actor_system_config system_config(std::uint32_t threads) {
  caf::actor_system_config config;
  // One queue for all workers: an idle worker sleeps on it and wakes at once. CAF's default, work stealing, polls: an idle
  // worker notices after up to 10 ms, which would be the latency of a quiet job.
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", static_cast<std::size_t>(threads));
  // Messages an actor may work off before others get their turn.
  config.set("scheduler.max-throughput", static_cast<std::size_t>(16));
  return config;
}

} // namespace

run_options run_options_from(const settings& config) {
  run_options options;
  options.max_parallelism = static_cast<std::uint32_t>(config.integer("job.max-parallelism", 1, 32768));
  options.parallelism =
    std::min(number_or_auto(config, "job.parallelism", options.max_parallelism), options.max_parallelism);
  options.threads = number_or_auto(config, "job.threads", 1024);
  options.credit = static_cast<std::uint32_t>(config.integer("channel.credit", 1, 1024));
  options.commit_interval = std::max(config.span("job.commit-interval"), duration{1});
  options.idle_timeout = config.span("time.idle-timeout");
  options.drain_deadline = config.span("job.drain-deadline");
  options.dead_letters = config.boolean("dead-letters.enabled");
  return options;
}

/// A partition to read and the source it belongs to.
struct found_partition {
  std::size_t stage = 0;
  partition which;
};

struct running_job::parts {
  parts(const dataflow_plan& p, const run_options& o, metrics& registry)
    : plan{with_options(p, o)}, options{with_defaults(o)}, config{system_config(options.threads)}, system{config},
      actors{std::make_shared<deployment>(system, plan, options, registry)} {}

  // Also after a start that failed half-way: the actor system waits for its actors to end.
  ~parts() {
    if (supervised) {
      // The supervisor may be connecting a partition: only it knows all the actors.
      caf::anon_send<caf::message_priority::high>(supervisor, abandon_job{});
      (void)outcome->wait();
    } else {
      actors->kill();
      for (const auto& actor : {coordinator, supervisor})
        if (actor)
          caf::anon_send_exit(actor, caf::exit_reason::kill);
    }
    close_sources();
  }

  static dataflow_plan with_options(dataflow_plan p, const run_options& o) {
    p.max_parallelism = o.max_parallelism;
    for (auto& stage : p.stages)
      if (stage.dead_letters && !o.dead_letters)
        p.stages[*stage.dead_letters].sink = std::make_shared<discarding_sink>();
    return p;
  }

  static run_options with_defaults(run_options o) {
    o.threads = o.threads == 0 ? cores() : o.threads;
    o.parallelism = o.parallelism == 0 ? cores() : o.parallelism;
    return o;
  }

  std::vector<found_partition> open_connectors(const settings& config_values, metrics& registry);
  void start(const std::vector<found_partition>& partitions);
  void watch_sources();

  void close_sources() {
    if (closed)
      return;
    closed = true;
    for (const auto& stage : plan.stages)
      if (stage.source)
        stage.source->close(5s);
  }

  const dataflow_plan plan;
  const run_options options;
  caf::actor_system_config config;
  caf::actor_system system;
  std::shared_ptr<deployment> actors;
  std::shared_ptr<job_outcome> outcome = std::make_shared<job_outcome>();
  caf::actor supervisor;
  caf::actor coordinator;
  bool supervised = false;
  bool closed = false;
};

std::vector<found_partition> running_job::parts::open_connectors(const settings& config_values, metrics& registry) {
  std::vector<found_partition> partitions;
  for (std::size_t s = 0; s < plan.stages.size(); ++s) {
    const auto& stage = plan.stages[s];
    const connector_context context{plan.job, stage.name, &config_values, &registry, options.bounded};
    if (stage.sink)
      stage.sink->open(context);
    if (stage.source)
      for (auto& which : stage.source->open(context))
        partitions.push_back({s, std::move(which)});
  }
  return partitions;
}

void running_job::parts::start(const std::vector<found_partition>& partitions) {
  supervisor = system.spawn(job_supervisor, source_tick_interval);
  coordinator = system.spawn(checkpoint_coordinator, options.commit_interval);
  actors->spawn_stages(supervisor, coordinator);
  std::vector<deployment::instance*> sources;
  for (const auto& found : partitions)
    sources.push_back(&actors->spawn_partition(found.stage));
  // Of all sources: each commits by itself, and a crash may come between two commits.
  auto settled = min_timestamp;
  for (const auto& stage : plan.stages)
    if (stage.source)
      settled = std::max(settled, stage.source->settled());
  actors->start_stages(settled);

  // Every receiver knows all its inputs before the first of them speaks: what lies in a mailbox first is handled first.
  std::vector<std::vector<deployment::connection>> connections;
  for (const auto* source : sources) {
    connections.push_back(actors->connect(*source));
    for (const auto& c : connections.back())
      caf::anon_send(c.receiver, c.input);
  }
  caf::anon_send<caf::message_priority::high>( // reports are sent so too, and must not overtake it
    coordinator,
    coordinator_options{actors->of_kind(stage_kind::source), actors->of_kind(stage_kind::sink), supervisor, settled});
  caf::anon_send<caf::message_priority::high>(supervisor, supervise{{actors, outcome, coordinator}});
  supervised = true;
  for (std::size_t i = 0; i < sources.size(); ++i)
    actors->start_partition(*sources[i], partitions[i].which, connections[i]);
}

void running_job::parts::watch_sources() {
  if (options.bounded)
    return; // what was not there at the start is not read
  for (std::size_t s = 0; s < plan.stages.size(); ++s)
    if (const auto& source = plan.stages[s].source)
      source->watch([target = caf::actor_cast<caf::weak_actor_ptr>(supervisor), s](partition which) {
        if (const auto alive = caf::actor_cast<caf::actor>(target))
          caf::anon_send(alive, partition_found{s, std::move(which)});
      });
}

running_job::running_job(const dataflow_plan& plan, const run_options& options, const settings& config, metrics& registry) {
  validate(plan);
  parts_ = std::make_unique<parts>(plan, options, registry);
  const auto partitions = parts_->open_connectors(config, registry);
  parts_->start(partitions);
  parts_->watch_sources();
}

running_job::~running_job() = default;

void running_job::stop() { caf::anon_send(parts_->supervisor, stop_job{}); }

job_result running_job::wait() {
  auto result = parts_->outcome->wait();
  parts_->close_sources();
  return result;
}

std::optional<job_result> running_job::wait_for(duration time) {
  auto result = parts_->outcome->wait_for(time);
  if (result)
    parts_->close_sources();
  return result;
}

} // namespace leat

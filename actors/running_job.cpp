#include <leat/actors/running_job.hpp>

#include <leat/actors/job_actors.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/discarding_sink.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace leat {

namespace {

std::uint32_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

std::uint32_t number_or_cores(const settings& config, std::string_view key, std::uint32_t max) {
  return static_cast<std::uint32_t>(config.integer_or_auto(key, 1, max).value_or(cores()));
}

/// CAF ends or hangs the process when one of its threads cannot be started: finds that out before, by starting as many.
void check_threads(std::uint32_t workers) {
  const auto count = workers + 1; // CAF's clock
  std::mutex all_started;
  std::vector<std::jthread> threads;
  threads.reserve(count);
  const std::lock_guard not_yet{all_started};
  try {
    while (threads.size() < count)
      threads.emplace_back([&] { const std::lock_guard wait{all_started}; });
  } catch (const std::system_error& e) {
    throw error{
      fault::outside, fmt::format(
                        "job.threads: {} and one more cannot be started here, only {} ({}): choose fewer, or raise the "
                        "limit on threads and "
                        "memory (ulimit -a, or the container's)",
                        workers, threads.size(), e.what())};
  }
}

caf::actor_system_config system_config(std::uint32_t threads) {
  check_threads(threads);
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
    std::min(number_or_cores(config, "job.parallelism", options.max_parallelism), options.max_parallelism);
  options.threads = number_or_cores(config, "job.threads", 1024);
  options.credit = static_cast<std::uint32_t>(config.integer("channel.credit", 1, 1024));
  options.commit_interval = std::max(config.span("job.commit-interval"), duration{1});
  options.idle_timeout = config.span("time.idle-timeout");
  options.drain_deadline = config.span("job.drain-deadline");
  options.dead_letters = config.boolean("dead-letters.enabled");
  return options;
}

struct running_job::parts {
  parts(const dataflow_plan& p, const run_options& o, metrics& registry)
    : plan{with_options(p, o)}, options{with_defaults(o)}, config{system_config(options.threads)}, system{config},
      actors{system, plan, options, registry} {}

  // Also after a start that failed half-way: the actor system waits for its actors to end.
  ~parts() {
    if (actors.supervised()) {
      // The supervisor may be connecting a partition: only it knows all the actors.
      caf::anon_send<caf::message_priority::high>(actors.supervisor(), abandon_job{});
      (void)actors.outcome().wait();
    } else {
      actors.kill();
    }
    (void)close_sources({true, {}});
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

  /// Closes the sources, once. An end is a good one only when all their positions are stored.
  job_result close_sources(job_result ended) {
    std::call_once(closed, [&] {
      for (const auto& stage : plan.stages)
        if (const auto why = stage.source ? stage.source->close(5s) : std::nullopt)
          note_unstored(*why, ended.failed);
    });
    return unstored.empty() ? ended : job_result{true, unstored};
  }

  void note_unstored(const std::string& why, bool failed_already) {
    if (failed_already)
      spdlog::warn("{}", why);
    else
      unstored += (unstored.empty() ? "" : "; ") + why;
  }

  const dataflow_plan plan;
  const run_options options;
  caf::actor_system_config config;
  caf::actor_system system;
  job_actors actors;
  std::once_flag closed;
  std::string unstored; // why positions are not stored, of a job that has not failed for another reason; set when closed
};

running_job::running_job(const dataflow_plan& plan, const run_options& options, const settings& config, metrics& registry) {
  validate(plan);
  parts_ = std::make_unique<parts>(plan, options, registry);
  parts_->actors.start(&config);
}

running_job::~running_job() = default;

void running_job::stop() { caf::anon_send(parts_->actors.supervisor(), stop_job{}); }

job_result running_job::wait() { return parts_->close_sources(parts_->actors.outcome().wait()); }

std::optional<job_result> running_job::wait_for(duration time) {
  const auto result = parts_->actors.outcome().wait_for(time);
  return result ? std::optional{parts_->close_sources(*result)} : std::nullopt;
}

std::optional<time_report> running_job::explain_time(duration patience) const {
  auto report = parts_->actors.explain_time(patience);
  if (report.wait_for(patience + 1s) != std::future_status::ready)
    return std::nullopt;
  try {
    return report.get();
  } catch (const std::future_error&) { // the job has ended before it was asked
    return std::nullopt;
  }
}

} // namespace leat

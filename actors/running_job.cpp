#include <leat/actors/running_job.hpp>

#include <leat/actors/recovery/job_attempt.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/discarding_sink.hpp>
#include <leat/persistence/stored_checkpoints.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace leat {

namespace {

/// How long a restart waits for the actors of the attempt before.
constexpr duration patience_with_actors{30'000};

std::uint32_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

std::uint32_t number_or_cores(const settings& config, std::string_view key, std::uint32_t max) {
  return static_cast<std::uint32_t>(config.integer_or_auto(key, 1, max).value_or(cores()));
}

restart_options restart_options_from(const settings& config, bool has_checkpoints) {
  using strategy = restart_options::strategy;
  const std::map<std::string, strategy> strategies{
    {"none", strategy::none},
    {"fixed-delay", strategy::fixed_delay},
    {"exponential", strategy::exponential},
    {"rate", strategy::rate},
    {"auto", has_checkpoints ? strategy::exponential : strategy::none}};
  restart_options options;
  options.how = strategies.at(config.text("restart.strategy"));
  options.attempts = static_cast<std::uint32_t>(config.integer("restart.attempts", 1, 1'000'000'000));
  options.delay = config.span("restart.delay");
  options.longest_delay = config.span("restart.longest-delay");
  options.growth = config.number("restart.growth");
  if (options.growth < 1)
    refuse_setting(
      "restart.growth", config.at("restart.growth"), "it is at least 1: no rest is shorter than the one before");
  options.calm = config.span("restart.calm");
  options.window = config.span("restart.window");
  return options;
}

/// What an actor answers; nothing when it does not in time, or has ended before it was asked.
template <class T>
std::optional<T> answer_of(std::future<T> answer, duration patience) {
  if (answer.wait_for(patience) != std::future_status::ready)
    return std::nullopt;
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return std::nullopt;
  }
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
  options.checkpoints.directory = config.text("checkpoints.directory");
  options.checkpoints.interval = config.span("checkpoints.interval");
  options.checkpoints.min_pause = config.span("checkpoints.min-pause");
  options.checkpoints.timeout = config.span("checkpoints.timeout");
  if (const auto memory = config.bytes("checkpoints.state-memory"); memory != 0)
    options.checkpoints.memory = memory;
  options.checkpoints.load_at_start = config.bytes("checkpoints.load-at-start");
  if (const auto timeout = config.text("checkpoints.alignment-timeout"); timeout == "none") {
    options.checkpoints.alignment_timeout.reset();
  } else if (timeout != "auto") {
    options.checkpoints.alignment_timeout = config.span("checkpoints.alignment-timeout");
    options.checkpoints.must_overtake = true;
  }
  (void)config.integer("checkpoints.max-concurrent", 1, 1); // more would not be faster: see config/defaults.yaml
  if (config.text("checkpoints.tolerable-failures") != "unlimited")
    options.checkpoints.tolerable_failures =
      static_cast<std::uint32_t>(config.integer("checkpoints.tolerable-failures", 0, 1'000'000));
  options.checkpoints.history = static_cast<std::size_t>(config.integer("checkpoints.history", 1, 100'000));
  options.checkpoints.from = config.text("checkpoints.from");
  if (!options.checkpoints.from.empty() && options.checkpoints.directory.empty())
    throw config_error{"checkpoints.from (--from-savepoint) says what to begin with, and checkpoints.directory does not "
                       "say where the job's own "
                       "checkpoints go: set both"};
  options.checkpoints.allow_dropped_state = config.boolean("checkpoints.allow-dropped-state");
  options.checkpoints.retain.count = static_cast<std::size_t>(config.integer("checkpoints.retain", 0, 1'000'000));
  options.checkpoints.retain.interval = config.span("checkpoints.retain-every");
  options.restart = restart_options_from(config, !options.checkpoints.directory.empty());
  options.idle_timeout = config.span("time.idle-timeout");
  options.drain_deadline = config.span("job.drain-deadline");
  options.dead_letters = config.boolean("dead-letters.enabled");
  if (config.text("dead-letters.limit") != "none")
    options.refusal_limit.share = config.number("dead-letters.limit") / 100;
  options.refusal_limit.window = std::max(config.span("dead-letters.window"), duration{1});
  options.refusal_limit.least = config.integer("dead-letters.minimum", 1, std::numeric_limits<std::int64_t>::max());
  return options;
}

struct running_job::parts {
  using clock = restart_policy::clock;

  parts(const dataflow_plan& p, const run_options& o, const settings& c, metrics& r)
    : plan{with_options(p, o)}, options{with_defaults(o)},
      settings_of_connectors{&c}, registry{r}, config{system_config(options.threads)}, system{config}, policy{o.restart} {
    begin_attempt();
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
    if (o.checkpoints.storage || o.checkpoints.directory.empty())
      return o;
    fold_policy fold;
    fold.most_bytes = std::min<std::uint64_t>(fold.most_bytes, o.checkpoints.memory.value_or(fold.most_bytes));
    o.checkpoints.storage = std::make_shared<stored_checkpoints>(o.checkpoints.directory, o.checkpoints.from, fold);
    return o;
  }

  void begin_attempt() {
    policy.on_start(clock::now());
    const std::lock_guard lock{m};
    attempt = std::make_shared<job_attempt>(system, plan, options, registry);
    attempt->start(settings_of_connectors);
  }

  std::optional<job_result> wait_until(clock::time_point until);
  void save_at_end();
  [[nodiscard]] savepoint_outcome savepoint_of_end() const;
  void on_failure(const std::string& reason);
  void restart();
  [[nodiscard]] bool actors_are_gone();

  [[nodiscard]] std::shared_ptr<job_attempt> current() {
    const std::lock_guard lock{m};
    return attempt;
  }

  const dataflow_plan plan;
  const run_options options;
  const settings* const settings_of_connectors;
  metrics& registry;
  caf::actor_system_config config;
  caf::actor_system system;
  restart_policy policy;
  std::optional<job_result> ended;              // for good
  std::optional<clock::time_point> restarts_at; // no attempt runs until then
  std::mutex m;
  std::condition_variable stopped;
  bool stop_asked = false;                                        // guarded by m
  std::vector<std::promise<savepoint_outcome>> savepoints_at_end; // guarded by m
  bool end_is_saved = false;                                      // guarded by m; for whom had asked by then
  std::shared_ptr<job_attempt> attempt;                           // guarded by m; null between two
};

std::optional<job_result> running_job::parts::wait_until(clock::time_point until) {
  while (!ended) {
    const auto now = clock::now();
    if (restarts_at) {
      std::unique_lock lock{m};
      if (stopped.wait_until(lock, std::min(until, *restarts_at), [this] { return stop_asked; })) {
        ended = job_result{};
      } else if (clock::now() >= *restarts_at) {
        lock.unlock();
        restart();
      } else {
        return std::nullopt;
      }
      continue;
    }
    const auto running = current();
    const auto result = running->wait_for(std::max(std::chrono::ceil<duration>(until - now), duration{0}));
    if (!result)
      return std::nullopt;
    const auto closed = running->close_sources(*result);
    if (closed.failed && !closed.final)
      on_failure(closed.reason);
    else
      ended = closed;
  }
  save_at_end();
  return ended;
}

/// Answers those who asked for a stop with a savepoint.
void running_job::parts::save_at_end() {
  std::vector<std::promise<savepoint_outcome>> asked;
  {
    const std::lock_guard lock{m};
    end_is_saved = true;
    asked = std::exchange(savepoints_at_end, {});
  }
  if (asked.empty())
    return;
  const auto outcome = savepoint_of_end();
  for (auto& answer : asked)
    answer.set_value(outcome);
}

/// Copies the last checkpoint of a job that has ended. Any thread.
savepoint_outcome running_job::parts::savepoint_of_end() const {
  if (ended->failed)
    return {{}, ended->reason};
  try {
    return {options.checkpoints.storage->save(), {}};
  } catch (const error& e) {
    return {{}, e.what()};
  }
}

/// An attempt has failed, or could not begin.
void running_job::parts::on_failure(const std::string& reason) {
  const auto pause = policy.on_failure(clock::now());
  {
    const std::lock_guard lock{m};
    attempt.reset();
    if (!pause || stop_asked) {
      const auto restarts = policy.restarts() - (pause ? 1 : 0);
      ended = job_result{true, restarts == 0 ? reason : fmt::format("{} (after {} restarts)", reason, restarts)};
      return;
    }
  }
  spdlog::warn(
    "job '{}' failed: {}. It starts again in {} (restart {})", plan.job, reason, format_duration(*pause),
    policy.restarts());
  restarts_at = clock::now() + *pause;
}

void running_job::parts::restart() {
  restarts_at.reset();
  if (!actors_are_gone()) {
    ended = job_result{
      true, fmt::format(
              "it failed, and cannot start again in this process: an actor of the attempt that failed has not ended within "
              "{}. Does a function of the job, or a connector, block?",
              format_duration(patience_with_actors))};
    return;
  }
  registry.get("restarts", "job", 0).add(1);
  try {
    begin_attempt();
    spdlog::info("job '{}' is running again", plan.job);
    const std::lock_guard lock{m};
    if (stop_asked)
      attempt->stop();
  } catch (const error& e) {
    const bool outside_may_mend = dynamic_cast<const connector_error*>(&e) && !dynamic_cast<const final_error*>(&e);
    if (outside_may_mend)
      on_failure(e.what());
    else
      ended = job_result{true, e.what()};
  }
}

/// Waits for them: what they hold (the writers of sinks, the store) is used by one attempt at a time.
bool running_job::parts::actors_are_gone() {
  const auto until = clock::now() + patience_with_actors;
  while (system.registry().running() != 0) {
    if (clock::now() >= until)
      return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

running_job::running_job(const dataflow_plan& plan, const run_options& options, const settings& config, metrics& registry) {
  validate(plan);
  parts_ = std::make_unique<parts>(plan, options, config, registry);
}

running_job::~running_job() = default;

void running_job::stop() {
  {
    const std::lock_guard lock{parts_->m};
    parts_->stop_asked = true;
    if (parts_->attempt)
      parts_->attempt->stop();
  }
  parts_->stopped.notify_all();
}

std::future<savepoint_outcome> running_job::take_savepoint() {
  if (const auto running = parts_->current())
    return running->take_savepoint();
  std::promise<savepoint_outcome> not_now;
  not_now.set_value({{}, "the job has failed and rests before it is started again: try then"});
  return not_now.get_future();
}

std::future<savepoint_outcome> running_job::stop_with_savepoint() {
  std::promise<savepoint_outcome> answer;
  auto outcome = answer.get_future();
  if (!parts_->options.checkpoints.storage) {
    answer.set_value({{}, "the job takes no checkpoints: say where they are kept (checkpoints.directory)"});
    return outcome;
  }
  {
    std::unique_lock lock{parts_->m};
    if (parts_->end_is_saved) {
      lock.unlock();
      answer.set_value(parts_->savepoint_of_end());
      return outcome;
    }
    parts_->savepoints_at_end.push_back(std::move(answer));
  }
  stop();
  return outcome;
}

job_result running_job::wait() {
  while (true)
    if (const auto result = parts_->wait_until(parts::clock::now() + 1h))
      return *result;
}

std::optional<job_result> running_job::wait_for(duration time) { return parts_->wait_until(parts::clock::now() + time); }

std::vector<checkpoint_summary> running_job::checkpoints() const {
  const auto running = parts_->current();
  return running ? answer_of(running->checkpoints(), 1s).value_or(std::vector<checkpoint_summary>{})
                 : std::vector<checkpoint_summary>{};
}

std::optional<time_report> running_job::explain_time(duration patience) const {
  const auto running = parts_->current();
  if (!running)
    return std::nullopt;
  return answer_of(running->explain_time(patience), patience + 1s);
}

} // namespace leat

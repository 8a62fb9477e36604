#include <leat/actors/running_job.hpp>

#include <leat/base/error.hpp>
#include <leat/operators/map.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/temporary_folder.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

using namespace leat;
using namespace leat::testing;

namespace {

struct running_fixture {
  explicit running_fixture(std::vector<std::vector<event>> events, bool bounded = false, std::size_t read_size = 64)
    : log{std::make_shared<event_log>(std::move(events), read_size)}, plan{totals_plan(
                                                                        log->make_source(),
                                                                        std::make_shared<memory_sink<window_row>>(rows),
                                                                        tumbling(20ms), event_disorder, 2)} {
    options.threads = 3;
    options.parallelism = 2;
    options.credit = 2;
    options.commit_interval = 20ms;
    options.bounded = bounded;
  }

  void start() { job.emplace(plan, options, config, registry); }

  /// Ends the test's patience, not the job's: fails when it takes longer than ten seconds.
  job_result wait() {
    const auto result = job->wait_for(10s);
    REQUIRE(result);
    return *result;
  }

  template <class Condition>
  void wait_until(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i)
      std::this_thread::sleep_for(10ms);
    REQUIRE(condition());
  }

  /// Whether no partition can be read on, for there is no room behind it.
  [[nodiscard]] bool reading_stands() const {
    const auto report = job->explain_time();
    return report && std::ranges::all_of(report->partitions, [](const auto& p) { return p.at.blocked && !p.at.ended; });
  }

  /// Whether some mailbox has held all that one sender may send.
  [[nodiscard]] bool has_full_channel() const {
    const auto samples = registry.samples();
    return std::any_of(samples.begin(), samples.end(), [&](const auto& s) {
      return s.name == "mailbox_batches_peak" && s.value >= std::int64_t{options.credit};
    });
  }

  [[nodiscard]] std::vector<window_row> sorted_rows() const {
    auto sorted = rows->all();
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

  std::shared_ptr<event_log> log;
  std::shared_ptr<memory_rows<window_row>> rows = std::make_shared<memory_rows<window_row>>();
  dataflow_plan plan;
  run_options options;
  settings config;
  metrics registry;
  std::optional<running_job> job;
};

/// Fails at the event with this value.
auto failing_at(std::int64_t value) {
  return [value](step_context context) -> std::unique_ptr<step> {
    const auto check = [value](event e) {
      if (e.value == value)
        throw std::domain_error{"value " + std::to_string(value) + " has no meaning"};
      return e;
    };
    return std::make_unique<map_step<event, event, decltype(check)>>(std::move(context), check);
  };
}

settings good_settings() {
  settings config;
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
         {"job.max-parallelism", "128"},
         {"job.parallelism", "7"},
         {"job.threads", "auto"},
         {"channel.credit", "3"},
         {"job.commit-interval", "250ms"},
         {"checkpoints.directory", "state"},
         {"checkpoints.interval", "100ms"},
         {"checkpoints.min-pause", "20ms"},
         {"checkpoints.timeout", "1min"},
         {"checkpoints.alignment-timeout", "auto"},
         {"checkpoints.max-concurrent", "1"},
         {"checkpoints.tolerable-failures", "unlimited"},
         {"checkpoints.history", "10"},
         {"checkpoints.from", ""},
         {"checkpoints.allow-dropped-state", "false"},
         {"checkpoints.state-memory", "64MB"},
         {"checkpoints.load-at-start", "32MB"},
         {"checkpoints.retain", "3"},
         {"checkpoints.retain-every", "1h"},
         {"restart.strategy", "auto"},
         {"restart.attempts", "10"},
         {"restart.delay", "1s"},
         {"restart.longest-delay", "1min"},
         {"restart.growth", "1.5"},
         {"restart.calm", "10min"},
         {"restart.window", "5min"},
         {"time.idle-timeout", "10s"},
         {"job.drain-deadline", "30s"},
         {"dead-letters.enabled", "true"},
         {"dead-letters.limit", "50"},
         {"dead-letters.window", "1min"},
         {"dead-letters.minimum", "1000"}})
    config.set(key, {value, "defaults.yaml:1", {}, false});
  return config;
}

} // namespace

TEST_CASE("a bounded job ends by itself with every row and every position committed") {
  running_fixture f{random_events(1, 3, 2000), true};
  f.start();
  CHECK(f.wait().reason == "");
  CHECK(differences(f.sorted_rows(), expected_rows(f.log->all_events(), 20ms, 20ms)) == "");
  CHECK(f.log->committed() == std::vector<std::size_t>{2000, 2000, 2000});
}

TEST_CASE("a job with a folder for checkpoints goes on from the last one, with its windows open") {
  const temporary_folder state;
  running_fixture f{random_events(1, 3, 2000)};
  f.options.checkpoints.directory = state.path("checkpoints");
  f.options.checkpoints.interval = 5ms;
  f.start();
  f.wait_until([&] { return f.log->records_read() > 3'000; });
  f.job->stop();
  CHECK(f.wait().reason == "");
  f.job.reset();
  f.options.bounded = true;
  f.start();
  CHECK(f.wait().reason == "");
  CHECK(differences(f.sorted_rows(), expected_rows(f.log->all_events(), 20ms, 20ms)) == "");
  CHECK(f.sorted_rows().size() == expected_rows(f.log->all_events(), 20ms, 20ms).size()); // none came twice
}

TEST_CASE("a job without partitions or records ends, when it is bounded") {
  running_fixture f{std::vector<std::vector<event>>(2), true};
  f.start();
  CHECK(f.wait().reason == "");
  CHECK(f.rows->all().empty());
}

TEST_CASE("a user's exception ends the job with a reason that names actor, step and cause") {
  running_fixture f{{{{1, 1, 10}, {1, 13, 20}, {1, 2, 30}}}};
  auto& stage = f.plan.stages[0];
  stage.steps.push_back({"check values", stage_head, failing_at(13)});
  stage.edges[0].from_step = 0;
  f.start();
  const auto result = f.wait();
  CHECK(result.failed);
  CHECK(result.reason == "events[0] failed: step 'check values' failed: value 13 has no meaning");
}

TEST_CASE("an overflow in a shard ends the job as well") {
  const auto most = std::numeric_limits<std::int64_t>::max();
  running_fixture f{{{{1, most, 10}, {1, 1, 11}}}};
  f.plan.stages[1].parallelism = 1;
  f.start();
  CHECK(
    f.wait().reason ==
    "totals[0] failed: step 'window' failed: a sum of integers left the range of 64 bits with a sign: sum it as double");
}

TEST_CASE("a connector that cannot be opened keeps the job from starting") {
  struct closed_sink final : sink {
    void open(const connector_context& context) override { throw connector_error{context.step + ": no such server"}; }
    std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker) override { return nullptr; }
  };
  running_fixture f{random_events(1, 1, 10)};
  f.plan.stages[2].sink = std::make_shared<closed_sink>();
  CHECK_THROWS_WITH(f.start(), "rows: no such server");
}

TEST_CASE("a stop drains what was read and commits it, once however often it is asked for") {
  running_fixture f{random_events(2, 2, 1000)};
  f.start();
  f.wait_until([&] { return f.log->records_read() == 2000; });
  f.job->stop();
  f.job->stop();
  const auto result = f.wait();
  CHECK(result.reason == "");
  const auto expected = expected_rows(f.log->all_events(), 20ms, 20ms);
  const auto rows = f.sorted_rows();
  CHECK(std::includes(expected.begin(), expected.end(), rows.begin(), rows.end()));
  CHECK(rows.size() + 6 * 5 >= expected.size()); // all but the windows that were open: a few, of five keys
}

TEST_CASE("a job that is destroyed while it runs is gone at once") {
  running_fixture f{random_events(2, 2, 1000)};
  f.start();
  const auto begun = std::chrono::steady_clock::now();
  f.job.reset();
  CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("records appended while the job runs come out without waiting for more") {
  running_fixture f{{{{1, 1, 5}}}};
  f.start();
  f.wait_until([&] { return f.log->records_read() == 1; });
  f.log->append(0, {1, 2, 500}); // wakes the reader; its watermark fires the first window
  f.wait_until([&] { return f.rows->all().size() == 1; });
  CHECK(f.sorted_rows() == expected_rows({{1, 1, 5}}, 20ms, 20ms));
}

TEST_CASE("positions are committed while the job runs, as soon as what came of them is delivered") {
  running_fixture f{random_events(4, 1, 500)};
  f.start();
  f.wait_until([&] { return f.log->records_read() == 500; });
  std::int64_t time = 1'000'000;
  f.wait_until([&] { // an epoch waits for its windows: time goes on
    f.log->append(0, {1, 1, time += 1000});
    return f.log->committed()[0] >= 500;
  });
  const auto rows = f.sorted_rows();
  const auto expected = expected_rows(random_events(4, 1, 500)[0], 20ms, 20ms);
  CHECK(std::includes(rows.begin(), rows.end(), expected.begin(), expected.end()));
}

TEST_CASE("a partition that appears while the job runs is read as well") {
  running_fixture f{random_events(5, 1, 100)};
  f.start();
  f.wait_until([&] { return f.log->records_read() == 100; });
  f.log->add_partition({{9, 99, 1'000'000}});
  f.wait_until([&] { return f.log->records_read() == 101; });
  f.log->append(0, {1, 1, 2'000'000});
  f.log->append(1, {9, 1, 2'000'000});
  f.wait_until([&] {
    const auto rows = f.rows->all();
    return std::any_of(rows.begin(), rows.end(), [](const auto& r) { return r.key == 9 && r.sum == 99; });
  });
  f.job->stop();
  CHECK(f.wait().reason == "");
}

TEST_CASE("idle partitions do not keep windows from firing, even when all fall idle at once") {
  running_fixture f{{{{1, 1, 5}, {1, 1, 500}}, {}}};
  f.options.idle_timeout = 300ms;
  f.start();
  f.wait_until([&] { return f.rows->all().size() == 1; });
  CHECK(f.sorted_rows() == expected_rows({{1, 1, 5}}, 20ms, 20ms));
}

TEST_CASE("behind a corked sink channels fill up to their credit and no further; uncorked, all arrives") {
  running_fixture f{random_events(6, 2, 20'000), true};
  f.rows->cork();
  f.start();
  f.wait_until([&] { return f.reading_stands(); });
  CHECK(f.has_full_channel());
  CHECK(f.log->records_read() < 40'000);
  f.rows->uncork();
  CHECK(f.wait().reason == "");
  for (const auto& s : f.registry.samples())
    if (s.name == "mailbox_batches_peak")
      CHECK(s.value <= f.registry.get("mailbox_credit_granted", s.step, s.instance).value());
  CHECK(differences(f.sorted_rows(), expected_rows(f.log->all_events(), 20ms, 20ms)) == "");
}

TEST_CASE("options are read from settings, \"auto\" as one per core") {
  const auto options = run_options_from(good_settings());
  CHECK(options.parallelism == 7);
  CHECK(options.threads >= 1);
  CHECK(options.credit == 3);
  CHECK(options.commit_interval == 250ms);
  CHECK(options.idle_timeout == 10s);
}

TEST_CASE("who says what to begin with says where checkpoints go") {
  auto config = good_settings();
  config.set("checkpoints.from", {"some.mdb", "--set", {}, false});
  config.set("checkpoints.directory", {"", "--set", {}, false});
  CHECK_THROWS_WITH(run_options_from(config), Catch::Contains("checkpoints.directory") && Catch::Contains("set both"));
  config.set("checkpoints.directory", {"state", "--set", {}, false});
  CHECK(run_options_from(config).checkpoints.from == "some.mdb");
}

TEST_CASE("how long barriers wait is a time, none, or what fits the job") {
  auto config = good_settings();
  const auto with = [&](const char* timeout) {
    config.set("checkpoints.alignment-timeout", {timeout, "--set", {}, false});
    return run_options_from(config).checkpoints;
  };
  CHECK(with("auto").alignment_timeout == 250ms);
  CHECK_FALSE(with("auto").must_overtake);
  CHECK(with("0ms").alignment_timeout == 0ms);
  CHECK(with("0ms").must_overtake);
  CHECK(with("none").alignment_timeout == std::nullopt);
}

TEST_CASE("a job with checkpoints is started again after a failure, one without is not, unless it is said otherwise") {
  using strategy = restart_options::strategy;
  auto config = good_settings();
  CHECK(run_options_from(config).restart.how == strategy::exponential);
  config.set("checkpoints.directory", {"", "defaults.yaml:1", {}, false});
  CHECK(run_options_from(config).restart.how == strategy::none);
  config.set("restart.strategy", {"fixed-delay", "--set", {}, false});
  CHECK(run_options_from(config).restart.how == strategy::fixed_delay);
  config.set("restart.growth", {"0.5", "fraud.yaml:4", {}, false});
  CHECK_THROWS_WITH(run_options_from(config), Catch::Contains("fraud.yaml:4") && Catch::Contains("restart.growth"));
}

TEST_CASE("options out of range are refused with key and origin") {
  for (const auto* parallelism : {"0", "1000000"}) {
    auto config = good_settings();
    config.set("job.parallelism", {parallelism, "fraud.yaml:3", {}, false});
    CHECK_THROWS_WITH(run_options_from(config), Catch::Contains("fraud.yaml:3") && Catch::Contains("job.parallelism"));
  }
  auto config = good_settings();
  config.set("channel.credit", {"0", "--set", {}, false});
  CHECK_THROWS_AS(run_options_from(config), config_error);
}

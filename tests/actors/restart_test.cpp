#include <leat/actors/running_job.hpp>

#include <leat/base/error.hpp>
#include <leat/operators/map.hpp>
#include <leat/persistence/stored_checkpoints.hpp>
#include <leat/tests/support/checkpointed_fixture.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

using namespace leat;
using namespace leat::testing;

namespace {

/// A job that fails at some of its events, the first time that it sees them; with checkpoints in a folder.
struct restart_fixture : checkpointed_fixture {
  restart_fixture() : checkpointed_fixture{1, 1000} {
    options.bounded = true;
    options.checkpoints = {state.path("checkpoints"), nullptr, 2ms, 0ms, 10min};
    options.restart = {.how = restart_options::strategy::fixed_delay, .attempts = 20, .delay = 1ms};
  }

  /// The source's first actor throws at every 100th event, `failures` times in all.
  [[nodiscard]] dataflow_plan failing_plan(int failures) const {
    auto made = plan(2);
    *left = failures;
    auto seen = std::make_shared<std::atomic<int>>(0);
    made.stages[0].steps.push_back({"fails", stage_head, [left = left, seen](step_context c) -> std::unique_ptr<step> {
                                      const auto check = [left, seen, first = c.instance == 0](event e) {
                                        if (first && ++*seen % 100 == 0 && left->fetch_sub(1) > 0)
                                          throw std::domain_error{"not now"};
                                        return e;
                                      };
                                      return std::make_unique<map_step<event, event, decltype(check)>>(std::move(c), check);
                                    }});
    for (auto& e : made.stages[0].edges)
      e.from_step = 0;
    return made;
  }

  job_result run(const dataflow_plan& what) {
    running_job job{what, options, config, registry};
    const auto result = job.wait_for(30s);
    REQUIRE(result);
    return *result;
  }

  const std::shared_ptr<std::atomic<int>> left = std::make_shared<std::atomic<int>>(0); // failures to come
  const temporary_folder state;
  settings config;
  metrics registry;
};

/// Checkpoints whose copies take until they may end.
class slowly_copied final : public checkpoint_storage {
public:
  explicit slowly_copied(const std::string& directory) : stored_{directory} {}

  void describe(checkpoint_manifest job, std::set<std::string> dropped) override {
    stored_.describe(std::move(job), std::move(dropped));
  }
  void store(const complete_checkpoint& what) override { stored_.store(what); }
  [[nodiscard]] std::optional<stored_checkpoint> last() override { return stored_.last(); }
  [[nodiscard]] std::string save() override { return stored_.save(); }
  void retain(std::size_t count) override {
    begun = true;
    end_.wait();
    stored_.retain(count);
  }
  void let_end() { end_.count_down(); }

  std::atomic<bool> begun = false;

private:
  stored_checkpoints stored_;
  std::latch end_{1};
};

} // namespace

TEST_CASE("a job that fails goes on from its last checkpoint in the same process, and counts every event once") {
  restart_fixture f;
  CHECK(f.run(f.failing_plan(5)).reason == "");
  CHECK(f.registry.sum("restarts") == 5);
  f.check_all();
}

TEST_CASE("a job that fails goes on with what was on its way at its last checkpoint") {
  restart_fixture f;
  f.options.checkpoints.alignment_timeout = 0ms;
  f.options.credit = 1;
  CHECK(f.run(f.failing_plan(5)).reason == "");
  f.check_all();
}

TEST_CASE("a job that fails starts again while a checkpoint of it is still being copied") {
  restart_fixture f;
  const auto storage = std::make_shared<slowly_copied>(f.options.checkpoints.directory);
  f.options.checkpoints.storage = storage;
  f.options.checkpoints.retain = {1, 0ms};
  auto plan = f.plan(2);
  const auto fails = [&f, &storage](event e) {
    if (!storage->begun)
      std::this_thread::sleep_for(1ms);
    else if (f.left->exchange(1) == 0)
      throw std::domain_error{"not now"};
    return e;
  };
  plan.stages[0].steps.push_back({"fails", stage_head, [fails](step_context c) -> std::unique_ptr<step> {
                                    return std::make_unique<map_step<event, event, decltype(fails)>>(std::move(c), fails);
                                  }});
  for (auto& e : plan.stages[0].edges)
    e.from_step = 0;
  running_job job{plan, f.options, f.config, f.registry};
  const auto result = job.wait_for(20s);
  storage->let_end(); // the end of the job waits for it
  REQUIRE(result);
  CHECK(result->reason == "");
  CHECK(f.registry.sum("restarts") == 1);
  f.check_all();
}

TEST_CASE("a job that fails again and again ends with the last reason and the number of restarts, whatever the strategy") {
  using how = restart_options::strategy;
  for (const auto strategy : {how::fixed_delay, how::exponential, how::rate}) {
    CAPTURE(static_cast<int>(strategy));
    restart_fixture f;
    f.options.restart.how = strategy;
    f.options.restart.attempts = 3;
    const auto result = f.run(f.failing_plan(1'000'000));
    CHECK(result.failed);
    CHECK_THAT(result.reason, Catch::Contains("step 'fails' failed: not now (after 3 restarts)"));
  }
}

TEST_CASE("a job rests longer and longer before its restarts when it is said to") {
  restart_fixture f;
  f.options.restart = {.how = restart_options::strategy::exponential, .attempts = 5, .delay = 50ms, .growth = 3};
  const auto begin = std::chrono::steady_clock::now();
  CHECK(f.run(f.failing_plan(3)).reason == "");
  CHECK(std::chrono::steady_clock::now() - begin >= 50ms + 150ms + 450ms);
  CHECK(f.registry.sum("restarts") == 3);
  f.check_all();
}

TEST_CASE("a job that fails as often in all, but not within the window, goes on by rate") {
  restart_fixture f;
  f.options.restart = {.how = restart_options::strategy::rate, .attempts = 2, .delay = 20ms, .window = 30ms};
  CHECK(f.run(f.failing_plan(6)).reason == "");
  CHECK(f.registry.sum("restarts") == 6);
  f.check_all();
}

TEST_CASE("a failure that no restart can mend ends the job at once") {
  struct taken_over final : sink {
    void open(const connector_context&) override {}
    std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker) override {
      struct writer final : sink_writer {
        std::size_t write(const batch_base&, std::size_t) override { throw final_error{"another instance has taken over"}; }
        std::uint64_t mark() override { return 0; }
        std::uint64_t delivered() override { return 0; }
      };
      return std::make_unique<writer>();
    }
  };
  restart_fixture f;
  auto plan = f.plan(2);
  plan.stages[4].sink = std::make_shared<taken_over>();
  const auto result = f.run(plan);
  CHECK_THAT(result.reason, Catch::Contains("another instance has taken over"));
  CHECK(f.registry.sum("restarts") == 0);
}

TEST_CASE("a stop while a job rests before its restart ends it") {
  restart_fixture f;
  f.options.restart.delay = 1h;
  const auto plan = f.failing_plan(1);
  running_job job{plan, f.options, f.config, f.registry};
  while (*f.left == 1)
    REQUIRE_FALSE(job.wait_for(1ms));
  CHECK_FALSE(job.wait_for(200ms)); // it rests
  job.stop();
  const auto result = job.wait_for(10s);
  REQUIRE(result);
  CHECK(result->reason == "");
}

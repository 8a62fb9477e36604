#include <leat/actors/running_job.hpp>

#include <leat/persistence/retained_checkpoints.hpp>
#include <leat/persistence/stored_checkpoints.hpp>
#include <leat/tests/support/checkpointed_fixture.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>

using namespace leat;
using namespace leat::testing;

namespace {

/// A job whose checkpoints lie in folders, one for each run that is to be another job's.
struct savepoint_fixture : checkpointed_fixture {
  savepoint_fixture() : checkpointed_fixture{1, 500} {
    options.threads = 2;
    use_folder("first");
  }

  void use_folder(const std::string& name, const std::string& from = {}) {
    options.checkpoints.storage = nullptr;
    options.checkpoints.directory = state.path(name);
    options.checkpoints.interval = 5ms;
    options.checkpoints.from = from;
  }

  [[nodiscard]] std::unique_ptr<running_job> begin_running(std::uint32_t shards = 2) {
    return std::make_unique<running_job>(plan(shards), options, config, registry);
  }

  /// Waits for an answer as long as a test may; the job has to be looked after meanwhile.
  static savepoint_outcome answer_of(running_job& job, std::future<savepoint_outcome> answer) {
    for (int i = 0; i < 10'000; ++i) {
      (void)job.wait_for(1ms);
      if (answer.wait_for(0s) == std::future_status::ready)
        return answer.get();
    }
    FAIL("no answer came");
    return {};
  }

  void read_all() {
    while (log->records_read() < log->all_events().size())
      std::this_thread::sleep_for(1ms);
  }

  void run_bounded(std::uint32_t shards = 2) {
    options.bounded = true;
    const auto job = begin_running(shards);
    const auto result = job->wait_for(30s);
    REQUIRE(result);
    REQUIRE(result->reason == "");
  }

  const temporary_folder state;
  settings config;
  metrics registry;
};

} // namespace

TEST_CASE("another job goes on from a savepoint of a running one, at another parallelism, and counts every event once") {
  savepoint_fixture f;
  savepoint_outcome saved;
  {
    const auto job = f.begin_running();
    f.read_all();
    saved = f.answer_of(*job, job->take_savepoint());
  }
  REQUIRE(saved.failure == "");
  f.use_folder("second", saved.path);
  f.run_bounded(3);
  f.check_all();
}

TEST_CASE("a job that is stopped with a savepoint goes on from it where it was, and nothing comes twice") {
  savepoint_fixture f;
  savepoint_outcome saved;
  {
    const auto job = f.begin_running();
    f.read_all();
    saved = f.answer_of(*job, job->stop_with_savepoint());
  }
  REQUIRE(saved.failure == "");
  f.use_folder("second", saved.path);
  f.run_bounded();
  f.check_all();
  CHECK(f.sums->all().size() == f.log->all_events().size());
}

TEST_CASE("a job that has just ended is stopped with a savepoint all the same") {
  savepoint_fixture f;
  f.options.bounded = true;
  const auto job = f.begin_running();
  REQUIRE(job->wait().reason == "");
  auto answer = job->stop_with_savepoint();
  REQUIRE(answer.wait_for(10s) == std::future_status::ready);
  const auto saved = answer.get();
  CHECK(saved.failure == "");
  CHECK(std::filesystem::exists(saved.path));
}

TEST_CASE("a job with checkpoints of its own goes on from them, whatever it was told to begin with") {
  savepoint_fixture f;
  savepoint_outcome saved;
  {
    const auto job = f.begin_running();
    saved = f.answer_of(*job, job->take_savepoint());
  }
  f.use_folder("second", saved.path);
  f.run_bounded();
  f.run_bounded(); // from its last checkpoint, which is at the end
  f.check_all();
  CHECK(f.sums->all().size() <= 2 * f.log->all_events().size());
}

TEST_CASE("a job that is told to begin with what is no checkpoint does not start") {
  savepoint_fixture f;
  f.use_folder("first", f.state.path("nothing.mdb"));
  CHECK_THROWS_WITH(f.begin_running(), Catch::Contains("nothing.mdb"));
}

TEST_CASE(
  "a job that divides keys into another number of groups is refused, with its own checkpoints or with a savepoint") {
  savepoint_fixture f;
  savepoint_outcome saved;
  {
    const auto job = f.begin_running();
    saved = f.answer_of(*job, job->take_savepoint());
  }
  f.options.max_parallelism *= 2;
  const auto start = [&] { (void)f.begin_running(); };
  CHECK_THROWS_WITH(start(), Catch::Contains("max_parallelism 256"));
  f.use_folder("second", saved.path);
  CHECK_THROWS_WITH(start(), Catch::Contains("max_parallelism 256"));
}

TEST_CASE("a job with another name is refused where its checkpoints would go, and may begin from a savepoint") {
  savepoint_fixture f;
  savepoint_outcome saved;
  {
    const auto job = f.begin_running();
    saved = f.answer_of(*job, job->take_savepoint());
  }
  auto changed = f.plan(2);
  changed.job = "another";
  const auto start = [&] { running_job{changed, f.options, f.config, f.registry}; };
  CHECK_THROWS_WITH(start(), Catch::Contains("not of `another`"));
  f.use_folder("second", saved.path);
  CHECK_NOTHROW(start());
}

TEST_CASE("checkpoints are retained as often and as many as was said, beside savepoints") {
  savepoint_fixture f;
  f.options.checkpoints.retain = {2, 0ms};
  const retained_checkpoints kept{f.options.checkpoints.directory};
  savepoint_outcome saved;
  {
    const auto job = f.begin_running();
    saved = f.answer_of(*job, job->take_savepoint());
    for (int i = 0; i < 10'000 && (kept.list().empty() || kept.list().back() < 10); ++i)
      (void)job->wait_for(1ms);
  }
  REQUIRE(kept.list().size() >= 2);
  CHECK(kept.list().size() <= 4); // two, the savepoint, and one that was being made
  CHECK(kept.path(kept.list().front()) == saved.path);
  for (const auto number : kept.list())
    CHECK_NOTHROW(kept.verify(number));
}

TEST_CASE("a checkpoint is retained only when the time between two copies has passed, also across runs") {
  savepoint_fixture f;
  f.options.checkpoints.retain = {3, 1h};
  const retained_checkpoints kept{f.options.checkpoints.directory};
  const auto retained_after_a_run = [&](std::size_t at_least) {
    {
      const auto job = f.begin_running();
      std::size_t taken = 0;
      for (int i = 0; i < 10'000 && (taken < 10 || kept.list().size() < at_least); ++i) {
        (void)job->wait_for(1ms);
        taken = job->checkpoints().size();
      }
      CHECK(taken == 10);
    } // a copy that is being made is waited for
    return kept.list().size();
  };
  const auto age_copy = [&](duration age) {
    const auto made = std::filesystem::file_time_type::clock::now() - age;
    std::filesystem::last_write_time(kept.path(kept.list().front()), made);
  };
  CHECK(retained_after_a_run(1) == 1);
  CHECK(retained_after_a_run(1) == 1);
  age_copy(59min);
  CHECK(retained_after_a_run(1) == 1);
  age_copy(1h);
  CHECK(retained_after_a_run(2) == 2);
}

TEST_CASE("without checkpoints there are no savepoints") {
  savepoint_fixture f;
  f.options.checkpoints = {};
  const auto job = f.begin_running();
  CHECK_THAT(f.answer_of(*job, job->take_savepoint()).failure, Catch::Contains("checkpoints.directory"));
}

TEST_CASE("a job whose windows are others than those that it has open does not start") {
  savepoint_fixture f;
  {
    const auto job = f.begin_running();
    REQUIRE(f.answer_of(*job, job->take_savepoint()).failure == "");
  }
  f.change = [](dataflow_plan& plan) {
    plan.stages[1].steps = totals_stage("totals", sliding(60ms, 20ms), &event::value, 2).steps;
  };
  CHECK_THROWS_WITH(
    f.begin_running(),
    Catch::Contains("was kept for sliding(40ms, 20ms), is now sliding(60ms, 20ms)") && Catch::Contains("another uid"));
}

TEST_CASE("before the first checkpoint there is nothing that a savepoint could be a copy of") {
  const temporary_folder folder;
  stored_checkpoints empty{folder.path()};
  CHECK_THROWS_WITH(empty.save(), Catch::Contains("there is no checkpoint yet"));
}

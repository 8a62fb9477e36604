#include <leat/connectors/kafka/client_log.hpp>
#include <leat/connectors/kafka/partition_reach.hpp>
#include <leat/tests/tsan/commit_requests.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>

#include <atomic>
#include <string>

using namespace leat;
using leat::testing::commit_requests;
using leat::testing::run_threads;

TEST_CASE("readers commit while answers come in and others ask, and the newest position of each is stored") {
  constexpr std::int64_t positions = 2000;
  commit_requests kafka;
  offset_committer committer{"ours"};
  committer.attach(kafka.client());
  std::atomic<int> committing{2};
  std::atomic<bool> finished{false};
  bool stored = false;
  run_threads(4, [&](std::size_t thread) {
    if (thread < 2) {
      for (std::int64_t i = 1; i <= positions; ++i)
        committer.commit({"lines", static_cast<std::int32_t>(thread)}, i, from_millis(i));
      --committing;
    } else if (thread == 2) {
      while (committing.load() > 0)
        (void)committer.failure();
      stored = committer.finish(std::chrono::seconds{60});
      finished = true;
    } else {
      while (!finished.load())
        if (!kafka.answer(committer))
          std::this_thread::yield();
    }
  });
  CHECK(stored);
  CHECK((kafka.stored({"lines", 0}) == positions && kafka.stored({"lines", 1}) == positions));
}

TEST_CASE("a client's threads log while its owner asks for the last problem") {
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("")); // writes nowhere
  client_log log{"test"};
  bool unknown = false;
  run_threads(4, [&](std::size_t thread) {
    for (int i = 0; i < 1000; ++i)
      if (thread < 2)
        log.line(3, "KIND" + std::to_string(i % 10), "problem of thread " + std::to_string(thread));
      else if (thread == 2)
        log.problem("_AUTHENTICATION", "problem of the client", true);
      else if (const auto said = log.last_problem(); !said.empty() && !said.starts_with("problem of "))
        unknown = true;
      else
        (void)log.hopeless();
  });
  spdlog::set_default_logger(before);
  CHECK_FALSE(unknown);
  CHECK(log.hopeless());
}

TEST_CASE("statistics come in while readers ask what is in reach") {
  const std::string statistics =
    R"({"brokers": {"a:1/1": {"nodeid": 1, "state": "UP", "stateage": 9000000, "rxidle": 1000}},
        "topics": {"lines": {"partitions": {"0": {"partition": 0, "broker": 1}}}}})";
  constexpr partition_reach::clock::time_point start{std::chrono::hours{1}};
  partition_reach reach;
  reach.update(statistics, start);
  std::atomic<bool> lost{false};
  run_threads(4, [&](std::size_t thread) {
    for (int i = 0; i < 500; ++i)
      if (thread == 0)
        reach.update(statistics, start);
      else if (thread == 1)
        reach.set_fetch_wait(duration{400 + i % 2});
      else if (!reach.in_reach({"lines", 0}, start))
        lost = true;
  });
  CHECK_FALSE(lost);
}

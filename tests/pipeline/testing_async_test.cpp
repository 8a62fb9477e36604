#include <leat/testing.hpp>
#include <leat/tests/pipeline/records.hpp>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

using namespace leat;
using namespace leat::testing;

namespace {

/// Hands its calls to a thread that ends them when the test opens the gate.
struct slow_lookup {
  std::mutex m;
  std::condition_variable opened;
  bool open = false;
  std::vector<std::jthread> calls;

  void begin(std::int64_t n, async_result<std::int64_t> result) {
    calls.emplace_back([this, n, result = std::move(result)] {
      std::unique_lock lock{m};
      opened.wait(lock, [this] { return open; });
      result.complete(n * 10);
    });
  }
  void end_calls() {
    const std::lock_guard lock{m};
    open = true;
    opened.notify_all();
  }
};

/// Refuses the first attempt for each number, on a thread of its own.
struct answers_the_second_time {
  std::shared_ptr<std::set<std::int64_t>> refused = std::make_shared<std::set<std::int64_t>>();

  void operator()(std::int64_t n, const async_result<std::int64_t>& result) const {
    const auto refuse = refused->insert(n).second;
    std::thread{[=] { refuse ? result.fail("busy") : result.complete(n * 10); }}.detach();
  }
};

} // namespace

TEST_CASE("calls that end on other threads are waited for") {
  slow_lookup lookup;
  job j{"job"};
  j.source(input<std::int64_t>("numbers"))
    .async<std::int64_t>([&](std::int64_t n, async_result<std::int64_t> r) { lookup.begin(n, std::move(r)); })
    .sink(output<std::int64_t>("answers"));
  test_run run{j};
  auto numbers = run.input<std::int64_t>("numbers");
  numbers.push(1, at(1));
  numbers.push(2, at(2));
  CHECK_THROWS_WITH(run.settle(1ms), Catch::StartsWith("2 calls to the outside have not ended within 1ms"));
  lookup.end_calls();
  run.settle();
  CHECK(run.output<std::int64_t>("answers").take() == std::vector<std::int64_t>{10, 20});
}

TEST_CASE("calls that are to be made again wait in virtual time, and settle does not wait for them") {
  job j{"job"};
  j.source(input<std::int64_t>("numbers"))
    .async<std::int64_t>(answers_the_second_time{}, {.retries = {.attempts = 2, .first_delay = 1s}})
    .named("ask")
    .sink(output<std::int64_t>("answers"));
  test_run run{j};
  run.input<std::int64_t>("numbers").push_batch({{1, at(1)}, {2, at(2)}});
  run.settle(); // both were refused
  CHECK(run.metric("calls_retried", "ask") == 2);
  run.advance(1s); // both are made again
  run.settle();
  CHECK(run.output<std::int64_t>("answers").take() == std::vector<std::int64_t>{10, 20});
}

TEST_CASE("settle waits for a call on its way beside one that has ended and one that is to be made again") {
  slow_lookup lookup;
  job j{"job"};
  const auto ask = [&](std::int64_t n, async_result<std::int64_t> r) {
    n == 1 ? r.fail("busy") : n == 2 ? r.complete(20) : lookup.begin(n, std::move(r));
  };
  j.source(input<std::int64_t>("numbers"))
    .async<std::int64_t>(ask, {.retries = {.attempts = 2, .first_delay = 1s}})
    .sink(output<std::int64_t>("answers"));
  test_run run{j};
  run.input<std::int64_t>("numbers").push_batch({{1, at(1)}, {2, at(2)}, {3, at(3)}});
  CHECK_THROWS_WITH(run.settle(1ms), Catch::StartsWith("1 call to the outside has not ended within 1ms"));
  lookup.end_calls();
  CHECK_NOTHROW(run.settle());
}

TEST_CASE("calls that time out do so in virtual time") {
  job j{"job"};
  std::vector<async_result<std::int64_t>> never;
  j.source(input<std::int64_t>("numbers"))
    .async<std::int64_t>(
      [&](std::int64_t, async_result<std::int64_t> r) { never.push_back(std::move(r)); }, {.timeout = 2s})
    .named("ask")
    .sink(output<std::int64_t>("answers"));
  test_run run{j};
  run.input<std::int64_t>("numbers").push(1, at(1));
  run.advance(1'999ms);
  CHECK_THROWS_AS(run.advance(1ms), step_error);
}

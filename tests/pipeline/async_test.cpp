#include <leat/tests/pipeline/records.hpp>
#include <leat/tests/support/bounded_run.hpp>

#include <chrono>
#include <thread>

using namespace leat;
using namespace leat::testing;

namespace {

/// Answers on a thread of its own, some records sooner than others.
struct answer_later {
  void operator()(std::int64_t record, const async_result<std::int64_t>& result) const {
    std::thread{[record, result] {
      std::this_thread::sleep_for(std::chrono::milliseconds{record % 7});
      result.complete(record * 10);
    }}.detach();
  }
};

struct never_answers {
  std::shared_ptr<std::vector<async_result<std::int64_t>>> kept =
    std::make_shared<std::vector<async_result<std::int64_t>>>();

  void operator()(std::int64_t, async_result<std::int64_t> result) const { kept->push_back(std::move(result)); }
  void failed(std::int64_t record, const std::string&, collector<std::int64_t>& out) const { out.push(-record); }
};

} // namespace

TEST_CASE("a job makes calls that end on other threads, and keeps the order") {
  bounded_run r;
  const auto rows = r.collect(r.source<std::int64_t>({numbers(1, 501)}, as_time)
                                .async<std::int64_t>(answer_later{}, {.capacity = 20})
                                .with_parallelism(1));
  r.run();
  const auto all = rows->all();
  CHECK(all.size() == 500);
  CHECK(std::is_sorted(all.begin(), all.end()));
}

TEST_CASE("calls that never end time out, also when no record comes and all room is taken") {
  bounded_run r{1};
  const auto rows = r.collect(r.source<std::int64_t>({numbers(1, 6)}, as_time)
                                .async<std::int64_t>(never_answers{}, {.capacity = 2, .timeout = duration{20}}));
  r.run();
  CHECK(rows->all() == std::vector<std::int64_t>{-1, -2, -3, -4, -5});
}

TEST_CASE("options of calls that make no sense are refused") {
  const auto plan_with = [](async_options options) {
    bounded_run r;
    r.collect(r.source<std::int64_t>({{}}, as_time).async<std::int64_t>(answer_later{}, options));
    return r.description().plan();
  };
  CHECK_THROWS_WITH(validate(plan_with({.capacity = 0})), Catch::Contains("capacity of at least 1"));
  CHECK_THROWS_WITH(validate(plan_with({.timeout = duration{0}})), Catch::Contains("timeout above 0 ms"));
  CHECK_THROWS_WITH(validate(plan_with({.retries = {.attempts = 0}})), Catch::Contains("at least 1 attempt"));
  CHECK_THROWS_WITH(validate(plan_with({.retries = {.growth = 0.5}})), Catch::Contains("retries.growth is at least 1"));
  CHECK_THROWS_WITH(validate(plan_with({.retries = {.longest_delay = -1ms}})), Catch::Contains("are at least 0 ms"));
}

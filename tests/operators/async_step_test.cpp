#include <leat/operators/async/async_step.hpp>
#include <leat/tests/support/step_fixture.hpp>
#include <leat/tests/support/steps/saved_entries.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <numeric>
#include <random>
#include <semaphore>
#include <thread>

using namespace leat;
using namespace leat::testing;

namespace {

using result = async_result<std::int64_t>;

/// The calls that were started and not ended, by record. Shared by a test and the function it made.
struct open_calls {
  std::multimap<std::int64_t, result> calls;

  void complete(std::int64_t record, std::int64_t row) { take(record).complete(row); }
  void fail(std::int64_t record) { take(record).fail("not reached"); }
  void give_up(std::int64_t record) { (void)take(record); }

  [[nodiscard]] std::vector<std::int64_t> records() const {
    std::vector<std::int64_t> all;
    for (const auto& [record, r] : calls)
      all.push_back(record);
    return all;
  }

private:
  result take(std::int64_t record) {
    const auto at = calls.find(record);
    REQUIRE(at != calls.end());
    auto r = at->second;
    calls.erase(at);
    return r;
  }
};

struct ask {
  std::shared_ptr<open_calls> to;
  void operator()(std::int64_t record, result r) { to->calls.emplace(record, std::move(r)); }
};

/// Emits -record for what fails.
struct ask_or_negate : ask {
  void failed(std::int64_t record, const std::string&, collector<std::int64_t>& out) { out.push(-record); }
};

/// An async step over numbers, and the recorder behind it.
template <class Function = ask>
class async_fixture {
public:
  explicit async_fixture(async_options options, bool snapshots = false) {
    f.steps.clock().advance_to(from_millis(0));
    f.add("ask", [&](step_context context) {
      context.snapshots = snapshots;
      return std::make_unique<async_step<std::int64_t, std::int64_t, Function>>(
        std::move(context), options, Function{open});
    });
  }

  void give(const std::vector<std::pair<std::int64_t, std::int64_t>>& records) { f.give(batch_of(records)); }
  void give(const signal& s) { f.give(s); }

  /// Lets the step notice what has come and that it is now `millis`.
  void look(std::int64_t millis = 0) {
    f.steps.clock().advance_to(from_millis(millis));
    if (f.steps.resume() && f.steps.next_processing_time() <= f.steps.clock().now())
      f.steps.on_processing_time();
  }

  /// What has come out since the last call.
  story said() { return std::exchange(f.out.told, {}); }

  std::shared_ptr<open_calls> open = std::make_shared<open_calls>();
  step_fixture<std::int64_t> f;
};

constexpr async_options unordered{.ordered = false};
constexpr async_options thrice{
  .timeout = duration{1'000},
  .retries = {.attempts = 3, .first_delay = duration{100}, .growth = 2, .longest_delay = duration{10'000}}};

} // namespace

TEST_CASE("ordered results come in the order of their records, with their times") {
  async_fixture a{{}};
  a.give({{1, 10}, {2, 20}, {3, 30}});
  a.open->complete(3, 300);
  a.open->complete(2, 200);
  a.look();
  CHECK(a.said().empty());
  a.open->complete(1, 100);
  a.look();
  CHECK(a.said() == story{"100@10", "200@20", "300@30"});
}

TEST_CASE("unordered results come as they are ready, but never across a watermark") {
  async_fixture a{unordered};
  a.give({{1, 10}, {2, 20}});
  a.give(watermark(20));
  a.give({{3, 30}});
  a.open->complete(3, 300);
  a.open->complete(2, 200);
  a.look();
  CHECK(a.said() == story{"200@20"});
  a.open->complete(1, 100);
  a.look();
  CHECK(a.said() == story{"100@10", "watermark 20", "300@30"});
}

TEST_CASE("a signal waits for the calls before it, and for nothing when there are none") {
  async_fixture a{{}};
  a.give(watermark(5));
  CHECK(a.said() == story{"watermark 5"});
  a.give({{1, 10}});
  a.give(signal::barrier(1));
  a.give(signal::end());
  CHECK(a.said().empty());
  a.open->complete(1, 100);
  a.look();
  CHECK(a.said() == story{"100@10", "barrier 1", "end"});
}

TEST_CASE("a barrier at which calls are saved waits for none, and one that has just ended comes behind it or is saved") {
  async_fixture a{{}, true};
  a.give({{1, 10}, {2, 20}});
  a.open->complete(1, 100); // and nobody has looked
  a.give(signal::barrier(1));
  CHECK(a.said() == story{"barrier 1"});
  saved_entries saved;
  a.f.steps.last().save(saved);
  saved.load_into(
    [](const state_entry& e) { CHECK(decoded<std::vector<std::pair<timestamp, std::int64_t>>>(e.value).size() == 2); });
  a.look();
  CHECK(a.said() == story{"100@10"});
}

TEST_CASE("a step whose end waits for a call is in the middle of it") {
  async_fixture a{{}};
  a.give({{1, 10}});
  a.give(signal::end());
  CHECK_FALSE(a.f.steps.ready());
  a.open->complete(1, 100);
  CHECK(a.f.steps.resume());
}

TEST_CASE("no more calls are made at a time than the capacity allows") {
  async_fixture a{{.capacity = 2}};
  a.give({{1, 10}, {2, 20}, {3, 30}});
  CHECK(a.open->records() == std::vector<std::int64_t>{1, 2});
  CHECK_FALSE(a.f.steps.ready());
  a.open->complete(2, 200);
  a.look();
  CHECK(a.open->records() == std::vector<std::int64_t>{1});
  a.open->complete(1, 100);
  a.look();
  CHECK(a.open->records() == std::vector<std::int64_t>{3});
  CHECK(a.f.steps.ready());
}

TEST_CASE("a call may come to any number of records") {
  async_fixture a{{}};
  a.give({{1, 10}, {2, 20}});
  a.open->calls.begin()->second.complete(std::vector<std::int64_t>{});
  std::next(a.open->calls.begin())->second.complete(std::vector<std::int64_t>{7, 8});
  a.look();
  CHECK(a.said() == story{"7@20", "8@20"});
}

TEST_CASE("a failed call is made again after a delay that grows, as long as it has attempts") {
  async_fixture<ask_or_negate> a{thrice};
  a.give({{1, 10}});
  a.open->fail(1);
  a.look(0);
  CHECK(a.open->records().empty());
  CHECK(a.f.steps.next_processing_time() == from_millis(100));
  a.look(100);
  a.open->fail(1);
  a.look(150);
  CHECK(a.f.steps.next_processing_time() == from_millis(350));
  a.look(350);
  a.open->fail(1);
  a.look(400);
  CHECK(a.said() == story{"-1@10"});
  CHECK(a.f.registry.sum("calls_retried", "ask") == 2);
  CHECK(a.f.registry.sum("calls_failed", "ask") == 1);
}

TEST_CASE("a call that takes too long has failed, and what it comes to later is ignored") {
  async_fixture<ask_or_negate> a{thrice};
  a.give({{1, 10}, {2, 20}});
  a.look(999);
  CHECK(a.said().empty());
  CHECK(a.f.steps.next_processing_time() == from_millis(1'000));
  a.look(1'000);
  a.open->complete(1, 100);
  a.look(1'001);
  CHECK(a.said() == story{"-1@10", "-2@20"});
}

TEST_CASE("an attempt that was followed by another one no longer counts") {
  async_fixture a{thrice};
  a.give({{1, 10}});
  const auto first = a.open->calls.begin()->second;
  a.open->fail(1);
  a.look(0);
  a.look(100);
  first.complete(std::int64_t{5});
  a.look(101);
  CHECK(a.said().empty());
  a.open->complete(1, 6);
  a.look(102);
  CHECK(a.said() == story{"6@10"});
}

TEST_CASE("a call whose result nobody keeps has failed") {
  async_fixture<ask_or_negate> a{{}};
  a.give({{1, 10}});
  a.open->give_up(1);
  a.look();
  CHECK(a.said() == story{"-1@10"});
}

TEST_CASE("a failure that the function does not handle ends the job, and says what to do") {
  async_fixture a{{}};
  a.give({{1, 10}});
  a.open->fail(1);
  CHECK_THROWS_WITH(
    a.look(), Catch::Contains("step 'ask': a call failed after 1 attempt(s): not reached") && Catch::Contains("failed("));
}

TEST_CASE("results wait while the flow is blocked, in order") {
  async_fixture a{unordered};
  a.f.out.cork_after_each_batch();
  a.give({{1, 10}, {2, 20}});
  a.open->complete(1, 100);
  a.look();
  a.open->complete(2, 200);
  a.give(watermark(20));
  CHECK(a.said() == story{"100@10"});
  a.f.drain();
  a.look();
  a.f.drain();
  CHECK(a.said() == story{"200@20", "watermark 20"});
}

TEST_CASE("random calls that end in any order and time give each record its row, with watermarks in place") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const bool ordered = seed % 2 == 0;
    async_fixture a{{.capacity = 1 + random() % 8, .ordered = ordered}};
    if (random() % 2 == 0)
      a.f.out.cork_after_each_batch();
    std::int64_t next = 1;
    const auto step = [&] {
      const auto open = a.open->records();
      if (!open.empty()) {
        const auto record = open[random() % open.size()];
        a.open->complete(record, record);
      }
      a.look();
      a.f.uncork();
    };
    while (next <= 200) {
      if (a.f.steps.ready()) {
        std::vector<std::pair<std::int64_t, std::int64_t>> records;
        for (auto n = 1 + random() % 10; n > 0; --n, ++next)
          records.emplace_back(next, next);
        a.give(records);
      }
      if (a.f.steps.ready())
        a.give(watermark(next - 1));
      step();
    }
    for (int i = 0; i < 1'000; ++i)
      step();
    std::int64_t last_watermark = 0;
    std::vector<std::int64_t> rows;
    for (const auto& s : a.said()) {
      if (s.starts_with("watermark ")) {
        last_watermark = std::stoll(s.substr(10));
        REQUIRE(static_cast<std::int64_t>(rows.size()) >= last_watermark);
      } else {
        rows.push_back(std::stoll(s));
        REQUIRE(rows.back() > last_watermark);
      }
    }
    if (!ordered)
      std::sort(rows.begin(), rows.end());
    std::vector<std::int64_t> all(static_cast<std::size_t>(next - 1));
    std::iota(all.begin(), all.end(), 1);
    REQUIRE(rows == all);
  }
}

TEST_CASE("a timeout without end never comes") {
  async_fixture a{{.timeout = duration::max()}};
  a.look(1'700'000'000'000);
  a.give({{1, 10}});
  a.look(1'800'000'000'000);
  CHECK(a.said().empty());
  a.open->complete(1, 100);
  a.look(1'900'000'000'000);
  CHECK(a.said() == story{"100@10"});
}

TEST_CASE("delays between attempts grow up to the longest, and some time always goes by") {
  const async_retries r{.attempts = 5'000, .first_delay = duration{3}, .growth = 2, .longest_delay = duration{10}};
  CHECK(r.delay_after(1) == duration{3});
  CHECK(r.delay_after(2) == duration{6});
  CHECK(r.delay_after(3) == duration{10});
  CHECK(r.delay_after(4'999) == duration{10});
  const async_retries at_once{.attempts = 5'000, .first_delay = duration{0}, .longest_delay = duration::max()};
  CHECK(at_once.delay_after(1) == duration{1});
  CHECK(at_once.delay_after(4'999) == duration{1});
  const async_retries without_end{.attempts = 100, .longest_delay = duration::max()};
  CHECK(without_end.delay_after(99) == duration::max());
}

TEST_CASE("a call that fails without a reason has failed all the same") {
  async_fixture<ask_or_negate> a{{}};
  a.give({{1, 10}});
  a.open->calls.begin()->second.fail("");
  a.look();
  CHECK(a.said() == story{"-1@10"});
}

TEST_CASE("of the watermarks that wait behind one call, the newest is passed on") {
  async_fixture a{{}};
  a.give({{1, 10}});
  for (int i = 11; i <= 1'000; ++i)
    a.give(watermark(i));
  a.open->complete(1, 100);
  a.look();
  CHECK(a.said() == story{"100@10", "watermark 1000"});
}

TEST_CASE("outcomes may come from other threads, and wake the actor") {
  std::counting_semaphore<> woken{0};
  const auto inbox = std::make_shared<async_inbox<std::int64_t>>([&] { woken.release(); });
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([inbox, t] {
      for (std::uint64_t i = 0; i < 250; ++i)
        async_result<std::int64_t>{inbox, t * 250 + i, 1}.complete(std::int64_t{1});
    });
  std::size_t seen = 0;
  while (seen < 1'000) {
    REQUIRE(woken.try_acquire_for(std::chrono::seconds{30}));
    seen += inbox->take().size();
  }
  CHECK(seen == 1'000);
}

TEST_CASE("an actor is woken once until it has looked") {
  int woken = 0;
  const auto inbox = std::make_shared<async_inbox<std::int64_t>>([&] { ++woken; });
  const auto complete = [&] { async_result<std::int64_t>{inbox, 1, 1}.complete(std::int64_t{1}); };
  complete();
  complete();
  CHECK(woken == 1);
  CHECK(inbox->take().size() == 2);
  CHECK_FALSE(inbox->any());
  complete();
  CHECK(woken == 2);
}

TEST_CASE("calls of two actors go on in one, each one's in order, and the least watermark behind them is said behind all") {
  async_fixture<> first{{.capacity = 3}};
  async_fixture<> second{{.capacity = 3}};
  first.give({{1, 10}, {2, 11}});
  first.give(watermark(20));
  second.give({{5, 12}, {6, 13}, {7, 14}});
  second.give(watermark(15));
  saved_entries saved;
  first.f.steps.last().save(saved);
  second.f.steps.last().save(saved);

  async_fixture<> both{{.capacity = 3}};
  saved.load_into([&](const state_entry& e) { both.f.steps.last().load(e); });
  both.f.connect();
  both.look();
  CHECK(both.open->records() == std::vector<std::int64_t>{1, 2, 5});
  CHECK(both.f.steps.next_processing_time() > both.f.steps.clock().now()); // until a call ends there is nothing to do
  for (const auto record : {1, 2, 5})
    both.open->complete(record, record * 100);
  both.look();
  for (const auto record : {6, 7})
    both.open->complete(record, record * 100);
  both.look();
  CHECK(both.said() == story{"100@10", "200@11", "500@12", "600@13", "700@14", "watermark 15"});
}

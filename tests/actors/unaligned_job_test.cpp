#include <leat/operators/async/async_step.hpp>
#include <leat/operators/keyed_co_process.hpp>
#include <leat/tests/actors/unaligned_fixture.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// After each event of either input, the sum of its key so far.
struct running_sum_of_two : running_sum {
  using context = keyed_context<std::int64_t>;
  void process_first(const event& e, context& c, collector<event>& out) { process(e, c, out); }
  void process_second(const event& e, context& c, collector<event>& out) { process(e, c, out); }
};

/// Calls that end when the test says so.
struct open_calls {
  std::vector<std::pair<event, async_result<event>>> all;

  void end_one(std::mt19937& random) {
    if (all.empty())
      return;
    const auto which = all.begin() + static_cast<std::ptrdiff_t>(random() % all.size());
    const auto [row, result] = *which;
    all.erase(which);
    result.complete(row);
  }
};

struct ask_for_the_same {
  std::shared_ptr<open_calls> calls;
  void operator()(const event& e, async_result<event> result) { calls->all.emplace_back(e, std::move(result)); }
};

/// Two sources, by key into one step, whose sums go through calls to the outside before they are written.
struct connected_fixture : unaligned_fixture {
  connected_fixture(unsigned seed, alignment_timeout timeout)
    : unaligned_fixture{seed, timeout, 60}, second{std::make_shared<event_log>(random_events(seed + 1'000, 2, 60))} {
    commit_exactly_once();
  }

  [[nodiscard]] dataflow_plan connected_plan(std::uint32_t shards) const {
    auto p = plan(shards);
    p.stages[1] = source_stage("others", second->make_source(), event_disorder);
    p.stages[0].edges = {keyed_to<event>(2)};
    p.stages[1].edges = {keyed_to<event>(2)};
    p.stages[1].edges[0].to_input = 1;
    p.stages[2].steps[0].make = [](step_context c) -> std::unique_ptr<step> {
      using key_of = std::int64_t event::*;
      return std::make_unique<keyed_co_process_step<event, event, std::int64_t, key_of, key_of, event, running_sum_of_two>>(
        std::move(c), &event::key, &event::key, running_sum_of_two{});
    };
    p.stages[2].edges = {straight_to<event>(3, 0)};
    p.stages[3] = {};
    p.stages[3].name = "asked";
    p.stages[3].kind = stage_kind::worker;
    p.stages[3].steps.push_back({"ask", stage_head, [to = calls](step_context c) -> std::unique_ptr<step> {
                                   return std::make_unique<async_step<event, event, ask_for_the_same>>(
                                     std::move(c), async_options{.capacity = 2}, ask_for_the_same{to});
                                 }});
    p.stages[3].edges = {straight_to<event>(4, 0)};
    return p;
  }

  void run_connected(std::mt19937& random, std::size_t most_steps, std::uint32_t shards) {
    deterministic_job job{connected_plan(shards), options, static_cast<unsigned>(random())};
    const auto each_step = [&] {
      if (random() % 4 == 0)
        calls->end_one(random);
      let_arrive(random);
    };
    for (auto steps = options.bounded ? 0 : random() % most_steps; steps != 0; --steps) {
      if (!job.step() || random() % 30 == 0)
        job.pass(100ms);
      each_step();
    }
    const bool stops = !options.bounded && random() % 3 == 0;
    if (stops)
      job.stop();
    if (stops || options.bounded)
      REQUIRE(job.run(each_step).reason == "");
    calls->all.clear();
  }

  void check_sums() {
    std::map<std::int64_t, std::int64_t> expected, last;
    std::size_t events = 0;
    for (const auto* const l : {&log, &second})
      for (const auto& e : (*l)->all_events()) {
        expected[e.key] += e.value;
        ++events;
      }
    for (const auto& s : committed_sums->all)
      last[s.key] = std::max(last[s.key], s.value);
    REQUIRE(last == expected);
    REQUIRE(committed_sums->all.size() == events);
  }

  std::shared_ptr<event_log> second;
  std::shared_ptr<open_calls> calls = std::make_shared<open_calls>();
};

} // namespace

TEST_CASE("a job whose sinks stall, and that is killed again and again, counts every event once, however barriers go") {
  std::size_t checkpoints = 0;
  for (const auto timeout : every_alignment)
    for (unsigned seed = 1; seed <= 60; ++seed) {
      CAPTURE(to_text(timeout), seed);
      std::mt19937 random{seed};
      unaligned_fixture f{seed, timeout};
      f.corks = true;
      for (int run = 0; run < 5; ++run)
        f.run_and_crash(random, 1'500);
      f.run_to_the_end(seed);
      f.check_all();
      checkpoints += f.storage->stored.size();
    }
  CHECK(checkpoints > 600);
}

TEST_CASE("a job whose sinks stall goes on at another parallelism, however barriers go") {
  for (const auto timeout : every_alignment)
    for (unsigned seed = 1; seed <= 60; ++seed) {
      CAPTURE(to_text(timeout), seed);
      std::mt19937 random{seed};
      unaligned_fixture f{seed, timeout};
      f.corks = true;
      for (std::uint32_t run = 0; run < 4; ++run) {
        f.options.parallelism = 1 + (seed + run) % 3;
        f.run_and_crash(random, 2'000, 1 + (seed * run) % 5);
      }
      f.run_to_the_end(seed, 1 + seed % 4);
      f.check_all();
    }
}

TEST_CASE("each result is committed once, at any parallelism, however barriers go") {
  for (const auto timeout : every_alignment)
    for (unsigned seed = 1; seed <= 60; ++seed) {
      CAPTURE(to_text(timeout), seed);
      std::mt19937 random{seed};
      unaligned_fixture f{seed, timeout};
      f.commit_exactly_once();
      for (std::uint32_t run = 0; run < 5; ++run) {
        f.options.parallelism = 1 + (seed + run) % 3;
        f.run_and_crash(random, 1'500, 1 + (seed * run) % 5);
      }
      f.run_to_the_end(seed, 1 + seed % 4);
      f.check_each_once();
    }
}

TEST_CASE("records that go to every actor of a sink are committed once by each, however barriers go") {
  for (const auto timeout : every_alignment)
    for (unsigned seed = 1; seed <= 40; ++seed) {
      CAPTURE(to_text(timeout), seed);
      std::mt19937 random{seed};
      unaligned_fixture f{seed, timeout};
      f.exactly_once = true;
      f.change = [](dataflow_plan& p) { p.stages[2].edges = {to_each_of(4)}; };
      for (int run = 0; run < 4; ++run)
        f.run_and_crash(random, 1'500);
      f.run_to_the_end(seed);
      REQUIRE(f.committed_sums->all.size() == 2 * f.log->all_events().size());
      std::map<std::pair<std::int64_t, std::int64_t>, int> times;
      for (const auto& sum : f.committed_sums->all)
        ++times[{sum.key, sum.value}];
      REQUIRE(std::ranges::all_of(times, [](const auto& t) { return t.second % 2 == 0; }));
    }
}

TEST_CASE("records of two inputs, and those that wait for calls to the outside, are committed once, however barriers go") {
  for (const auto timeout : every_alignment)
    for (unsigned seed = 1; seed <= 40; ++seed) {
      CAPTURE(to_text(timeout), seed);
      std::mt19937 random{seed};
      connected_fixture f{seed, timeout};
      for (std::uint32_t run = 0; run < 4; ++run)
        f.run_connected(random, 1'500, 1 + (seed * run) % 3);
      f.options.bounded = true;
      f.run_connected(random, 0, 2);
      f.check_sums();
    }
}

#include <leat/testing.hpp>
#include <leat/tests/pipeline/records.hpp>

#include <catch2/catch.hpp>

#include <sstream>

using namespace leat;
using namespace leat::testing;

namespace {

/// Counts a user's visits until there is none for a second, and keeps their pages.
class remember_visits {
public:
  void open(state_registry& states) {
    states.add("visits", visits_);
    states.add("pages", pages_);
    states.add("times", times_);
    states.add("best", best_);
  }

  void process(const visit& v, keyed_context<std::string>& user, collector<std::string>&) {
    ++visits_.edit();
    pages_.add(v.page);
    times_.set(v.page, user.time());
    best_.add(v.page);
    user.set_timer(user.time() + 1s);
    user.set_processing_timer(user.processing_time() + 1h);
  }

  void on_timer(timestamp when, keyed_context<std::string>& user, collector<std::string>& out) {
    out.push(user.key() + " " + std::to_string(to_millis(when)) + ": " + std::to_string(*visits_.get()));
  }

private:
  value_state<std::int64_t> visits_;
  list_state<std::int64_t> pages_{expire_after(10s)};
  map_state<std::int64_t, timestamp> times_;
  reducing_state<std::int64_t, std::int64_t (*)(std::int64_t, std::int64_t)> best_{
    [](std::int64_t a, std::int64_t b) { return std::max(a, b); }};
};

job stays() {
  job j{"stays"};
  j.source(input<visit>("visits"))
    .key_by(&visit::user)
    .process<std::string>(remember_visits{})
    .named("stays")
    .sink(output<std::string>("ended"));
  return j;
}

} // namespace

TEST_CASE("a state that is read as of another type is an error that names both") {
  test_run run{stays()};
  run.input<visit>("visits").push({"ada", 7}, from_millis(100));
  CHECK_THROWS_WITH(
    run.state<value_state<double>>("stays", "visits", "ada"),
    "step 'stays' keeps state 'visits' as leat::value_state<long>, and the test asks for leat::value_state<double>: name "
    "the type that the function keeps");
  CHECK_THROWS_AS(run.state<value_state<std::string>>("stays", "visits", "nobody"), state_error);
  CHECK_THROWS_AS(run.state<std::int64_t>("stays", "visits", "ada"), state_error);
  CHECK_THROWS_AS(run.state<value_state<std::int64_t>>("stays", "pages", "ada"), state_error);
}

TEST_CASE("a source or a sink that is asked for state or timers says that it keeps none, and which steps do") {
  test_run run{stays()};
  CHECK_THROWS_WITH(
    run.state<value_state<std::int64_t>>("ended", "visits", "ada"),
    "'ended' is a sink and keeps no state; steps with state: 'stays'");
  CHECK_THROWS_WITH(
    run.timers<std::string>("visits"), "'visits' is a source and keeps no state; steps with state: 'stays'");
}

TEST_CASE("a step that is asked for a state it does not have lists those that a test can name") {
  job j{"pages"};
  const auto visits = j.source(input<visit>("visits"));
  visits.filter([](const visit& v) { return v.page > 0; }).named("known").sink(output<visit>("seen"));
  visits.key_by(&visit::user)
    .window(session(1min))
    .reduce([](const visit& a, const visit&) { return a; })
    .named("sessions")
    .sink(output<visit>("first"));
  test_run run{j};
  const auto none = [](const std::string& step, const std::string& state) {
    return "step '" + step + "' keeps no state '" + state + "'; it keeps none that a test could name";
  };
  CHECK_THROWS_WITH(run.state<std::int64_t>("known", "visits", "ada"), none("known", "visits"));
  CHECK_THROWS_WITH(run.state<std::int64_t>("known", "leat.windows", "ada"), none("known", "leat.windows"));
  CHECK_THROWS_WITH(run.state<std::int64_t>("sessions", "visits", "ada"), none("sessions", "visits"));
  CHECK_THROWS_WITH(run.timers<std::string>("known"), "step 'known' has no timers");
  CHECK_THROWS_WITH(
    run.state<std::int64_t>("first", "visits", "ada"),
    "'first' is a sink and keeps no state; neither does a step of the job");
}

TEST_CASE("a printed snapshot shows what the function keeps, not its bytes") {
  test_run run{stays()};
  run.input<visit>("visits").push({"ada", 7}, from_millis(100));
  std::ostringstream text;
  text << run.snapshot();
  CHECK_THAT(
    text.str(), Catch::EndsWith("  step 'stays' best[\"ada\"] = 7\n"
                                "  step 'stays' leat.processing_timers[(1970-01-01T01:00:00.000Z, \"ada\")] = 0\n"
                                "  step 'stays' leat.timers[(1970-01-01T00:00:01.100Z, \"ada\")] = 0\n"
                                "  step 'stays' pages[\"ada\"] = [7 until 1970-01-01T00:00:10.000Z]\n"
                                "  step 'stays' times[\"ada\"] = {7: 1970-01-01T00:00:00.100Z}\n"
                                "  step 'stays' visits[\"ada\"] = 1\n"));
}

TEST_CASE("a test sees what every kind of state holds for a key") {
  test_run run{stays(), {.parallelism = 2}};
  auto visits = run.input<visit>("visits");
  visits.push({"ada", 7}, from_millis(100));
  run.advance(5s);
  visits.push({"ada", 3}, from_millis(200));
  visits.push({"bob", 1}, from_millis(300));
  CHECK(run.state<value_state<std::int64_t>>("stays", "visits", "ada") == 2);
  CHECK(run.state<value_state<std::int64_t>>("stays", "visits", "eve") == std::nullopt);
  CHECK(run.state<value_state<std::int64_t>>("stays", "best", "ada") == 7);
  CHECK(run.state<list_state<std::int64_t>>("stays", "pages", "ada") == std::vector<std::int64_t>{7, 3});
  CHECK(
    run.state<map_state<std::int64_t, timestamp>>("stays", "times", "ada") ==
    std::map<std::int64_t, timestamp>{{3, from_millis(200)}, {7, from_millis(100)}});
  run.advance(6s);
  CHECK(run.state<list_state<std::int64_t>>("stays", "pages", "ada") == std::vector<std::int64_t>{3});
}

TEST_CASE("a test sees the timers that wait") {
  test_run run{stays(), {.parallelism = 2}};
  auto visits = run.input<visit>("visits");
  visits.push({"bob", 1}, from_millis(300));
  visits.push({"ada", 7}, from_millis(100));
  using timer = pending_timer<std::string>;
  CHECK(
    run.timers<std::string>("stays") == std::vector<timer>{
                                          {from_millis(1'100), "ada", time_domain::event},
                                          {from_millis(1'300), "bob", time_domain::event},
                                          {from_millis(3'600'000), "ada", time_domain::processing},
                                          {from_millis(3'600'000), "bob", time_domain::processing}});
  visits.watermark(from_millis(1'200));
  CHECK(run.timers<std::string>("stays").size() == 3);
}

TEST_CASE("states and timers go on in another run, at another parallelism") {
  test_run run{stays(), {.parallelism = 2}};
  for (const auto* user : {"ada", "bob", "eve"})
    run.input<visit>("visits").push({user, 1}, from_millis(100));
  test_run again{stays(), run.snapshot(), {.parallelism = 3}};
  again.input<visit>("visits").push({"bob", 2}, from_millis(100));
  again.input<visit>("visits").watermark(from_millis(1'100));
  auto ended = again.output<std::string>("ended").take();
  std::sort(ended.begin(), ended.end());
  CHECK(ended == std::vector<std::string>{"ada 1100: 1", "bob 1100: 2", "eve 1100: 1"});
}

TEST_CASE("times to live go on in another run") {
  test_run run{stays()};
  run.input<visit>("visits").push({"ada", 7}, from_millis(100));
  run.advance(6s);
  test_run again{stays(), run.snapshot()};
  again.advance(4s - 1ms);
  CHECK(again.state<list_state<std::int64_t>>("stays", "pages", "ada") == std::vector<std::int64_t>{7});
  again.advance(1ms);
  CHECK(again.state<list_state<std::int64_t>>("stays", "pages", "ada").empty());
}

TEST_CASE("timers by the wall clock go on in another run") {
  test_run run{stays()};
  run.input<visit>("visits").push({"ada", 7}, from_millis(100));
  run.advance(59min);
  test_run again{stays(), run.snapshot()};
  again.advance(1min);
  CHECK(again.output<std::string>("ended").take() == std::vector<std::string>{"ada 3600000: 1"});
  CHECK(again.timers<std::string>("stays").size() == 1); // that of event time
}

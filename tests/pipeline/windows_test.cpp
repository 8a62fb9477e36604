#include <leat/actors/running_job.hpp>
#include <leat/operators/aggregates/quantile.hpp>
#include <leat/operators/aggregates/top.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/tests/support/memory_connectors.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>

using namespace leat;
using namespace leat::testing;

namespace {

struct click {
  std::string user;
  std::int64_t page = 0;
  std::int64_t millis = 0;

  friend auto operator<=>(const click&, const click&) = default;
};
BOOST_DESCRIBE_STRUCT(click, (), (user, page, millis))

struct clicks_row {
  std::string user;
  timestamp from, to;
  std::int64_t clicks = 0;
  std::int64_t pages = 0;

  friend auto operator<=>(const clicks_row&, const clicks_row&) = default;
};
BOOST_DESCRIBE_STRUCT(clicks_row, (), (user, from, to, clicks, pages))

struct whole_row {
  timestamp from;
  std::int64_t clicks = 0;

  friend auto operator<=>(const whole_row&, const whole_row&) = default;
};
BOOST_DESCRIBE_STRUCT(whole_row, (), (from, clicks))

struct top_row {
  std::string user;
  std::vector<click> clicks;
};
BOOST_DESCRIBE_STRUCT(top_row, (), (user, clicks))

struct share_row {
  std::string user;
  double page = 0;
};
BOOST_DESCRIBE_STRUCT(share_row, (), (user, page))

const side_output<click> too_late{"too-late"};

/// Runs what `describe` makes of the clicks of one partition, and returns its rows sorted.
template <class Row, class Describe>
std::vector<Row> run(const std::vector<click>& clicks, Describe describe) {
  const auto rows = std::make_shared<memory_rows<Row>>();
  job j{"clicks"};
  const auto log = std::make_shared<memory_log<click>>(std::vector<std::vector<click>>{clicks});
  describe(j.source(from_memory<click>{log, [](const click& c) { return from_millis(c.millis); }, 0s}))
    .sink(to_memory<Row>{rows});
  settings none;
  metrics registry;
  run_options options;
  options.threads = 2;
  options.parallelism = 2;
  options.bounded = true;
  running_job running{j.plan(), options, none, registry};
  REQUIRE(running.wait().reason.empty());
  auto sorted = rows->all();
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

clicks_row row(const std::string& user, std::int64_t from, std::int64_t to, std::int64_t clicks, std::int64_t pages) {
  return {user, from_millis(from), from_millis(to), clicks, pages};
}

} // namespace

TEST_CASE("sessions are aggregated by user") {
  const auto rows = run<clicks_row>({{"a", 1, 0}, {"b", 2, 100}, {"a", 3, 900}, {"a", 4, 5000}}, [](auto clicks) {
    return clicks.key_by(&click::user)
      .window(session(1s))
      .template aggregate<clicks_row>(key, window_start, window_end, count, sum(&click::page));
  });
  CHECK(rows == std::vector{row("a", 0, 1900, 2, 4), row("a", 5000, 6000, 1, 4), row("b", 100, 1100, 1, 2)});
}

TEST_CASE("sessions may last as long as each click says, in joins too") {
  const auto pages = [](const click& c) { return c.page * 1s; };
  const auto rows = run<clicks_row>({{"a", 2, 0}, {"a", 1, 1900}, {"a", 1, 3000}}, [&](auto clicks) {
    return clicks.key_by(&click::user)
      .window(session(pages))
      .template aggregate<clicks_row>(key, window_start, window_end, count, sum(&click::page));
  });
  CHECK(rows == std::vector{row("a", 0, 2900, 2, 3), row("a", 3000, 4000, 1, 1)});
  const auto pairs = run<click>({{"a", 2, 0}, {"a", 1, 1900}, {"a", 1, 3000}}, [&](auto clicks) {
    const auto keyed = clicks.key_by(&click::user);
    return keyed.join(keyed).window(session(pages)).inner([](const click& a, const click& b) {
      return click{a.user, a.page * 10 + b.page, a.millis};
    });
  });
  CHECK(pairs == std::vector<click>{{"a", 11, 1900}, {"a", 11, 3000}, {"a", 12, 1900}, {"a", 21, 0}, {"a", 22, 0}});
}

TEST_CASE("count windows hand over every so many records of a user") {
  const auto rows = run<click>({{"a", 1, 0}, {"b", 9, 0}, {"a", 2, 1}, {"a", 3, 2}, {"a", 4, 3}}, [](auto clicks) {
    return clicks.key_by(&click::user).count_window(2).reduce([](const click& older, const click& newer) {
      return click{older.user, older.page * 10 + newer.page, newer.millis};
    });
  });
  CHECK(rows == std::vector<click>{{"a", 12, 1}, {"a", 34, 3}});
}

TEST_CASE("a sliding count window with an evictor aggregates the last records") {
  const auto rows = run<whole_row>({{"a", 1, 0}, {"a", 2, 1}, {"a", 3, 2}, {"a", 4, 3}}, [](auto clicks) {
    return clicks.key_by(&click::user)
      .count_window(3, 2)
      .template process<whole_row>([](const std::string&, const time_window&, auto records, collector<whole_row>& out) {
        out.push(whole_row{from_millis(records.front().record.page), static_cast<std::int64_t>(records.size())});
      });
  });
  CHECK(rows == std::vector<whole_row>{{from_millis(1), 2}, {from_millis(2), 3}});
}

TEST_CASE("a window over the whole stream counts all users together") {
  const auto rows = run<whole_row>({{"a", 1, 0}, {"b", 2, 100}, {"c", 3, 1900}}, [](auto clicks) {
    return clicks.all().window(tumbling(1s)).template aggregate<whole_row>(window_start, count);
  });
  CHECK(rows == std::vector<whole_row>{{from_millis(0), 2}, {from_millis(1000), 1}});
}

TEST_CASE("what is aggregated can go through a function that knows the window") {
  const auto rows = run<whole_row>({{"a", 1, 0}, {"a", 5, 100}, {"b", 3, 100}}, [](auto clicks) {
    return clicks.key_by(&click::user)
      .window(tumbling(1s))
      .template aggregate_then<whole_row, whole_row>(
        [](const std::string& user, const time_window& w, const whole_row& r, collector<whole_row>& out) {
          if (user == "a")
            out.push(whole_row{w.end, r.clicks});
        },
        window_start, count);
  });
  CHECK(rows == std::vector<whole_row>{{from_millis(1000), 2}});
}

TEST_CASE("late clicks can be read as a stream of their own") {
  std::vector<click> clicks;
  for (std::int64_t i = 0; i < 20'000; ++i)
    clicks.push_back({"a", i, i});
  clicks.push_back({"late", 7, 5}); // the watermark has gone on long before
  const auto late = run<click>(clicks, [](auto all) {
    return all.key_by(&click::user)
      .window(tumbling(1s))
      .late_output(too_late)
      .template aggregate<whole_row>(window_start, count)
      .side_output(too_late);
  });
  CHECK(late == std::vector<click>{{"late", 7, 5}});
}

TEST_CASE("a side output that its step never emits to is refused when the job starts") {
  const auto refusal = [](auto describe) -> std::string {
    try {
      run<click>({{"a", 1, 0}}, describe);
    } catch (const pipeline_error& e) {
      return e.what();
    }
    return "none";
  };
  CHECK_THAT(
    refusal([](auto all) { return all.map([](const click& c) { return c; }).named("copy").side_output(too_late); }),
    Catch::Contains("step 'copy' never emits to side output \"too-late\""));
  CHECK_THAT(
    refusal([](auto all) {
      const auto same = [](const click& c) { return c; };
      return all.connect(all).map(same, same).named("both").side_output(too_late);
    }),
    Catch::Contains(R"(step 'both' never emits to side output "too-late")"));
  const auto totals_with_late = [&](const side_output<click>& late) {
    return refusal([&](auto all) {
      return all.key_by(&click::user)
        .window(tumbling(1s))
        .late_output(late)
        .template aggregate<whole_row>(window_start, count)
        .side_output(too_late);
    });
  };
  CHECK_THAT(totals_with_late(side_output<click>{"other"}), Catch::Contains("the windows were given .late_output(…)"));
  CHECK(totals_with_late(too_late) == "none");
}

TEST_CASE("windows that cannot be are mistakes that say what they need") {
  const auto mistake_of = [](auto describe) {
    job j{"clicks"};
    describe(j.source(from_memory<click>{
      std::make_shared<memory_log<click>>(std::vector<std::vector<click>>(1)), [](const click&) { return timestamp{}; },
      0s}));
    return j.plan().mistakes.empty() ? "" : j.plan().mistakes.front();
  };
  CHECK_THAT(mistake_of([](auto s) { s.key_by(&click::user).window(session(0s)); }), Catch::Contains("gap above 0 ms"));
  CHECK_THAT(mistake_of([](auto s) { s.key_by(&click::user).count_window(0); }), Catch::Contains("counts above 0"));
  CHECK_THAT(
    mistake_of([](auto s) { s.key_by(&click::user).window(tumbling(1s)).allowed_lateness(-1s); }),
    Catch::Contains("not negative"));
}

TEST_CASE("triggers, evictors and aggregates of nothing are mistakes that say what they take") {
  const auto mistake_of = [](auto describe) {
    job j{"clicks"};
    describe(j.source(from_memory<click>{
                        std::make_shared<memory_log<click>>(std::vector<std::vector<click>>(1)),
                        [](const click&) { return timestamp{}; }, 0s})
               .key_by(&click::user));
    return j.plan().mistakes.empty() ? "none" : j.plan().mistakes.front();
  };
  const auto triggered = [&](auto t) { return mistake_of([=](auto s) { s.window(tumbling(1s)).trigger(t); }); };
  CHECK(triggered(every_count(1)) == "none");
  CHECK(triggered(every_count(0)) == "every_count(n) takes a count above 0, not 0");
  CHECK(triggered(purging(every_count(-2))) == "every_count(n) takes a count above 0, not -2");
  CHECK(triggered(every(0ms)) == "every(interval) takes a span above 0 ms, not 0 ms");
  const auto evicted = [&](auto e) { return mistake_of([=](auto s) { s.window(tumbling(1s)).evict(e); }); };
  CHECK(evicted(keep_last(1)) == "none");
  CHECK_THAT(evicted(keep_last(0)), Catch::StartsWith("keep_last(n) takes a count above 0, not 0"));
  CHECK_THAT(
    evicted(keep_last(static_cast<std::size_t>(-1))), Catch::StartsWith("keep_last(n) takes a count above 0, not -1"));
  CHECK_THAT(evicted(keep_last(-1s)), Catch::StartsWith("keep_last(span) takes a span above 0 ms, not -1000 ms"));
  const auto reads = [](const click& c) { return c.page; };
  CHECK(mistake_of([&](auto s) {
          s.template aggregate<top_row>(key, top(0, reads));
        }) == "top(n, …) takes an n above 0: with 0 its column has no records");
  CHECK_THAT(
    mistake_of([&](auto s) { s.window(tumbling(1s)).template aggregate<share_row>(key, quantile(99, reads)); }),
    Catch::StartsWith("quantile(q, …) takes a share from 0 to 1"));
}

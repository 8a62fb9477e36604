#include "orders_run.hpp"

#include "../support/wait_until.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <random>
#include <utility>

using namespace leat;
using namespace leat::orders;
using namespace leat::testing;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

/// Counts the letters of each defect, and checks that every one says what is wrong, and where the record is that it holds.
std::map<std::size_t, int> counted_letters(const orders_run& run, const std::vector<generated_event>& events) {
  std::map<std::optional<std::string>, std::size_t> wrong;
  for (const auto& e : events)
    if (!e.valid)
      wrong[e.payload] = e.wrong_by;
  std::map<std::pair<std::string, std::string>, kafka_record> read;
  for (auto& r : run.orders()) {
    const auto place = std::pair{std::to_string(r.partition), std::to_string(r.offset)};
    read[place] = std::move(r);
  }
  std::map<std::size_t, int> counted;
  for (const auto& letter : run.letters()) {
    INFO("a letter of " << letter.payload.value_or("null"));
    const auto found = wrong.find(letter.payload);
    REQUIRE(found != wrong.end());
    CHECK_THAT(letter.headers.at("leat.reason"), Contains(std::string{defects()[found->second].reason}));
    const auto original = read.find({letter.headers.at("leat.partition"), letter.headers.at("leat.offset")});
    REQUIRE(original != read.end());
    CHECK(original->second.key == letter.key);
    CHECK(original->second.payload == letter.payload);
    ++counted[found->second];
  }
  return counted;
}

} // namespace

TEST_CASE("a hundred thousand orders, of which every twentieth is wrong, come to what plain loops say", "[.real]") {
  const auto events = make_orders(1, 100'000);
  const expected_orders expected{events};
  REQUIRE(expected.valid == 95'000);
  orders_run run;
  run.feed(events);
  const auto counted = run.finish({"--parallelism", "2"});
  CHECK(run.wrong(expected) == "");
  CHECK(counted_letters(run, events) == expected.defects);
  CHECK(counted.records_in == 100'000);
  CHECK(counted.late == 0);
  CHECK(counted.dead_letters == 5'000);
  CHECK(run.service().asked() <= 500); // each customer once
}

TEST_CASE("kill -9 in the middle, again and again, leaves Kafka and PostgreSQL with each result once", "[.real]") {
  const auto events = make_orders(2, 60'000);
  const expected_orders expected{events};
  orders_run run{{.after = duration{5}}}; // with ten at a time, 2,000 a second: it takes half a minute
  run.feed(events);
  std::mt19937_64 random{42};
  std::int64_t before = 0;
  for (int kill = 0; kill < 4; ++kill) {
    const auto job = run.start(
      {"--parallelism", std::to_string(1 + kill % 2), "--set", "customers.at-a-time=10", "--set",
       "customers.cache.fresh-for=0s"});
    const auto more = before + 200 + static_cast<std::int64_t>(random() % 2'000);
    wait_until(
      "more rows in PostgreSQL", 60s, [&] { return run.row_count() >= more; }, 3ms, [&] { return job->log(); });
    job->crash();
    before = run.row_count();
    REQUIRE(before < static_cast<std::int64_t>(expected.rows.size())); // it was in the middle
  }
  run.finish({"--parallelism", "2"});
  CHECK(run.wrong(expected) == "");
  for (const auto& [defect, count] : counted_letters(run, events))
    CHECK(count >= expected.defects.at(defect)); // letters are delivered at least once
}

TEST_CASE("while the customer service is down orders wait, and nothing is lost", "[.real]") {
  const auto events = make_orders(3, 2'000, 0);
  orders_run run;
  run.feed(events);
  run.service().set_down(true);
  const auto job =
    run.start({"--bounded", "--set", "customers.breaker.open-for=100ms", "--set", "customers.retry-after=20ms"});
  job->wait_for_log("left alone");
  CHECK(run.rows().empty());
  run.service().set_down(false);
  REQUIRE(job->wait_exit() == 0);
  CHECK(run.wrong(expected_orders{events}) == "");
  CHECK_THAT(job->log(), Contains("answers again"));
}

TEST_CASE("when it is told so, orders go on without a customer and say why", "[.real]") {
  const auto events = make_orders(4, 1'000, 0);
  const expected_orders expected{events};
  orders_run run;
  run.feed(events);
  run.service().set_down(true);
  run.finish({"--set", "customers.when-down=mark", "--set", "customers.attempts=2", "--set", "customers.retry-after=1ms"});
  const auto rows = run.rows();
  REQUIRE(rows.size() == expected.rows.size());
  for (const auto& row : rows)
    REQUIRE_THAT(row, Catch::Matchers::EndsWith("unknown"));
  CHECK(run.metrics() == expected.metrics); // what needs no customer is not touched
  auto alerts = expected.alerts;            // and nobody is called unknown or blocked who was not asked for
  std::erase_if(alerts, [](const std::string& a) { return a.starts_with("unknown") || a.starts_with("blocked"); });
  CHECK(run.alerts() == alerts);
}

#include <leat/actors/running_job.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/tests/support/memory_connectors.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <map>
#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

struct purchase {
  std::string user;
  std::int64_t cents = 0;
  timestamp time;
};

struct user_total {
  std::string user;
  timestamp window_start, window_end;
  std::int64_t purchases;
  std::int64_t cents;

  friend auto operator<=>(const user_total&, const user_total&) = default;
};
BOOST_DESCRIBE_STRUCT(user_total, (), (user, window_start, window_end, purchases, cents))

/// Purchases of a few users, `step` apart in event time and out of order by at most a second.
std::shared_ptr<memory_log<purchase>> purchases(std::size_t partitions, std::size_t each) {
  std::mt19937 random{7};
  std::vector<std::vector<purchase>> all(partitions);
  for (std::size_t p = 0; p < partitions; ++p)
    for (std::size_t i = 0; i < each; ++i)
      all[p].push_back(
        {"user-with-a-long-name-" + std::to_string((i * partitions + p) % 97), static_cast<std::int64_t>(random() % 10'000),
         from_millis(static_cast<std::int64_t>(1'700'000'000'000 + i * 20 + random() % 1000))});
  return std::make_shared<memory_log<purchase>>(std::move(all));
}

/// The same by a plain loop: every record into every window that holds it.
std::vector<user_total> expected_totals(const memory_log<purchase>& log, duration size, duration slide) {
  std::map<std::pair<timestamp, std::string>, user_total> totals;
  for (const auto& records : log.partitions)
    for (const auto& r : records) {
      const auto last = to_millis(r.time) / slide.count() * slide.count();
      for (auto start = last; start > to_millis(r.time) - size.count(); start -= slide.count()) {
        auto& t = totals[{from_millis(start), r.user}];
        t = {r.user, from_millis(start), from_millis(start) + size, t.purchases + 1, t.cents + r.cents};
      }
    }
  std::vector<user_total> rows;
  for (auto& [key, t] : totals)
    rows.push_back(t);
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// The first few rows that only one side has, for a person; empty when both are equal. Both are sorted.
std::string differences(const std::vector<user_total>& rows, const std::vector<user_total>& expected) {
  std::string text;
  const auto report = [&](const char* what, const std::vector<user_total>& a, const std::vector<user_total>& b) {
    std::vector<user_total> only;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    for (std::size_t i = 0; i < std::min<std::size_t>(3, only.size()); ++i)
      text += fmt::format(
        "{}: {} {} {} purchases, {} cents\n", what, only[i].user, format_timestamp(only[i].window_start), only[i].purchases,
        only[i].cents);
    if (only.size() > 3)
      text += fmt::format("{}: {} rows more\n", what, only.size() - 3);
  };
  report("unexpected", rows, expected);
  report("missing", expected, rows);
  return text;
}

std::vector<user_total>
run_totals(const std::shared_ptr<memory_log<purchase>>& log, window_spec windows, std::uint32_t shards) {
  const auto rows = std::make_shared<memory_rows<user_total>>();
  job j{"totals"};
  j.source(from_memory<purchase>{log, [](const purchase& p) { return p.time; }, 1s})
    .key_by(&purchase::user)
    .window(windows)
    .aggregate<user_total>(key, window_start, window_end, count, sum(&purchase::cents))
    .sink(to_memory<user_total>{rows});
  settings none;
  metrics registry;
  run_options options;
  options.threads = 3;
  options.parallelism = shards;
  options.credit = 2;
  options.bounded = true;
  running_job running{j.plan(), options, none, registry};
  const auto result = running.wait();
  REQUIRE(result.reason.empty());
  auto sorted = rows->all();
  std::sort(sorted.begin(), sorted.end());
  CHECK(registry.sum("late_records") == 0);
  return sorted;
}

} // namespace

TEST_CASE("tumbling totals are those of a plain loop, with any number of shards") {
  const auto log = purchases(3, 20'000);
  const auto expected = expected_totals(*log, 1min, 1min);
  for (const auto shards : {1U, 2U, 7U})
    CHECK(differences(run_totals(purchases(3, 20'000), tumbling(1min), shards), expected) == "");
}

TEST_CASE("sliding totals are those of a plain loop, with any number of shards") {
  const auto log = purchases(2, 10'000);
  const auto expected = expected_totals(*log, 1min, 10s);
  for (const auto shards : {1U, 2U, 7U})
    CHECK(differences(run_totals(purchases(2, 10'000), sliding(1min, 10s), shards), expected) == "");
}

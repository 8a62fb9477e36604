#include <leat/apps/fraud_alerts/demo/traffic.hpp>

#include <leat/apps/fraud_alerts/demo/scorecard.hpp>
#include <leat/tests/apps/expected_alerts.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace leat;
using namespace leat::fraud;
using namespace leat::testing;

namespace {

constexpr auto now = timestamp{duration{1'763'700'123'456}};

traffic_options options(const rules& what, std::int64_t events, std::uint64_t seed) {
  return {seed, events, aligned_start(what, events, now), 5s};
}

struct drained {
  std::vector<transaction> records;
  std::vector<std::int64_t> of_fraud; // how many transactions of each
};

drained drain(traffic& from) {
  drained all;
  all.of_fraud.resize(from.frauds().size());
  transaction t;
  std::optional<std::size_t> fraud;
  while (from.next(t, fraud)) {
    all.records.push_back(t);
    if (fraud)
      ++all.of_fraud[*fraud];
  }
  return all;
}

scorecard judged(const traffic& made, const drained& all, const rules& what) {
  scorecard scores{made.frauds()};
  for (const auto& a : expected_alerts(what, all.records))
    scores.add(a);
  return scores;
}

} // namespace

TEST_CASE("traffic ends about when it is told to, whatever the time of day") {
  const rules what;
  for (auto end = now; end < now + what.spending.window; end += 1min) {
    traffic made{what, {1, 10'000, aligned_start(what, 10'000, end), 5s}};
    timestamp last = min_timestamp;
    for (const auto& t : drain(made).records)
      last = std::max(last, t.timestamp);
    CHECK(last < end + 5min);
    CHECK(last > end - what.spending.window - 5min);
  }
}

TEST_CASE("honest traffic trips no rule, and each injected fraud trips its own exactly once") {
  const rules what;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    traffic made{what, options(what, 10'000, seed)};
    const auto scores = judged(made, drain(made), what);
    INFO("seed " << seed);
    CHECK(made.frauds().size() == 15);
    CHECK(scores.perfect());
    CHECK(scores.alerts() == 15);
  }
}

TEST_CASE("frauds are found and honest users left alone under other rules too") {
  const country_change_rule change;
  const small_then_large_rule pair;
  const std::vector<rules> others{
    {{true, 100}, {true, 1min, 10s, 10}, {true, 10min, 5000}, change, pair},
    {{true, 9000}, {true, 1min, 1min, 1}, {true, 1min, 50}, change, pair},
    {{false, 0}, {true, 5min, 10s, 3}, {false, 10min, 1}, change, pair},
    {{false, 0}, {false, 1min, 1s, 3}, {true, 1h, 1000}, change, pair},
    {{true, 0}, {false, 1min, 1s, 3}, {false, 1h, 1000}, change, pair},
    {{true, 2000}, {true, 1min, 10s, 10}, {true, 10min, 5000}, {true, 1h}, {true, 40, 60, 30min}},
    {{false, 0}, {false, 1min, 1s, 3}, {false, 1h, 1}, {true, 1s}, {true, 0.01, 0.01, 1s}},
  };
  for (std::size_t i = 0; i < others.size(); ++i) {
    traffic made{others[i], options(others[i], 8'000, 5)};
    const auto scores = judged(made, drain(made), others[i]);
    INFO("rules " << i);
    CHECK(scores.perfect());
    CHECK(scores.alerts() >= static_cast<std::int64_t>(made.frauds().size()));
  }
}

TEST_CASE("traffic has as many transactions as asked for, each with an id of its own") {
  const rules what;
  for (const std::int64_t events : {1000, 12'345}) {
    traffic made{what, options(what, events, 1)};
    std::set<std::string> ids;
    for (const auto& t : drain(made).records)
      ids.insert(t.transaction_id);
    CHECK(ids.size() == static_cast<std::size_t>(events));
  }
}

TEST_CASE("traffic says truly which transactions belong to a fraud") {
  const rules what;
  traffic made{what, options(what, 5000, 1)};
  const auto all = drain(made);
  for (std::size_t i = 0; i < made.frauds().size(); ++i)
    CHECK(all.of_fraud[i] == made.frauds()[i].transactions);
}

TEST_CASE("the victim of a fraud does nothing else in any window that holds a part of it") {
  const rules what;
  traffic made{what, options(what, 30'000, 1)};
  const auto all = drain(made);
  for (const auto& fraud : made.frauds())
    CHECK(std::count_if(all.records.begin(), all.records.end(), [&](const transaction& t) {
            return t.user_id == fraud.user_id && t.timestamp > fraud.first - 10min && t.timestamp < fraud.last + 10min;
          }) == fraud.transactions);
}

TEST_CASE("honest users travel, but not within the time in which that would be a fraud") {
  rules what;
  what.country_change.window = 1h;
  traffic made{what, options(what, 30'000, 1)};
  const auto all = drain(made);
  rules without_limit;
  without_limit.country_change.window = 24h;
  const auto changes = [&](const rules& r) {
    const auto alerts = expected_alerts(r, all.records);
    return std::count_if(alerts.begin(), alerts.end(), [](const alert& a) { return a.rule == country_change_name; });
  };
  CHECK(changes(what) == 3);
  CHECK(changes(without_limit) > 100);
}

TEST_CASE("traffic is out of order, by no more than its bound") {
  const rules what;
  traffic made{what, options(what, 30'000, 1)};
  auto newest = min_timestamp;
  duration most{};
  for (const auto& t : drain(made).records) {
    newest = std::max(newest, t.timestamp);
    most = std::max(most, newest - t.timestamp);
  }
  CHECK(most > 2s);
  CHECK(most <= 4s); // four fifths of the bound
}

TEST_CASE("a seed makes the same traffic again, and another seed other traffic") {
  const rules what;
  const auto amounts = [&](std::uint64_t seed) {
    traffic made{what, options(what, 2000, seed)};
    std::vector<std::pair<std::string, double>> all;
    for (const auto& t : drain(made).records)
      all.emplace_back(t.user_id, t.amount);
    return all;
  };
  CHECK(amounts(1) == amounts(1));
  CHECK(amounts(1) != amounts(2));
}

TEST_CASE("few users pay often and most rarely, and most amounts are small") {
  const rules what;
  traffic made{what, options(what, 30'000, 1)};
  std::map<std::string, int> by_user;
  int small = 0;
  for (const auto& t : drain(made).records) {
    ++by_user[t.user_id];
    small += t.amount < 50 ? 1 : 0;
  }
  std::vector<int> counts;
  for (const auto& [user, n] : by_user)
    counts.push_back(n);
  std::sort(counts.rbegin(), counts.rend());
  CHECK(counts.front() > 10 * counts[counts.size() / 2]);
  CHECK(small > 20'000);
}

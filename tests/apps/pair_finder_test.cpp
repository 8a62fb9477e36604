#include <leat/tests/apps/pair_fixture.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <span>

using namespace leat;
using namespace leat::fraud;
using namespace leat::testing;

namespace {

struct country_changes : pair_fixture<country_change> {
  country_changes() : pair_fixture{country_change{{true, 5s}}} {}
};

transaction paid_in(const char* country, std::string id, std::int64_t millis) {
  return paid(std::move(id), millis, country, 10);
}

/// Of one user, in the order of arrival: each up to two seconds after its time.
std::vector<transaction> hectic(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::vector<std::pair<std::int64_t, transaction>> arrivals;
  for (int i = 0; i < 200; ++i) {
    const auto time = static_cast<std::int64_t>(random() % 400) * 500;
    const auto delay = static_cast<std::int64_t>(random() % 2000);
    const auto* const country = random() % 3 == 0 ? "FR" : "DE";
    const auto amount = std::array{0.5, 20.0, 900.0}[random() % 3];
    arrivals.emplace_back(time + delay, paid("t" + std::to_string(i), time, country, amount));
  }
  std::sort(arrivals.begin(), arrivals.end(), [](auto& a, auto& b) { return a.first < b.first; });
  std::vector<transaction> all;
  for (auto& [when, t] : arrivals)
    all.push_back(std::move(t));
  return all;
}

/// Lets them arrive with a watermark that starts at `settled` and trails the newest by two seconds. @returns where it ends.
template <class Rule>
std::int64_t feed(pair_fixture<Rule>& f, std::span<const transaction> some, std::int64_t settled) {
  auto watermark = settled;
  for (const auto& t : some) {
    f.watermark(watermark);
    f.arrive({t});
    watermark = std::max(watermark, to_millis(t.timestamp) - 2001);
  }
  return watermark;
}

/// The alerts when they are all that arrive.
template <class Rule>
story alerts_of(Rule rule, std::span<const transaction> all, std::int64_t settled) {
  pair_fixture<Rule> f{rule};
  feed(f, all, settled);
  f.end();
  return f.alerts();
}

/// When a barrier behind `before` settles, in milliseconds.
template <class Rule>
std::int64_t settled_behind(Rule rule, std::span<const transaction> before) {
  pair_fixture<Rule> f{rule};
  f.barrier(feed(f, before, -1));
  const auto last = f.said().back();
  return std::stoll(last.substr(last.rfind(' ')));
}

/// The event time at the end of what the fixture says about an alert.
std::int64_t time_of(const std::string& said) { return std::stoll(said.substr(said.rfind('@') + 1)); }

template <class Rule>
void check_restarts(Rule rule) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto all = hectic(seed);
    const auto expected = alerts_of(rule, all, -1);
    REQUIRE(expected.size() > 10);
    for (std::size_t position = 10; position < all.size(); position += 10) {
      const auto settled = settled_behind(rule, std::span{all}.first(position));
      auto still_to_come = expected;
      std::erase_if(still_to_come, [&](const std::string& s) { return time_of(s) <= settled; });
      CAPTURE(seed, position, settled);
      CHECK(alerts_of(rule, std::span{all}.subspan(position), settled) == still_to_come);
    }
  }
}

} // namespace

TEST_CASE_METHOD(
  country_changes, "a transaction is judged when the watermark reaches it, by the one before it in event time") {
  arrive({paid_in("FR", "t3", 2000), paid_in("DE", "t1", 0), paid_in("DE", "t2", 1000)});
  watermark(1999);
  CHECK(alerts().empty());
  watermark(2000);
  CHECK(said() == story{"t3: DE, then FR after 1.0 s@2000", "watermark 2000"});
}

TEST_CASE_METHOD(country_changes, "an older transaction that comes after a newer one does not take its place") {
  arrive({paid_in("DE", "t2", 2000), paid_in("FR", "t1", 1000), paid_in("DE", "t3", 3000)});
  end();
  CHECK(alerts() == story{"t2: FR, then DE after 1.0 s@2000"});
}

TEST_CASE_METHOD(country_changes, "transactions of one millisecond are in the order of their ids") {
  arrive({paid_in("FR", "t2", 1000), paid_in("DE", "t1", 1000), paid_in("FR", "t3", 2000)});
  end();
  CHECK(alerts() == story{"t2: DE, then FR after 0.0 s@1000"});
}

TEST_CASE_METHOD(country_changes, "a late transaction is not judged, and is counted") {
  arrive({paid_in("DE", "t1", 1000)});
  watermark(2000);
  arrive({paid_in("FR", "t2", 2000)});
  end();
  CHECK(alerts().empty());
  CHECK(counted("late_records") == 1);
}

TEST_CASE_METHOD(country_changes, "a late transaction is the one before those that follow it") {
  arrive({paid_in("DE", "t1", 1000)});
  watermark(2000);
  arrive({paid_in("FR", "t2", 2000), paid_in("FR", "t3", 3000)});
  end();
  CHECK(alerts().empty());
}

TEST_CASE_METHOD(country_changes, "a late transaction does not take the place of a newer one") {
  arrive({paid_in("DE", "t1", 1000)});
  watermark(2000);
  arrive({paid_in("FR", "t0", 500), paid_in("DE", "t2", 3000)});
  end();
  CHECK(alerts().empty());
}

TEST_CASE_METHOD(country_changes, "a user who does nothing is forgotten when the window is over") {
  arrive({paid_in("DE", "t1", 1000)});
  watermark(5999);
  CHECK(counted("state_entries") == 1);
  watermark(6000);
  CHECK(counted("state_entries") == 0);
  CHECK(counted("timers") == 0);
}

TEST_CASE_METHOD(country_changes, "a late transaction of long ago leaves nothing behind") {
  watermark(100'000);
  arrive({paid_in("DE", "t1", 1000)});
  watermark(100'001);
  CHECK(counted("state_entries") == 0);
}

TEST_CASE_METHOD(country_changes, "a barrier settles when the user is forgotten, even before the user is judged") {
  arrive({paid_in("DE", "t1", 1000)});
  barrier(0);
  CHECK(said() == story{"barrier 1 settles at 6000"});
}

TEST_CASE("a restart from any committed position finds the pairs that were still to come, and no others") {
  check_restarts(country_change{{true, 5s}});
  check_restarts(small_then_large{{true, 1, 500, 5s}});
}

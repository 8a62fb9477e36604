#include <leat/tests/apps/expected_alerts.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <random>

namespace leat::testing {

using namespace fraud;

namespace {

using millis = std::int64_t;

millis floor_to(millis t, millis step) { return t - ((t % step) + step) % step; }

/// Something about each user, by the start of the window.
template <class Value>
using by_user_and_start = std::map<std::pair<std::string, millis>, Value>;

/// Calls `f(start)` for every window that holds `t`.
template <class F>
void each_window(millis t, millis size, millis slide, F f) {
  for (auto start = floor_to(t, slide); start > t - size; start -= slide)
    f(start);
}

void expect_bursts(const rate_rule& rule, const std::vector<transaction>& all, std::vector<alert>& out) {
  const auto size = rule.window.count();
  const auto slide = rule.slide.count();
  by_user_and_start<std::int64_t> counts;
  for (const auto& t : all)
    each_window(to_millis(t.timestamp), size, slide, [&](millis start) { ++counts[{t.user_id, start}]; });
  for (const auto& [at, n] : counts) {
    const auto& [user, start] = at;
    const auto before = counts.find({user, start - slide});
    const bool goes_on = before != counts.end() && before->second > rule.limit;
    if (n > rule.limit && !goes_on)
      out.push_back(
        {"rate",
         user,
         {},
         from_millis(start),
         from_millis(start + size),
         static_cast<double>(n),
         static_cast<double>(rule.limit),
         ""});
  }
}

void expect_spending(const spending_rule& rule, const std::vector<transaction>& all, std::vector<alert>& out) {
  const auto size = rule.window.count();
  by_user_and_start<std::int64_t> cents;
  for (const auto& t : all)
    if (t.amount > 0)
      cents[{t.user_id, floor_to(to_millis(t.timestamp), size)}] += std::llround(t.amount * 100);
  for (const auto& [at, sum] : cents)
    if (sum > std::llround(rule.limit * 100))
      out.push_back(
        {"spending",
         at.first,
         {},
         from_millis(at.second),
         from_millis(at.second + size),
         static_cast<double>(sum) / 100,
         rule.limit,
         ""});
}

/// The transactions of each user, in the order of time; those of one millisecond by their ids.
std::map<std::string, std::vector<transaction>> histories(const std::vector<transaction>& all) {
  std::map<std::string, std::vector<transaction>> of_users;
  for (const auto& t : all)
    of_users[t.user_id].push_back(t);
  for (auto& [user, history] : of_users)
    std::sort(history.begin(), history.end(), [](const transaction& a, const transaction& b) {
      return a.timestamp != b.timestamp ? a.timestamp < b.timestamp : a.transaction_id < b.transaction_id;
    });
  return of_users;
}

millis between(const transaction& a, const transaction& b) { return to_millis(b.timestamp) - to_millis(a.timestamp); }

void expect_country_changes(const country_change_rule& rule, const std::vector<transaction>& all, std::vector<alert>& out) {
  for (const auto& [user, history] : histories(all))
    for (std::size_t i = 1; i < history.size(); ++i) {
      const auto& a = history[i - 1];
      const auto& b = history[i];
      if (a.country != b.country && between(a, b) <= rule.window.count())
        out.push_back(
          {"country-change", user, b.transaction_id, a.timestamp, from_millis(to_millis(b.timestamp) + 1),
           static_cast<double>(between(a, b)) / 1000, static_cast<double>(rule.window.count()) / 1000, ""});
    }
}

void expect_small_then_large(
  const small_then_large_rule& rule, const std::vector<transaction>& all, std::vector<alert>& out) {
  for (const auto& [user, history] : histories(all))
    for (std::size_t i = 0; i < history.size(); ++i) {
      const auto& b = history[i];
      if (b.amount <= rule.large)
        continue;
      auto k = i;
      while (k > 0 && (history[k - 1].amount < 0 || history[k - 1].amount >= rule.small))
        --k;
      if (k > 0 && between(history[k - 1], b) <= rule.window.count())
        out.push_back(
          {"small-then-large", user, b.transaction_id, history[k - 1].timestamp, from_millis(to_millis(b.timestamp) + 1),
           b.amount, rule.large, ""});
    }
}

} // namespace

std::vector<alert> expected_alerts(const rules& what, const std::vector<transaction>& all) {
  std::vector<alert> out;
  if (what.large_amount.enabled)
    for (const auto& t : all)
      if (t.amount > what.large_amount.limit)
        out.push_back({"large-amount", t.user_id, t.transaction_id, {}, {}, t.amount, what.large_amount.limit, ""});
  if (what.rate.enabled)
    expect_bursts(what.rate, all, out);
  if (what.spending.enabled)
    expect_spending(what.spending, all, out);
  if (what.country_change.enabled)
    expect_country_changes(what.country_change, all, out);
  if (what.small_then_large.enabled)
    expect_small_then_large(what.small_then_large, all, out);
  return out;
}

std::string alert_row(const alert& a) {
  const auto time = [](const std::optional<timestamp>& t) { return t ? format_timestamp(*t) : "-"; };
  return fmt::format(
    "{} {} {} {} {} {} {}", a.rule, a.user_id, a.transaction_id.value_or("-"), time(a.window_start), time(a.window_end),
    a.observed, a.limit);
}

std::vector<std::string> alert_rows(const std::vector<alert>& alerts) {
  std::vector<std::string> rows;
  std::transform(alerts.begin(), alerts.end(), std::back_inserter(rows), alert_row);
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::string row_differences(const std::vector<std::string>& rows, const std::vector<std::string>& expected) {
  std::string text;
  const auto report = [&](const char* what, const auto& a, const auto& b) {
    std::vector<std::string> only;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    for (std::size_t i = 0; i < std::min<std::size_t>(3, only.size()); ++i)
      text += fmt::format("{}: {}\n", what, only[i]);
    if (only.size() > 3)
      text += fmt::format("{}: {} rows more\n", what, only.size() - 3);
  };
  report("unexpected", rows, expected);
  report("missing", expected, rows);
  return text;
}

std::vector<transaction> dense_transactions(std::size_t count, unsigned seed) {
  std::mt19937 random{seed};
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n)); };
  constexpr std::int64_t three_hours = 3 * 60 * 60 * 1000;
  std::vector<std::int64_t> times(count);
  for (auto& t : times)
    t = 1'700'000'000'000 + below(20) * 1000 + below(three_hours) / 250 * 250; // some at once
  std::sort(times.begin(), times.end());
  const std::array countries{"DE", "DE", "DE", "DE", "FR"};
  std::vector<transaction> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto kind = below(50);
    const auto cents = kind == 0 ? 35'000 : kind == 1 ? 0 : kind == 2 ? -below(90'000) : below(36'000);
    all.push_back(
      {fmt::format("t{}", i), fmt::format("user-{}", below(40)), static_cast<double>(cents) / 100, "Corner Bakery",
       countries[static_cast<std::size_t>(below(5))], from_millis(times[i])});
  }
  return all;
}

rules strict_rules() {
  return {{true, 350}, {true, 1min, 10s, 4}, {true, 10min, 5250}, {true, 30s}, {true, 20, 300, 1min}};
}

} // namespace leat::testing

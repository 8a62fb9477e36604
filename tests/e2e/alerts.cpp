#include "alerts.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace leat::testing {

namespace {

std::string large_amount_line(const payment& p, double limit) {
  return fmt::format("large-amount {} {}: {} above {}", p.user, p.id, p.amount, limit);
}

std::string window_line(
  std::string_view rule, std::string_view user, std::int64_t start, std::int64_t end, double observed, double limit) {
  return fmt::format("{} {} [{}, {}): {} above {}", rule, user, start, end, observed, limit);
}

void add_bursts(std::span<const payment> payments, std::int64_t limit, std::vector<std::string>& out) {
  std::map<std::string, std::vector<std::int64_t>> times;
  for (const auto& p : payments)
    times[p.user].push_back(p.time);
  for (const auto& [user, of_user] : times) {
    const auto count = [&of_user = of_user](std::int64_t start) {
      return std::count_if(of_user.begin(), of_user.end(), [&](auto t) { return t >= start && t < start + 60'000; });
    };
    const auto [first, last] = std::minmax_element(of_user.begin(), of_user.end());
    for (auto start = *first / 10'000 * 10'000 - 60'000; start <= *last; start += 10'000)
      if (count(start) > limit && count(start - 10'000) <= limit)
        out.push_back(
          window_line("rate", user, start, start + 60'000, static_cast<double>(count(start)), static_cast<double>(limit)));
  }
}

void add_spending(std::span<const payment> payments, double limit, std::vector<std::string>& out) {
  std::map<std::pair<std::string, std::int64_t>, double> sums;
  for (const auto& p : payments)
    if (p.amount > 0)
      sums[{p.user, p.time / 600'000}] += p.amount;
  for (const auto& [where, sum] : sums)
    if (sum > limit)
      out.push_back(window_line("spending", where.first, where.second * 600'000, (where.second + 1) * 600'000, sum, limit));
}

std::string pair_line(
  std::string_view rule, std::string_view user, std::string_view id, std::int64_t first, std::int64_t end, double observed,
  double limit) {
  return fmt::format("{} {} {} [{}, {}): {}, limit {}", rule, user, id, first, end, observed, limit);
}

/// By user, each in order.
std::map<std::string, std::vector<payment>> in_order(std::span<const payment> payments) {
  std::map<std::string, std::vector<payment>> users;
  for (const auto& p : payments)
    users[p.user].push_back(p);
  for (auto& [user, own] : users)
    std::sort(own.begin(), own.end(), [](const payment& a, const payment& b) {
      return a.time < b.time || (a.time == b.time && a.id < b.id);
    });
  return users;
}

void add_country_changes(std::span<const payment> payments, std::int64_t limit, std::vector<std::string>& out) {
  for (const auto& [user, own] : in_order(payments)) {
    const payment* last = nullptr;
    for (const auto& p : own) {
      if (last && last->country != p.country && p.time - last->time <= limit)
        out.push_back(pair_line(
          "country-change", user, p.id, last->time, p.time + 1, static_cast<double>(p.time - last->time) / 1000,
          static_cast<double>(limit) / 1000));
      last = &p;
    }
  }
}

void add_card_tests(std::span<const payment> payments, const alert_limits& limits, std::vector<std::string>& out) {
  for (const auto& [user, own] : in_order(payments)) {
    const payment* small = nullptr;
    for (const auto& p : own) {
      if (small && p.amount > limits.large && p.time - small->time <= limits.small_then_large)
        out.push_back(pair_line("small-then-large", user, p.id, small->time, p.time + 1, p.amount, limits.large));
      if (p.amount >= 0 && p.amount < limits.small)
        small = &p;
    }
  }
}

} // namespace

std::vector<std::string>
expected_alerts(std::span<const payment> payments, const alert_limits& limits, std::span<const payment> late) {
  std::vector<std::string> all;
  for (const auto& some : {payments, late})
    for (const auto& p : some)
      if (p.amount > limits.large_amount)
        all.push_back(large_amount_line(p, limits.large_amount));
  add_bursts(payments, limits.rate, all);
  add_spending(payments, limits.spending, all);
  add_country_changes(payments, limits.country_change, all);
  add_card_tests(payments, limits, all);
  std::sort(all.begin(), all.end());
  return all;
}

std::string alert_line(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::object a;
  if (parser.parse(json).get(a) != simdjson::SUCCESS || a.size() != 8 || std::string_view{a["detail"]}.empty())
    throw std::runtime_error{"this is no alert: " + json};
  const std::string_view rule = a["rule"], user = a["user_id"];
  const double observed = a["observed"], limit = a["limit"];
  if (a["transaction_id"].is_null())
    return window_line(rule, user, a["window_start"], a["window_end"], observed, limit);
  const std::string_view id = a["transaction_id"];
  if (rule == "country-change" || rule == "small-then-large")
    return pair_line(rule, user, id, a["window_start"], a["window_end"], observed, limit);
  if (!a["window_start"].is_null() || !a["window_end"].is_null())
    throw std::runtime_error{"an alert about a payment and a window at once: " + json};
  payment p;
  p.id = id;
  p.user = user;
  p.amount = observed;
  return rule == "large-amount" ? large_amount_line(p, limit) : "unknown rule: " + json;
}

} // namespace leat::testing

#include <leat/apps/fraud_alerts/demo/fraud_plan.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

namespace leat::fraud {

namespace {

constexpr std::array homes{"DE", "FR", "NL", "IT", "ES", "PL", "AT", "SE", "PT", "IE"};
constexpr std::array fraud_merchants{"Bijou Royal", "Gift Card Depot", "Electro World", "Luxury Watches", "Coin Exchange"};
constexpr std::array fraud_countries{"US", "NG", "RO", "BR", "VN"};

double to_cents(double amount) { return std::round(amount * 100) / 100; }

class planner {
public:
  planner(const rules& what, const traffic_shape& shape, std::mt19937_64& random)
    : what_{what}, shape_{shape}, random_{random} {}

  planned_fraud large_amount(timestamp at) {
    auto fraud = begin(large_amount_name);
    add(fraud, at, above(what_.large_amount.limit));
    return fraud;
  }

  /// All within one window, wherever it begins: shorter than a window without its last slide.
  planned_fraud burst(timestamp at) {
    const auto n = what_.rate.limit + 2 + static_cast<std::int64_t>(between(0, 6));
    auto amount = 10.0;
    if (what_.large_amount.enabled)
      amount = std::min(amount, what_.large_amount.limit);
    if (what_.spending.enabled)
      amount = std::min(amount, what_.spending.limit / static_cast<double>(2 * n));
    if (what_.small_then_large.enabled)
      amount = std::min(amount, what_.small_then_large.large);
    auto fraud = begin(rate_name);
    const auto span = what_.rate.window - what_.rate.slide;
    for (std::int64_t i = 0; i < n; ++i)
      add(fraud, at + span * i / n, amount * between(0.1, 1));
    return fraud;
  }

  /// All within the tumbling window that begins after `at`, in amounts that are not large by themselves.
  planned_fraud spree(timestamp at) {
    const auto window = what_.spending.window;
    const auto each = what_.large_amount.enabled ? std::min(what_.large_amount.limit * 0.8, what_.spending.limit / 4)
                                                 : what_.spending.limit / 4;
    const auto n = each > 0 ? static_cast<std::int64_t>(std::ceil(what_.spending.limit * 1.4 / each)) : 1;
    auto fraud = begin(spending_name);
    const auto start = at - at.time_since_epoch() % window + window;
    for (std::int64_t i = 0; i < n; ++i)
      add(
        fraud, start + window * (10 * i + static_cast<std::int64_t>(between(0, 9))) / (10 * n),
        each * between(0.8, 1) + 0.01);
    return fraud;
  }

  /// The user at home, and then a stranger with the same card.
  planned_fraud country_change(timestamp at) {
    auto fraud = begin(country_change_name);
    add(fraud, at, shape_.largest_amount * between(0.1, 0.4));
    fraud.transactions.back().country = home_of(fraud.user);
    add(fraud, at + part_of(what_.country_change.window), shape_.largest_amount * between(0.4, 0.8));
    return fraud;
  }

  /// A stranger who tries a card before it is used.
  planned_fraud small_then_large(timestamp at) {
    auto fraud = begin(small_then_large_name);
    add(fraud, at, std::floor(what_.small_then_large.small * between(0, 99)) / 100);
    add(fraud, at + part_of(what_.small_then_large.window), above(what_.small_then_large.large));
    return fraud;
  }

private:
  /// Above a rule's limit, but not above the higher limits of others.
  double above(double limit) {
    auto amount = limit * between(1.1, 2.4) + 1;
    if (what_.large_amount.enabled && limit + 1 < what_.large_amount.limit)
      amount = std::min(amount, (limit + what_.large_amount.limit) / 2);
    if (what_.spending.enabled && limit + 1 < what_.spending.limit)
      amount = std::min(amount, (limit + what_.spending.limit) / 2);
    return amount;
  }

  duration part_of(duration window) {
    return duration{static_cast<std::int64_t>(static_cast<double>(window.count()) * between(0.05, 0.95))};
  }

  double between(double low, double high) { return std::uniform_real_distribution{low, high}(random_); }

  planned_fraud begin(std::string_view rule) {
    planned_fraud fraud;
    fraud.what.rule = rule;
    do
      fraud.user = random_() % shape_.users;
    while (!taken_.insert(fraud.user).second);
    fraud.what.user_id = user_name(fraud.user);
    return fraud;
  }

  void add(planned_fraud& fraud, timestamp at, double amount) {
    fraud.transactions.push_back(
      {"", fraud.what.user_id, to_cents(amount), fraud_merchants[random_() % fraud_merchants.size()],
       fraud_countries[fraud.user % fraud_countries.size()], at});
    fraud.what.first = fraud.transactions.front().timestamp;
    fraud.what.last = at;
    ++fraud.what.transactions;
  }

  const rules& what_;
  const traffic_shape& shape_;
  std::mt19937_64& random_;
  std::unordered_set<std::size_t> taken_;
};

} // namespace

std::string user_name(std::size_t user) { return fmt::format("user-{:06}", user); }

const char* home_of(std::size_t user) { return homes[user % homes.size()]; }

std::vector<planned_fraud>
plan_frauds(const rules& what, const traffic_shape& shape, timestamp start, std::int64_t events, std::mt19937_64& random) {
  const auto each = std::clamp<std::int64_t>(events / 10'000, 3, 50);
  const auto room = shape.span - 4 * shape.quiet; // a spree may begin a window later and last another
  planner plan{what, shape, random};
  std::vector<planned_fraud> all;
  for (std::int64_t i = 0; i < each; ++i) {
    const auto at = [&] {
      const auto place =
        (static_cast<double>(i) + std::uniform_real_distribution{0.0, 1.0}(random)) / static_cast<double>(each);
      return start + shape.quiet + duration{static_cast<std::int64_t>(place * static_cast<double>(room.count()))};
    };
    if (what.large_amount.enabled)
      all.push_back(plan.large_amount(at()));
    if (what.rate.enabled)
      all.push_back(plan.burst(at()));
    if (what.spending.enabled)
      all.push_back(plan.spree(at()));
    if (what.country_change.enabled)
      all.push_back(plan.country_change(at()));
    if (what.small_then_large.enabled)
      all.push_back(plan.small_then_large(at()));
  }
  return all;
}

} // namespace leat::fraud

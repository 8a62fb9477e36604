#include <leat/apps/fraud_alerts/pair_rules.hpp>

#include <fmt/format.h>

#include <chrono>

namespace leat::fraud {

namespace {

double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

/// An alert about both transactions, with nothing yet of what was observed.
alert of_pair(std::string_view rule, const transaction& first, const transaction& second) {
  alert a;
  a.rule = rule;
  a.user_id = second.user_id;
  a.transaction_id = second.transaction_id;
  a.window_start = first.timestamp;
  a.window_end = second.timestamp + duration{1};
  return a;
}

} // namespace

alert country_change::raise(const transaction& first, const transaction& second) const {
  auto a = of_pair(country_change_name, first, second);
  a.observed = seconds(second.timestamp - first.timestamp);
  a.limit = seconds(rule_.window);
  a.detail = fmt::format("{}, then {} after {:.1f} s", first.country, second.country, a.observed);
  return a;
}

alert small_then_large::raise(const transaction& first, const transaction& second) const {
  auto a = of_pair(small_then_large_name, first, second);
  a.observed = second.amount;
  a.limit = rule_.large;
  a.detail = fmt::format(
    "{:.2f}, then {:.2f} after {:.1f} s", first.amount, second.amount, seconds(second.timestamp - first.timestamp));
  return a;
}

} // namespace leat::fraud

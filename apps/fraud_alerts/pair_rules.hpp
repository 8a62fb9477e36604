#pragma once

#include <leat/apps/fraud_alerts/records.hpp>
#include <leat/apps/fraud_alerts/rules.hpp>

namespace leat::fraud {

/// `country_change_rule` as a `pair_finder` asks it. Transactions without a country are left out.
class country_change {
public:
  explicit country_change(const country_change_rule& rule) : rule_{rule} {}

  [[nodiscard]] bool concerns(const transaction& t) const noexcept { return !t.country.empty(); }

  [[nodiscard]] duration window() const noexcept { return rule_.window; }
  [[nodiscard]] bool may_be_first(const transaction&) const noexcept { return true; }
  [[nodiscard]] bool is_pair(const transaction& first, const transaction& second) const noexcept {
    return first.country != second.country;
  }
  [[nodiscard]] alert raise(const transaction& first, const transaction& second) const;

private:
  country_change_rule rule_;
};

/// `small_then_large_rule` as a `pair_finder` asks it. Refunds (amounts below zero) are not small; what is neither small
/// nor large may lie between the two.
class small_then_large {
public:
  explicit small_then_large(const small_then_large_rule& rule) : rule_{rule} {}

  [[nodiscard]] bool concerns(const transaction& t) const noexcept { return may_be_first(t) || t.amount > rule_.large; }

  [[nodiscard]] duration window() const noexcept { return rule_.window; }
  [[nodiscard]] bool may_be_first(const transaction& t) const noexcept { return t.amount >= 0 && t.amount < rule_.small; }
  [[nodiscard]] bool is_pair(const transaction&, const transaction& second) const noexcept {
    return second.amount > rule_.large;
  }
  [[nodiscard]] alert raise(const transaction& first, const transaction& second) const;

private:
  small_then_large_rule rule_;
};

} // namespace leat::fraud

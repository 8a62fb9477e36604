#include <leat/apps/fraud_alerts/rules.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <cmath>

namespace leat::fraud {

bool rules::any() const noexcept {
  return large_amount.enabled || rate.enabled || spending.enabled || country_change.enabled || small_then_large.enabled;
}

rules rules_from(const settings& config) {
  rules r;
  r.large_amount.enabled = config.boolean("rules.large-amount.enabled");
  r.large_amount.limit = config.number("rules.large-amount.limit");
  r.rate.enabled = config.boolean("rules.rate.enabled");
  r.rate.window = config.span("rules.rate.window");
  r.rate.slide = config.span("rules.rate.slide");
  r.rate.limit = config.integer("rules.rate.limit", 1, 1'000'000);
  r.spending.enabled = config.boolean("rules.spending.enabled");
  r.spending.window = config.span("rules.spending.window");
  r.spending.limit = config.number("rules.spending.limit");
  r.country_change.enabled = config.boolean("rules.country-change.enabled");
  r.country_change.window = config.span("rules.country-change.window");
  r.small_then_large.enabled = config.boolean("rules.small-then-large.enabled");
  r.small_then_large.small = config.number("rules.small-then-large.small");
  r.small_then_large.large = config.number("rules.small-then-large.large");
  r.small_then_large.window = config.span("rules.small-then-large.window");
  if (r.rate.window % r.rate.slide != 0ms)
    refuse_setting(
      "rules.rate.slide", config.at("rules.rate.slide"),
      fmt::format(
        "rules.rate.window ({}) is no multiple of it ({}): choose one that divides the window",
        format_duration(r.rate.window), format_duration(r.rate.slide)));
  if (r.small_then_large.small > r.small_then_large.large)
    refuse_setting(
      "rules.small-then-large.small", config.at("rules.small-then-large.small"),
      fmt::format("it is above rules.small-then-large.large ({}): choose a smaller one", r.small_then_large.large));
  if (!r.any())
    refuse_setting(
      "rules.large-amount.enabled", config.at("rules.large-amount.enabled"),
      "no rule is enabled, so there is nothing to look for: enable one, such as rules.large-amount");
  return r;
}

double in_cents(double amount) noexcept { return std::round(amount * 100); }

} // namespace leat::fraud

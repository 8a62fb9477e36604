#include <leat/apps/fraud_alerts/rules.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <cmath>

namespace leat::fraud {

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
  if (r.rate.window % r.rate.slide != 0ms)
    refuse_setting(
      "rules.rate.slide", config.at("rules.rate.slide"),
      fmt::format(
        "rules.rate.window ({}) is no multiple of it ({}): choose one that divides the window",
        format_duration(r.rate.window), format_duration(r.rate.slide)));
  if (!r.large_amount.enabled && !r.rate.enabled && !r.spending.enabled)
    refuse_setting(
      "rules.large-amount.enabled", config.at("rules.large-amount.enabled"),
      "no rule is enabled, so there is nothing to look for: enable rules.large-amount, rules.rate or rules.spending");
  return r;
}

double in_cents(double amount) noexcept { return std::round(amount * 100); }

} // namespace leat::fraud

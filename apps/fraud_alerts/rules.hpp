#pragma once

#include <leat/apps/fraud_alerts/records.hpp>
#include <leat/base/settings.hpp>
#include <leat/base/time.hpp>

#include <cstdint>
#include <string_view>

namespace leat::fraud {

/// The rules' names, in the configuration and in alerts.
inline constexpr std::string_view large_amount_name = "large-amount";
inline constexpr std::string_view rate_name = "rate";
inline constexpr std::string_view spending_name = "spending";

/// A single transaction above `limit`.
struct large_amount_rule {
  bool enabled = true;
  double limit = 2000;
};

/// More than `limit` transactions of one user in a sliding window.
struct rate_rule {
  bool enabled = true;
  duration window = 1min; ///< a multiple of `slide`
  duration slide = 10s;
  std::int64_t limit = 10;
};

/// More than `limit` spent by one user in a tumbling window.
struct spending_rule {
  bool enabled = true;
  duration window = 10min;
  double limit = 5000;
};

/// What counts as fraud.
struct rules {
  large_amount_rule large_amount;
  rate_rule rate;
  spending_rule spending;
};

/// The rules as `config/fraud-alerts.yaml` and what overrides it say.
/// @throws config_error when the window of `rate` is no multiple of its slide, or no rule is enabled.
[[nodiscard]] rules rules_from(const settings& config);

/// An amount in hundredths, rounded: whole numbers add up to the same sum in any order.
[[nodiscard]] double in_cents(double amount) noexcept;

} // namespace leat::fraud

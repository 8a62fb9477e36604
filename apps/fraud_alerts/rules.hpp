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
inline constexpr std::string_view country_change_name = "country-change";
inline constexpr std::string_view small_then_large_name = "small-then-large";

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

/// A transaction in another country than the user's one before, at most `window` after it.
struct country_change_rule {
  bool enabled = true;
  duration window = 5min;
};

/// An amount below `small` and, at most `window` later, one above `large` of the same user.
struct small_then_large_rule {
  bool enabled = true;
  double small = 1; ///< not above `large`
  double large = 500;
  duration window = 1min;
};

/// What counts as fraud.
struct rules {
  large_amount_rule large_amount;
  rate_rule rate;
  spending_rule spending;
  country_change_rule country_change;
  small_then_large_rule small_then_large;

  /// Whether any rule is enabled.
  [[nodiscard]] bool any() const noexcept;
};

/// The rules as `config/fraud-alerts.yaml` and what overrides it say.
/// @throws config_error when the window of `rate` is no multiple of its slide, what is small is above what is large, or no
/// rule is enabled.
[[nodiscard]] rules rules_from(const settings& config);

/// An amount in hundredths, rounded: whole numbers add up to the same sum in any order.
[[nodiscard]] double in_cents(double amount) noexcept;

} // namespace leat::fraud

#pragma once

#include "payments.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace leat::testing {

/// Limits of the rules of fraud-alerts, as a test sets them.
struct alert_limits {
  double large_amount = 0;
  std::int64_t rate = 0;           ///< payments of one user in a minute
  double spending = 0;             ///< of one user in ten minutes
  std::int64_t country_change = 0; ///< ms between two payments
  double small = 0, large = 0;
  std::int64_t small_then_large = 0; ///< ms between two payments
};

/// The alerts that payments have to raise, each as one line, sorted; by plain loops over all payments. `late` are those
/// that come after their windows have fired and their pairs were judged: of them only single large amounts are seen.
///
/// - large-amount: one for each payment above the limit.
/// - rate: windows of a minute begin every ten seconds; one for each window with more payments than the limit, unless the
///   window ten seconds before it had them too.
/// - spending: one for each ten minutes in which the amounts above zero add up to more than the limit.
/// - country-change: one for each payment in another country than the user's last one, no longer ago than the limit; of two
///   at once, the one with the lesser id is the first.
/// - small-then-large: one for each payment above `large` for which the user's last one from zero to below `small` is no
///   longer ago than the limit.
std::vector<std::string>
expected_alerts(std::span<const payment> payments, const alert_limits& limits, std::span<const payment> late = {});

/// An alert as fraud-alerts writes it, as one such line.
/// @throws std::runtime_error for anything else.
std::string alert_line(const std::string& json);

} // namespace leat::testing

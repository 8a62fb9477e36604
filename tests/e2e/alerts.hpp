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
  std::int64_t rate = 0; ///< payments of one user in a minute
  double spending = 0;   ///< of one user in ten minutes
};

/// The alerts that payments have to raise, each as one line, sorted; by plain loops over all payments. `late` are those
/// that come after their windows have fired: of them only single large amounts are seen.
///
/// - large-amount: one for each payment above the limit.
/// - rate: windows of a minute begin every ten seconds; one for each window with more payments than the limit, unless the
///   window ten seconds before it had them too.
/// - spending: one for each ten minutes in which the amounts above zero add up to more than the limit.
std::vector<std::string>
expected_alerts(std::span<const payment> payments, const alert_limits& limits, std::span<const payment> late = {});

/// An alert as fraud-alerts writes it, as one such line.
/// @throws std::runtime_error for anything else.
std::string alert_line(const std::string& json);

} // namespace leat::testing

#pragma once

#include <leat/apps/fraud_alerts/records.hpp>
#include <leat/apps/fraud_alerts/rules.hpp>

#include <string>
#include <vector>

namespace leat::testing {

/// The alerts for `all`, by plain loops over every transaction and every window, with nothing of the engine.
std::vector<fraud::alert> expected_alerts(const fraud::rules& what, const std::vector<fraud::transaction>& all);

/// An alert as one line of all its fields but the detail, so that alerts can be sorted and compared.
std::string alert_row(const fraud::alert& a);

/// The rows of all alerts, sorted.
std::vector<std::string> alert_rows(const std::vector<fraud::alert>& alerts);

/// The first few rows that only one side has, for a person; empty when both are equal. Both are sorted.
std::string row_differences(const std::vector<std::string>& rows, const std::vector<std::string>& expected);

/// Transactions of a few users in three hours, thick enough around the limits of `strict_rules` that each rule is met
/// exactly, exceeded and missed; amounts of zero, refunds and amounts of the limits are among them. In order of time.
std::vector<fraud::transaction> dense_transactions(std::size_t count, unsigned seed);

/// Limits that `dense_transactions` often meet.
fraud::rules strict_rules();

} // namespace leat::testing

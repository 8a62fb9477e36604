#pragma once

#include <leat/apps/fraud_alerts/demo/fraud_plan.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace leat::fraud {

/// How one rule did.
struct rule_score {
  std::int64_t alerts = 0;
  std::int64_t injected = 0;
  std::int64_t found = 0;
};

/// Compares alerts with the frauds that were injected.
///
/// A fraud is found when its rule raised an alert for its user whose window overlaps it; an alert without window counts for
/// all of the user's frauds of its rule. An alert is false when it matches no fraud of its user, of whatever rule.
class scorecard {
public:
  explicit scorecard(std::vector<injected_fraud> frauds);

  /// Takes fraud `index` out of what must be found: not all of it was fed. Alerts for it are not false.
  void excuse(std::size_t index);

  void add(const alert& raised);

  /// By rule, also of those that raised nothing.
  [[nodiscard]] std::map<std::string, rule_score> by_rule() const;

  [[nodiscard]] std::int64_t alerts() const noexcept { return alerts_; }
  [[nodiscard]] std::int64_t false_alerts() const noexcept { return false_alerts_; }

  /// Whether every fraud was found and nothing else.
  [[nodiscard]] bool perfect() const;

private:
  struct state {
    injected_fraud what;
    bool found = false;
    bool excused = false;
  };

  std::vector<state> frauds_;
  std::unordered_multimap<std::string, std::size_t> by_user_;
  std::map<std::string, std::int64_t> alerts_by_rule_;
  std::int64_t alerts_ = 0;
  std::int64_t false_alerts_ = 0;
};

} // namespace leat::fraud

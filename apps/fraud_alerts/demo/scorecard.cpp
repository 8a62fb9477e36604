#include <leat/apps/fraud_alerts/demo/scorecard.hpp>

#include <utility>

namespace leat::fraud {

namespace {

bool overlap(const alert& a, const injected_fraud& f) {
  return (!a.window_start || *a.window_start <= f.last) && (!a.window_end || *a.window_end > f.first);
}

} // namespace

scorecard::scorecard(std::vector<injected_fraud> frauds) {
  for (auto& f : frauds) {
    by_user_.emplace(f.user_id, frauds_.size());
    frauds_.push_back({std::move(f), false, false});
  }
}

void scorecard::excuse(std::size_t index) { frauds_.at(index).excused = true; }

void scorecard::add(const alert& raised) {
  ++alerts_;
  ++alerts_by_rule_[raised.rule];
  bool known = false;
  const auto [begin, end] = by_user_.equal_range(raised.user_id);
  for (auto at = begin; at != end; ++at) {
    auto& fraud = frauds_[at->second];
    if (!overlap(raised, fraud.what))
      continue;
    known = true;
    if (raised.rule == fraud.what.rule)
      fraud.found = true;
  }
  if (!known)
    ++false_alerts_;
}

std::map<std::string, rule_score> scorecard::by_rule() const {
  std::map<std::string, rule_score> scores;
  for (const auto& [rule, alerts] : alerts_by_rule_)
    scores[rule].alerts = alerts;
  for (const auto& fraud : frauds_) {
    auto& score = scores[fraud.what.rule];
    if (fraud.excused)
      continue;
    ++score.injected;
    score.found += fraud.found ? 1 : 0;
  }
  return scores;
}

bool scorecard::perfect() const {
  for (const auto& [rule, score] : by_rule())
    if (score.found != score.injected)
      return false;
  return false_alerts_ == 0;
}

} // namespace leat::fraud
